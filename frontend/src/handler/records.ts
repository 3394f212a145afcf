/** Reports, messages, notes and decisions on the page. A record that failed is shown as failed, never left out. */
import type { Entry } from "../crypto/chain";
import type { EpochState } from "../crypto/epoch";
import { isMembers, type Members } from "../crypto/shape";
import { type FileActions, listFiles } from "./attached";
import { readOn } from "./careanswer";
import { formName, formOf, formText } from "./dialogueforms";
import { all, byId, day, fromTemplate, slot, text } from "./dom";
import { type OpenedCase, textOf } from "./opened";

/** How an author is named here: the source, a colleague by name, or myself. */
export function nameOf(opened: OpenedCase, from: string): string {
  if (from === "source") return text("author-source");
  if (from === "staff") return text("author-staff");
  const name = opened.answer.names.get(from) ?? from;
  return from === opened.answer.me ? text("author-me", { name }) : name;
}

function failed(kind: string, seq: number, reason: string): HTMLElement {
  const card = fromTemplate("failed-template");
  card.dataset["kind"] = kind;
  slot(card, "reason").textContent = text("record-failed", { reason, seq });
  return card;
}

function record(opened: OpenedCase, entry: Entry & { readonly ok: true }, files: FileActions): HTMLElement {
  const { at, from, kind, sealed_by: sealedBy } = entry.header;
  const card = fromTemplate("record-template");
  card.dataset["from"] = from;
  card.dataset["kind"] = kind;
  card.classList.toggle("record--mine", from === opened.answer.me);
  slot(card, "author").textContent = nameOf(opened, from);
  const form = formOf(entry);
  slot(card, "kind").textContent = form === null ? text(`kind-${kind}`) : formName(form.name);
  slot(card, "sealed").hidden = sealedBy !== "server";
  const date = slot<HTMLTimeElement>(card, "date");
  date.dateTime = at;
  date.textContent = day(at);
  const body = slot(card, "body");
  const said = form === null ? textOf(entry) : formText(form);
  body.textContent = said || (entry.header.attachments.length > 0 ? text("only-files") : "");
  body.classList.toggle("quiet", !said);
  // What the source has been shown of ours, by the day: they read no notes.
  const on =
    entry.header.stream === "dialogue" && from !== "source" ? readOn(opened.answer.care, entry.header.seq) : null;
  const read = slot(card, "read");
  read.hidden = on === null;
  read.textContent = on === null ? "" : text("read-by-source", { date: day(on) });
  listFiles(slot(card, "files"), opened, entry, files);
  return card;
}

/** Who reads from an epoch on, and did not before; and who no longer does. Standbys read nothing until they step in. */
function changesAt({ work }: OpenedCase, epoch: number): { came: string[]; left: string[] } {
  const readers = (state: EpochState | undefined) =>
    (state?.members ?? []).filter(({ role }) => role === "panel").map(({ id }) => id);
  const [before, now] = [readers(work.epochs[epoch - 1]), readers(work.epochs[epoch])];
  return { came: now.filter((id) => !before.includes(id)), left: before.filter((id) => !now.includes(id)) };
}

function epochLine(opened: OpenedCase, entry: Entry & { readonly ok: true }): HTMLElement {
  const line = fromTemplate("event-template");
  const { at, epoch, from } = entry.header;
  const { came, left } = changesAt(opened, epoch);
  const told = [
    text("event-epoch", { date: day(at), name: nameOf(opened, from) }),
    ...left.map((id) => text("event-left", { name: nameOf(opened, id) })),
    ...came.map((id) => text("event-came", { name: nameOf(opened, id) })),
  ];
  line.textContent = told.join(" ");
  return line;
}

function shown(opened: OpenedCase, entry: Entry, files: FileActions): HTMLElement {
  if (!entry.ok) return failed(entry.row.kind, entry.row.seq, entry.reason);
  return entry.row.kind === "epoch" ? epochLine(opened, entry) : record(opened, entry, files);
}

function fill(place: HTMLElement, made: HTMLElement[], empty: string): void {
  if (made.length === 0) {
    const line = fromTemplate("empty-template");
    line.textContent = text(empty);
    made.push(line);
  }
  place.replaceChildren(...made);
}

/** What the source answered and chose, under the questions of the form, in their order and in its words. */
export function answersUnder(
  entry: Entry,
  routing: Entry | undefined,
): { readonly answer: string; readonly field: string; readonly question: string }[] {
  const body = entry.ok && isMembers(entry.body) ? entry.body : {};
  const facts = routing?.ok && isMembers(routing.body) ? routing.body : {};
  const answers: Members = { ...facts, ...(isMembers(body["answers"]) ? body["answers"] : {}) };
  const questions = all("[data-question]", byId("questions", HTMLTemplateElement).content);
  const known = new Map(questions.map((one) => [one.dataset["question"] ?? "", one]));
  const order = [...known.keys(), ...Object.keys(answers).filter((name) => !known.has(name))];
  return order.flatMap((name) => {
    const answer = answers[name];
    if (answer === undefined || answer === "" || (Array.isArray(answer) && answer.length === 0)) return [];
    const question = known.get(name);
    const label = (value: string) =>
      all("[data-value]", question ?? document.createElement("div"))
        .find((choice) => choice.dataset["value"] === value)
        ?.textContent?.trim() ?? value;
    const values = Array.isArray(answer) ? answer.map(String) : [String(answer)];
    return [{ answer: values.map(label).join("\n"), field: name, question: question?.dataset["label"] ?? name }];
  });
}

/** Where the source's choices of the form are kept: the work stream's first record. */
export function routingOf({ work }: OpenedCase): Entry[] {
  return work.entries.filter(({ row }) => row.kind === "facts" && row.seq === 0);
}

function report(entry: Entry, routing: Entry | undefined): Node[] {
  return answersUnder(entry, routing).map(({ answer, field, question }) => {
    const row = fromTemplate("answer-template");
    row.dataset["field"] = field;
    slot(row, "question").textContent = question;
    slot(row, "answer").textContent = answer;
    return row;
  });
}

/** Put an opened case on the page: report, dialogue and notes, with their files. */
export function showRecords(opened: OpenedCase, files: FileActions): void {
  const { dialogue, work } = opened;
  const first = dialogue.entries.filter(({ row }) => row.kind === "report");
  const routing = routingOf(opened);
  const faults = [...first, ...routing].filter((entry) => !entry.ok).map((entry) => shown(opened, entry, files));
  // Every case began with both. One that the server leaves out has no row that could fail.
  if (first.length === 0 && opened.answer.dialogueNext === null) faults.push(failed("report", 0, "missing"));
  if (routing.length === 0) faults.push(failed("facts", 0, "missing"));
  byId("report-faults").replaceChildren(...faults);
  if (first.length === 0) byId("report-files").replaceChildren();
  byId("report").replaceChildren(...first.flatMap((entry) => report(entry, routing[0])));
  for (const entry of first) if (entry.ok) listFiles(byId("report-files"), opened, entry, files);
  const told = dialogue.entries.filter(({ row }) => row.kind !== "report");
  const noted = work.entries.filter((one) => one.row.kind === "note" || (!one.ok && one.row.kind !== "facts"));
  const made = (entry: Entry): HTMLElement => shown(opened, entry, files);
  fill(byId("dialogue"), told.map(made), "dialogue-empty");
  fill(byId("notes"), noted.map(made), "notes-empty");
}

/** Take everything that was opened off the page. */
export function clearRecords(): void {
  for (const id of ["report", "report-faults", "report-files", "dialogue", "notes", "cards", "decided", "log"]) {
    byId(id).replaceChildren();
  }
}
