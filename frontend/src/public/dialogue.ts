/** A case on the page: its state and dates, and every record of the dialogue in its place. */

import type { Json } from "../crypto/canonical";
import type { Entry } from "../crypto/chain";
import { fileList, type OpenFile } from "./downloads";
import type { OpenCase } from "./opened";
import { day, make, say, slot, type Texts } from "./page";

/** The words that the page hands over for a case. */
export interface CaseWords {
  readonly texts: Texts;
  readonly states: Texts;
  readonly meanings: Texts;
  readonly due: Texts;
  readonly due_labels: Texts;
  readonly sealed: Texts;
  readonly authors: Texts;
  readonly kinds: Texts;
  /** Field and label of each question, in their order, by form. */
  readonly labels: Readonly<Record<string, readonly (readonly [string, string])[]>>;
  readonly choices: Readonly<Record<string, Texts>>;
}

function dayOrHidden(page: ParentNode, name: string, value: string | null): void {
  const place = slot(page, name);
  place.replaceChildren(...(value === null ? [] : [day(value)]));
  if (place.parentElement !== null) place.parentElement.hidden = value === null;
}

/** Fill the page's state and dates in. */
export function showFacts(page: ParentNode, { beginning, facts }: OpenCase, words: CaseWords): void {
  slot(page, "organisation").textContent = facts.organisationName;
  slot(page, "reference").textContent = facts.reference;
  slot(page, "state").textContent = words.states[facts.state] ?? facts.state;
  slot(page, "meaning").textContent = words.meanings[facts.state] ?? "";
  dayOrHidden(page, "received_on", facts.receivedOn);
  dayOrHidden(page, "acknowledged_on", facts.acknowledgedOn);
  dayOrHidden(page, "feedback_on", facts.feedbackOn);
  dayOrHidden(page, "closed_on", facts.closedOn);
  slot(page, "feedback_by").replaceChildren(day(facts.feedbackBy));
  slot(page, "due_label").textContent = words.due_labels[facts.channel] ?? "";
  slot(page, "due").textContent = words.due[facts.channel] ?? "";
  const due = slot(page, "due_row");
  due.dataset["strict"] = facts.feedbackBy;
  due.dataset["target"] = facts.feedbackTarget;
  const sealed = slot(page, "sealed");
  // What the signed beginning says, not what the server tells now.
  sealed.dataset["by"] = beginning.sealedBy;
  sealed.textContent = words.sealed[beginning.sealedBy] ?? "";
}

type Answers = { readonly [field: string]: string | readonly string[] };

function answerText(field: string, answer: string | readonly string[], words: CaseWords): string {
  const choices = words.choices[field];
  const values = typeof answer === "string" ? [answer] : answer;
  const unknown = (value: string) => (value.includes(":") ? say(words.texts, "party") : value);
  return values.map((value) => (choices === undefined ? value : (choices[value] ?? unknown(value)))).join("\n");
}

function answersOf(body: Json, words: CaseWords): HTMLElement {
  // The chain has checked the shape of a report's body.
  const { answers, form } = body as unknown as { readonly answers: Answers; readonly form: string };
  const list = make("dl", { class: "record-body answers" });
  for (const [field, label] of words.labels[form] ?? []) {
    const answer = answers[field];
    if (answer !== undefined) {
      list.append(make("dt", {}, label), make("dd", {}, answerText(field, answer, words)));
    }
  }
  return list;
}

function bodyOf(entry: Entry | null, words: CaseWords): HTMLElement {
  if (!entry?.ok) return make("div", { class: "record-body" }, say(words.texts, "failed_record"));
  if (entry.header.kind === "report") return answersOf(entry.body, words);
  const text = entry.header.kind === "epoch" ? "" : (entry.body as { readonly text: string }).text;
  if (text === "" && entry.header.attachments.length > 0) {
    return make("div", { class: "record-body quiet" }, say(words.texts, "only_files"));
  }
  return make("div", { class: "record-body" }, text);
}

/** Every record with its files, those that could not be verified marked as such. */
export function showRecords(
  place: HTMLElement,
  { facts, stream, written }: OpenCase,
  words: CaseWords,
  open: OpenFile,
): void {
  function shown(entry: Entry | null, kind: string, author: string, date: string, sizes: readonly number[] = []) {
    // Who wrote it is what the signature says; the server's word stands only where nothing could be verified.
    const from = (entry?.ok ? entry.header.from : author) === "source" ? "source" : "staff";
    const head = make(
      "header",
      { class: "record__head" },
      make("strong", {}, words.authors[from] ?? ""),
      make("span", {}, words.kinds[kind] ?? ""),
      day(date),
    );
    const failed = entry?.ok ? "" : " record--failed";
    const article = make("article", { class: `record${failed}`, "data-from": from }, head, bodyOf(entry, words));
    if (entry?.ok && entry.header.attachments.length > 0) {
      article.append(fileList(entry.header.seq, entry.header.attachments, sizes, words.texts, open));
    }
    return article;
  }
  const all = stream.entries.map((entry, index) => {
    const { author, date, files } = written[index] ?? { author: "", date: facts.receivedOn, files: [] };
    return shown(entry, entry.row.kind, author, date, files);
  });
  // Every dialogue began with what was sent in. One that the server leaves out has no row that could fail.
  if (!stream.entries.some(({ row }) => row.seq === 0)) all.unshift(shown(null, "report", "source", facts.receivedOn));
  place.replaceChildren(...all);
}
