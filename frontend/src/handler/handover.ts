/** Handing over by two, the links by which recipients are asked, and what they answered. */
import { openApart } from "../crypto/apart";
import { b64url, concat, fromHex, sha256Hex } from "../crypto/bytes";
import type { FormAnswers } from "../crypto/dialogue";
import { EnvelopeError } from "../crypto/errors";
import { isMembers } from "../crypto/shape";
import { explain, post } from "./api";
import { type Bench, isWritable, run, written } from "./composers";
import { proposeHandover } from "./deciding";
import { all, byId, day, fromTemplate, onSubmit, painted, say, slot, text } from "./dom";
import { type Fault, faultOf, stops } from "./faults";
import { answersOf, fieldOf, formEntry, kronorText } from "./forms";
import { nameIn, printSheet, saveText, sheetText } from "./handovertext";
import { type OpenedCase, present } from "./opened";
import type { Answered, Ask, Handover } from "./workanswer";

const MOST_TEXT = 100_000;
const TOKEN_SIZE = 32;
/** Shorter words stand in any text. */
const LEAST_TELLING = 5;
type Told = "given" | "withheld" | "not_needed";

/** Make the section work. Gives what shows it for a case as it now is. */
export function handoverSection(bench: Bench): (opened: OpenedCase | null) => void {
  const form = byId("hand_over-form", HTMLFormElement);
  const section = byId("step-hand_over");
  const recipient = slot(form, "recipient", HTMLSelectElement);
  const basis = slot(form, "basis", HTMLSelectElement);
  const content = slot(form, "content", HTMLTextAreaElement);
  const to = slot(form, "to", HTMLInputElement);
  const weighing = slot(form, "weighing", HTMLTextAreaElement);
  const hinders = slot(form, "hinders", HTMLTextAreaElement);
  const reasons = slot(form, "reasons", HTMLTextAreaElement);
  const read = slot(form, "read", HTMLInputElement);
  const sheet = slot(form, "sheet");
  /** Links that were made here, by handover and months: shown once, and only until the page is locked. */
  const links = new Map<string, string>();

  const toldOf = () => form.querySelector<HTMLInputElement>("input[name='handover-told']:checked")?.value ?? "";
  const weighs = () => basis.selectedOptions[0]?.dataset["weighing"] !== undefined;

  function lay(): void {
    const elected = recipient.selectedOptions[0]?.dataset["elected"] !== undefined;
    for (const option of [...basis.options].slice(1)) {
      const named = (option.dataset["recipients"] ?? "").split(" ").filter((one) => one !== "");
      const may = elected ? option.value === "result_only" : named.length === 0 || named.includes(recipient.value);
      option.hidden = !may;
      option.disabled = !may;
    }
    if (basis.selectedOptions[0]?.disabled) basis.value = "";
    for (const one of all("[data-basis]", form)) one.hidden = one.dataset["basis"] !== basis.value;
    slot(form, "weighs").hidden = !weighs();
    slot(form, "why_withheld").hidden = toldOf() !== "withheld";
  }

  function filled(): FormAnswers {
    return {
      basis: basis.value,
      content: content.value.trim(),
      recipient: recipient.value,
      to: to.value.trim(),
      ...(weighs() ? { weighing: weighing.value.trim() } : {}),
    };
  }

  function wrong(): Fault | null {
    if (recipient.value === "") return { field: recipient, why: text("handover-recipient-missing") };
    if (basis.value === "") return { field: basis, why: text("handover-basis-missing") };
    if (content.value.trim() === "") return { field: content, why: text("handover-content-missing") };
    const told = revealing(bench.desk()?.opened, content.value);
    if (told !== null) return { field: content, why: text("handover-reveals", { what: told }) };
    if (weighs() && weighing.value.trim() === "") return { field: weighing, why: text("handover-weighing-missing") };
    const first = form.querySelector<HTMLElement>("input[name='handover-told']");
    if (toldOf() === "" && first !== null) return { field: first, why: text("handover-told-missing") };
    if (toldOf() === "withheld" && hinders.value.trim() === "") return { field: hinders, why: text("hinders-why") };
    if (!read.checked) return { field: read, why: text("handover-read-missing") };
    const { fault } = written(reasons, MOST_TEXT);
    return faultOf(reasons, fault);
  }

  function textOf(opened: OpenedCase, words: { recipient: string; basis: string; on: string }, answers: FormAnswers) {
    const names = { basis: nameIn(basis, words.basis), recipient: nameIn(recipient, words.recipient) };
    const { reference } = opened.answer;
    return sheetText({ ...names, from: byId("handovers").dataset["from"] ?? "", on: words.on, reference }, answers);
  }

  for (const one of [recipient, basis, ...all("input[name='handover-told']", form)])
    one.addEventListener("change", lay);
  // Whoever changes what was read has not read it.
  for (const one of [content, to]) {
    one.addEventListener("input", () => {
      read.checked = false;
      sheet.hidden = true;
    });
  }
  slot(form, "preview", HTMLButtonElement).addEventListener("click", () => {
    const opened = bench.desk()?.opened;
    if (opened === undefined) return;
    const words = { basis: basis.value, on: opened.answer.date, recipient: recipient.value };
    sheet.textContent = textOf(opened, words, filled());
    sheet.hidden = false;
    sheet.focus();
  });
  onSubmit(form, async () => {
    if (stops(form, wrong())) return;
    const told = toldOf() as Told;
    const against = told === "withheld" ? `\n\n${text("hinders-said")} ${hinders.value.trim()}` : "";
    await run(form, bench, async (desk) => {
      const words = { basis: basis.value, notice: told, recipient: recipient.value };
      await proposeHandover(desk, words, filled(), `${reasons.value.trim()}${against}`);
      for (const field of [content, to, weighing, hinders, reasons]) bench.taken(field);
      read.checked = false;
      sheet.hidden = true;
    });
  });

  async function makeLink(opened: OpenedCase, handover: Handover, ask: Ask, made: HTMLElement): Promise<void> {
    const status = slot(made, "status");
    const token = crypto.getRandomValues(new Uint8Array(TOKEN_SIZE));
    const { epoch, work } = present(opened.work);
    await painted();
    try {
      await post(`handovers/${handover.id}/asks/${ask.months}/link`, { epoch, token: sha256Hex(token) });
      // The keys that the chain names go along, so that no server can put others in their place.
      const page = byId("handovers").dataset["answerUrl"] ?? "";
      links.set(`${handover.id}/${ask.months}`, `${page}#${b64url(concat(token, fromHex(work, 32)))}`);
      await bench.desk()?.refresh();
      bench.shown();
    } catch (error) {
      say(status, explain(error), "bad");
    }
  }

  function askLine(opened: OpenedCase, handover: Handover, ask: Ask): HTMLElement {
    const made = fromTemplate("ask-template");
    const key = `${handover.id}/${ask.months}`;
    made.dataset["months"] = String(ask.months);
    slot(made, "what").textContent = text(ask.link === "none" ? "ask-due" : `ask-${ask.link}`, { months: ask.months });
    const button = slot(made, "make", HTMLButtonElement);
    button.disabled = !isWritable(opened);
    button.addEventListener("click", () => void makeLink(opened, handover, ask, made));
    const link = links.get(key);
    if (link !== undefined) {
      const field = slot(made, "link", HTMLInputElement);
      field.id = `link-${handover.id}-${ask.months}`;
      slot(made, "label", HTMLLabelElement).htmlFor = field.id;
      slot(made, "label").textContent = text("ask-made");
      field.value = link;
      slot(made, "made").hidden = false;
      field.addEventListener("focus", () => field.select());
    }
    return made;
  }

  function answerLine(opened: OpenedCase, handover: Handover, given: Answered): HTMLElement {
    const made = fromTemplate("answer-from-template");
    made.dataset["result"] = given.result;
    const facts = { date: day(given.on), months: given.months, result: text(`result-${given.result}`) };
    slot(made, "what").textContent = text("answer-head", facts);
    slot(made, "facts").textContent =
      given.kronor === null
        ? ""
        : text("answer-kronor", { kronor: kronorText(given.kronor, document.documentElement.lang) });
    const told = slot(made, "told");
    void openAnswer(opened, handover, given).then(
      (content) => {
        if (bench.desk()?.opened === opened) told.textContent = content || text("answer-none");
      },
      (error) => {
        if (!(error instanceof EnvelopeError)) throw error;
        told.textContent = text("answer-unread");
      },
    );
    return made;
  }

  function line(opened: OpenedCase, handover: Handover): HTMLElement {
    const made = fromTemplate("handover-template");
    made.dataset["recipient"] = handover.recipient;
    const names = { basis: nameIn(basis, handover.basis), recipient: nameIn(recipient, handover.recipient) };
    slot(made, "what").textContent = text("handover-line", { ...names, date: day(handover.on) });
    slot(made, "told").textContent = text(`told-${handover.notice}`);
    const entry = formEntry(opened, handover.content, "handover");
    const answers = answersOf(entry);
    const whole = entry === null ? text("handover-unread") : textOf(opened, handover, answers);
    const sent = slot(made, "sheet");
    sent.textContent = whole;
    const weighed = fieldOf(answers, "weighing");
    const place = slot(made, "weighing");
    place.hidden = weighed === "";
    place.textContent = `${text("handover-weighing")}: ${weighed}`;
    const [save, printing] = [slot(made, "save", HTMLButtonElement), slot(made, "print", HTMLButtonElement)];
    save.disabled = entry === null;
    printing.disabled = entry === null;
    const name = text("handover-file", { date: handover.on, reference: opened.answer.reference });
    save.addEventListener("click", () => saveText(whole, name));
    printing.addEventListener("click", () => printSheet(sent));
    slot(made, "asks").replaceChildren(...handover.asks.map((ask) => askLine(opened, handover, ask)));
    slot(made, "answers").replaceChildren(...handover.reports.map((one) => answerLine(opened, handover, one)));
    return made;
  }

  lay();
  return (opened) => {
    if (opened === null) links.clear();
    const waits = opened?.answer.proposals.some((one) => one.kind === "hand_over" && one.state === "open") ?? false;
    form.hidden = waits;
    const why = slot(section, "why");
    why.hidden = !waits;
    why.textContent = waits ? text("step-waits-there") : "";
    slot(form, "send", HTMLButtonElement).disabled = opened === null || waits || !isWritable(opened);
    if (opened === null) {
      sheet.textContent = "";
      sheet.hidden = true;
    }
    const made = opened === null ? [] : opened.answer.work.handovers.map((one) => line(opened, one)).reverse();
    byId("handover-list").replaceChildren(...made);
  };
}

/** A word of what the source wrote as their contact that stands in a text as well, or null. */
export function revealing(opened: Pick<OpenedCase, "dialogue"> | undefined, content: string): string | null {
  const first = opened?.dialogue.entries.find(({ row }) => row.kind === "report");
  const body = first?.ok ? first.body : null;
  const answers = isMembers(body) && isMembers(body["answers"]) ? (body["answers"] as FormAnswers) : {};
  const words = fieldOf(answers, "contact").split(/[\s,;:()]+/);
  const written = content.toLowerCase();
  return words.find((word) => [...word].length >= LEAST_TELLING && written.includes(word.toLowerCase())) ?? null;
}

/** What a recipient wrote. Nobody has signed it: whoever held the link may have written it. */
async function openAnswer(opened: OpenedCase, handover: Handover, given: Answered): Promise<string> {
  const seed = opened.seeds.get(given.epoch) ?? null;
  if (seed === null) throw new EnvelopeError("no_key");
  const body = await openApart(given.file, seed);
  const about =
    isMembers(body) &&
    body["v"] === 1 &&
    body["case"] === opened.answer.reference &&
    body["handover"] === handover.id &&
    body["months"] === given.months;
  if (!about || !isMembers(body["answers"])) throw new EnvelopeError("value");
  return fieldOf(body["answers"] as FormAnswers, "text");
}

/** What an act would hand over, for its card. Throws nothing: what does not open is said. */
export function contentOf(opened: Pick<OpenedCase, "work">, digest: string): string {
  const entry = formEntry(opened, digest, "handover");
  if (entry === null) return text("handover-unread");
  const answers = answersOf(entry);
  const weighed = fieldOf(answers, "weighing");
  const told = [fieldOf(answers, "to"), fieldOf(answers, "content")].filter((one) => one !== "");
  return [...told, ...(weighed === "" ? [] : [`${text("handover-weighing")}: ${weighed}`])].join("\n\n");
}
