/** Checklists of a case: ticks and notes under seal, how far each has come in clear. */
import { explain, Problem } from "./api";
import { type Bench, isWritable } from "./composers";
import { all, byId, onSubmit, painted, say, slot, text } from "./dom";
import { answersOf, choicesOf, fieldOf, formEntry } from "./forms";
import type { OpenedCase } from "./opened";

/** What stands in a checklist: keys of ticked items, and notes by item, "" for the list's own. */
interface Filled {
  readonly done: readonly string[];
  readonly notes: ReadonlyMap<string, string>;
}

interface List {
  readonly key: string;
  readonly form: HTMLFormElement;
  /** The form in the case that this one is written from. */
  base: string | null;
}

const boxes = (form: HTMLElement) => all("input[type='checkbox']", form) as HTMLInputElement[];
const notes = (form: HTMLElement) => all("textarea[data-note]", form) as HTMLTextAreaElement[];

function read(form: HTMLElement): Filled {
  return {
    done: boxes(form).flatMap((box) => (box.checked ? [box.value] : [])),
    notes: new Map(notes(form).map((field) => [field.dataset["note"] ?? "", field.value.trim()])),
  };
}

/** Whether somebody has changed a field here since it was saved. A note that is not saved is a draft like any other. */
const isMine = (field: HTMLElement) => field.dataset["mine"] !== undefined;

function setMine(field: HTMLElement, mine: boolean): void {
  if (mine) field.dataset["mine"] = "";
  else delete field.dataset["mine"];
  if (field instanceof HTMLTextAreaElement) field.toggleAttribute("data-draft", mine);
}

/** Put in what is saved, but for what somebody is changing here. */
function write(form: HTMLElement, filled: Filled): void {
  for (const box of boxes(form)) if (!isMine(box)) box.checked = filled.done.includes(box.value);
  for (const field of notes(form)) {
    if (!isMine(field)) field.value = filled.notes.get(field.dataset["note"] ?? "") ?? "";
  }
}

/** What a saved form holds; an item that the list no longer has is left out. */
function saved(opened: OpenedCase, key: string): Filled {
  const progress = opened.answer.work.checklists.get(key);
  const answers = progress === undefined ? {} : answersOf(formEntry(opened, progress.record, "checklist"));
  const found = Object.keys(answers).flatMap((name): [string, string][] =>
    name === "notes"
      ? [["", fieldOf(answers, name)]]
      : name.startsWith("note_")
        ? [[name.slice(5), fieldOf(answers, name)]]
        : [],
  );
  return { done: choicesOf(answers, "done"), notes: new Map(found) };
}

/** Another's version, in words beside my own. */
function told(form: HTMLElement, { done, notes: written }: Filled): string {
  const labels = boxes(form).flatMap((box) => (done.includes(box.value) ? [box.labels?.[0]?.textContent?.trim()] : []));
  const ticked =
    labels.length === 0 ? text("checklist-nothing") : text("checklist-ticked", { items: labels.join("; ") });
  return [ticked, ...[...written.values()].filter((note) => note !== "")].join(" ");
}

/** Make the section work. Gives what shows it for a case as it now is. */
export function checklistsSection(bench: Bench): (opened: OpenedCase | null) => void {
  const lists: List[] = (all("[data-checklist]", byId("checklists")) as HTMLElement[]).map((place) => {
    const key = place.dataset["checklist"] ?? "";
    return { base: null, form: byId(`checklist-${key}`, HTMLFormElement), key };
  });

  async function save(list: List): Promise<void> {
    const desk = bench.desk();
    if (desk === null) return;
    const { form, key } = list;
    const status = slot(form, "status");
    const button = slot(form, "send", HTMLButtonElement);
    const { done, notes: written } = read(form);
    const noted = [...written].filter(([, note]) => note !== "");
    const answers = {
      checklist: key,
      done,
      ...Object.fromEntries(noted.map(([item, note]) => [item === "" ? "notes" : `note_${item}`, note])),
    };
    say(status, text("sending"));
    button.disabled = true;
    await painted();
    try {
      const counted = { done: done.length, replaces: list.base };
      await desk.fill(`cases/${desk.reference}/checklists/${key}`, "checklist", answers, counted);
      for (const field of [...boxes(form), ...notes(form)]) setMine(field, false);
      say(status, text("checklist-done"), "good");
    } catch (error) {
      if (error instanceof Problem && error.code === "conflict" && bench.desk() === desk) {
        // Saving once more says that mine is to hold, now that I have seen theirs.
        list.base = desk.opened.answer.work.checklists.get(key)?.record ?? null;
        say(status, text("checklist-changed", { theirs: told(form, saved(desk.opened, key)) }), "bad");
      } else {
        say(status, explain(error), "bad");
      }
    }
    bench.shown();
  }

  for (const list of lists) {
    onSubmit(list.form, () => save(list));
    list.form.addEventListener("input", ({ target }) => {
      if (target instanceof HTMLElement) setMine(target, true);
    });
  }

  return (opened) => {
    for (const list of lists) {
      const { form, key } = list;
      const progress = opened?.answer.work.checklists.get(key);
      const chip = slot(form.closest("details") as HTMLElement, "progress");
      chip.hidden = progress === undefined;
      chip.textContent = text("checklist-progress", { done: progress?.done ?? 0, of: progress?.of ?? 0 });
      slot(form, "send", HTMLButtonElement).disabled = opened === null || !isWritable(opened);
      if (opened === null) {
        // Notes that were not saved have been sealed as drafts; ticks are made again.
        for (const box of boxes(form)) setMine(box, false);
        write(form, { done: [], notes: new Map() });
        say(slot(form, "status"), "");
        continue;
      }
      // What is begun is held against what it was begun from, also after the page has been locked.
      const begun = [...boxes(form), ...notes(form)].some(isMine);
      if (!begun) list.base = progress?.record ?? null;
      write(form, saved(opened, key));
    }
  };
}
