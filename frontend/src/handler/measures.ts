/** Measures of a case: recorded with their amounts, corrected by a new entry, also after closing. */
import type { Json } from "../crypto/canonical";
import { listFiles } from "./attached";
import { Attaching } from "./attaching";
import { type Bench, isWritable, run, written } from "./composers";
import { all, byId, day, fromTemplate, onSubmit, show, slot, text } from "./dom";
import { type Fault, faultOf, stops } from "./faults";
import type { FileRoom } from "./fileroom";
import { unfold } from "./folding";
import { answersOf, fieldOf, formEntry, kronorText, readKronor } from "./forms";
import type { OpenedCase } from "./opened";
import { nameOf } from "./records";
import type { Kronor, Measure } from "./workanswer";

const MOST_TEXT = 100_000;
/** Mildest first. Nobody skips the local step: not every municipality has it. */
const LADDER = ["action_plan", "warning", "local_step", "deauthorisation"];
const LOCAL = "local_step";
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Whole kronor in the page's language. */
function kronor(amount: number): string {
  return kronorText(amount, document.documentElement.lang);
}

/** The steps below `step` that have not been taken; none where a sterner one has. */
export function skippedBy(step: string, taken: readonly string[]): readonly string[] {
  const place = LADDER.indexOf(step);
  if (place < 0 || taken.some((one) => LADDER.indexOf(one) >= place)) return [];
  return LADDER.slice(0, place).filter((one) => one !== LOCAL && !taken.includes(one));
}

function names(steps: readonly string[]): string {
  return steps.map((step) => text(`step-name-${step}`)).join(", ");
}

function factsOf({ amounts, kind, reason, step, takenOn }: Measure): string {
  const told = Object.entries(amounts).map(([name, one]) => `${text(`sum-${name}`)}: ${kronor(one)}`);
  const more =
    kind === "sanction" ? [text(`step-name-${step}`)] : reason === null ? [] : [text(`no-measure-${reason}`)];
  return [day(takenOn), ...more, ...told].join(" · ");
}

function showSums(sums: Kronor): void {
  const rows = Object.entries(sums).map(([name, amount]) => {
    const row = fromTemplate("sum-template");
    row.dataset["sum"] = name;
    slot(row, "name").textContent = text(`sum-${name}`);
    slot(row, "kronor").textContent = kronor(amount);
    return row;
  });
  const place = byId("measure-sums");
  place.replaceChildren(...rows);
  place.hidden = rows.length === 0;
}

/** Make the section work. Gives what shows it for a case as it now is, and what lets go of chosen files. */
export function measuresSection(bench: Bench, files: FileRoom): (opened: OpenedCase | null) => void {
  const form = byId("measure-form", HTMLFormElement);
  const kind = slot(form, "kind", HTMLSelectElement);
  const takenOn = slot(form, "taken_on", HTMLInputElement);
  const step = slot(form, "step", HTMLSelectElement);
  const reason = slot(form, "reason", HTMLSelectElement);
  const description = slot(form, "description", HTMLTextAreaElement);
  const why = slot(form, "why_skipped", HTMLTextAreaElement);
  const withdrawn = slot(form, "withdrawn", HTMLInputElement);
  const cancel = slot(form, "cancel", HTMLButtonElement);
  const attaching = new Attaching(form, bench.limits, bench.worker);
  let correcting: Measure | null = null;
  let shown: OpenedCase | null = null;

  const amountsShown = () => (all("[data-amount]", form) as HTMLElement[]).filter((one) => !one.hidden);
  const amountField = (name: string) => slot(form, name, HTMLInputElement);

  function skipped(): readonly string[] {
    if (kind.value !== "sanction" || withdrawn.checked) return [];
    const mine = correcting?.counts ? correcting.step : null;
    const taken = (shown?.answer.work.measures ?? []).filter((one) => one.counts && one !== correcting);
    // What is corrected does not count as taken by itself.
    return skippedBy(
      step.value,
      mine === null ? (shown?.answer.work.ladder ?? []) : taken.map((one) => one.step ?? ""),
    );
  }

  function lay(): void {
    const amounts = (kind.selectedOptions[0]?.dataset["amounts"] ?? "").split(" ");
    for (const one of all("[data-amount]", form)) one.hidden = !amounts.includes(one.dataset["amount"] ?? "-");
    slot(form, "ladder").hidden = kind.value !== "sanction";
    slot(form, "no_measure").hidden = kind.value !== "no_measure";
    const taken = shown?.answer.work.ladder ?? [];
    slot(form, "taken").textContent =
      taken.length === 0 ? text("ladder-none") : text("ladder-taken", { steps: names(taken) });
    const passed = skipped();
    slot(form, "skips").hidden = passed.length === 0;
    slot(form, "skipped").textContent = text("ladder-skips", { steps: names(passed) });
  }

  function begin(measure: Measure | null): void {
    correcting = measure;
    kind.disabled = measure !== null;
    kind.value = measure?.kind ?? "";
    takenOn.value = measure?.takenOn ?? today();
    for (const one of all("[data-amount]", form)) {
      const name = one.dataset["amount"] ?? "";
      amountField(name).value = measure?.amounts[name]?.toString() ?? "";
    }
    step.value = measure?.step ?? "";
    reason.value = measure?.reason ?? "";
    withdrawn.checked = false;
    show(measure !== null, slot(form, "correcting"), slot(form, "withdrawing"), cancel);
    if (measure !== null) {
      slot(form, "correcting").textContent = text("measure-correcting", { what: text(`measure-${measure.kind}`) });
    }
    lay();
  }

  /** Go on to the entry that now stands in the place of the one that is being corrected, if it still counts. */
  function follow(measures: readonly Measure[]): void {
    let now = measures.find(({ id }) => id === correcting?.id);
    while (now !== undefined && !now.counts) {
      const { id } = now;
      now = measures.find(({ corrects }) => corrects === id);
    }
    if (now === undefined) begin(null);
    else correcting = now;
  }

  const today = () => shown?.answer.date ?? form.dataset["today"] ?? "";

  /** What is wrong, where; or null. */
  function wrong(): Fault | null {
    if (kind.value === "") return { field: kind, why: text("measure-kind-missing") };
    const date = takenOn.value.trim();
    if (!DAY.test(date) || date > today()) return { field: takenOn, why: text("measure-date") };
    for (const one of amountsShown()) {
      const field = amountField(one.dataset["amount"] ?? "");
      if (readKronor(field.value) === null) return { field, why: text("measure-amount") };
    }
    if (kind.value === "sanction" && step.value === "") return { field: step, why: text("measure-step-missing") };
    if (kind.value === "no_measure" && reason.value === "")
      return { field: reason, why: text("measure-reason-missing") };
    if (skipped().length > 0 && why.value.trim() === "") return { field: why, why: text("measure-why-skipped") };
    const { fault } = written(description, MOST_TEXT, attaching);
    return faultOf(description, fault);
  }

  function counted(): { readonly [member: string]: Json } {
    const amounts = Object.fromEntries(
      amountsShown().map((one) => {
        const name = one.dataset["amount"] ?? "";
        return [name, readKronor(amountField(name).value) ?? 0];
      }),
    );
    const facts = {
      amounts,
      kind: kind.value,
      reason: kind.value === "no_measure" ? reason.value : null,
      step: kind.value === "sanction" ? step.value : null,
      taken_on: takenOn.value.trim(),
    };
    const skips = skipped().length > 0;
    return correcting === null ? { facts, skips } : { facts, skips, withdrawn: withdrawn.checked };
  }

  onSubmit(form, async () => {
    if (stops(form, wrong())) return;
    const passed = skipped().length > 0;
    const answers = {
      description: description.value.trim(),
      kind: kind.value,
      ...(passed ? { why_skipped: why.value.trim() } : {}),
    };
    const counts = counted();
    const id = correcting?.id ?? null;
    const save = (path: string) => async (desk: Parameters<Parameters<typeof run>[2]>[0]) => {
      await attaching.with((sent) => desk.fill(path, "measure", answers, counts, sent));
      bench.taken(description);
      bench.taken(why);
      begin(null);
    };
    const reference = bench.desk()?.reference ?? "";
    const path = id === null ? `cases/${reference}/measures` : `measures/${id}/correct`;
    await run(form, bench, save(path), (error) => attaching.reason(error));
  });
  for (const one of [kind, step, withdrawn]) one.addEventListener("change", lay);
  cancel.addEventListener("click", () => begin(null));

  function line(opened: OpenedCase, measure: Measure): HTMLElement {
    const made = fromTemplate("measure-template");
    made.dataset["measure"] = measure.kind;
    made.dataset["counts"] = String(measure.counts);
    const entry = formEntry(opened, measure.record, measure.kind === "handed_over" ? "handover" : "measure");
    const answers = answersOf(entry);
    slot(made, "what").textContent = text(`measure-${measure.kind}`);
    slot(made, "facts").textContent = factsOf(measure);
    slot(made, "told").textContent =
      entry === null
        ? text("measure-unread")
        : [fieldOf(answers, "description"), fieldOf(answers, "why_skipped")].filter((one) => one !== "").join("\n");
    slot(made, "who").textContent = text("measure-by", {
      date: day(measure.recordedOn),
      name: nameOf(opened, measure.member),
    });
    const state = slot(made, "state");
    state.hidden = measure.counts;
    state.textContent = text(measure.withdrawn ? "measure-withdrawn" : "measure-corrected");
    const button = slot(made, "correct", HTMLButtonElement);
    button.hidden = !measure.counts || measure.kind === "handed_over" || !isWritable(opened);
    slot(made, "of").textContent = text(`measure-${measure.kind}`);
    button.addEventListener("click", () => {
      begin(measure);
      unfold(form);
      takenOn.focus();
    });
    if (entry !== null) listFiles(slot(made, "files"), opened, entry, files);
    return made;
  }

  begin(null);
  return (opened) => {
    const before = shown;
    shown = opened;
    slot(form, "send", HTMLButtonElement).disabled = opened === null || !isWritable(opened);
    const measures = opened?.answer.work.measures ?? [];
    byId("measure-list").replaceChildren(
      ...(opened === null ? [] : measures.map((one) => line(opened, one)).reverse()),
    );
    showSums(opened?.answer.work.sums ?? {});
    if (opened === null) {
      attaching.clear();
      if (before !== null) begin(null);
      return;
    }
    // Somebody else may have corrected what I was correcting: what I wrote stays, and now corrects theirs.
    if (correcting !== null) follow(measures);
    lay();
  };
}
