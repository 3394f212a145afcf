/** A case on the page: its state and dates, and every record of the dialogue in its place. */

import type { Json } from "../crypto/canonical";
import type { Entry } from "../crypto/chain";
import type { Member } from "../crypto/genesis";
import { fileList, type OpenFile } from "./downloads";
import { formOf, formText } from "./filled";
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
  /** Names of the forms of the dialogue, and words for how to meet and what was answered. */
  readonly forms: Texts;
  readonly words: Texts;
  /** Field and label of each question, in their order, by form. */
  readonly labels: Readonly<Record<string, readonly (readonly [string, string])[]>>;
  readonly choices: Readonly<Record<string, Texts>>;
}

function dayOrHidden(page: ParentNode, name: string, value: string | null): void {
  const place = slot(page, name);
  place.replaceChildren(...(value === null ? [] : [day(value)]));
  if (place.parentElement !== null) place.parentElement.hidden = value === null;
}

/** Who reads what is written now, by function: each as this case names them, never by name. */
function readers({ functions, next, stream }: OpenCase, texts: Texts): HTMLElement[] {
  // Who has left reads nothing that comes; the keys that make it so are made before the next message.
  const members = next?.members ?? stream.epochs.at(-1)?.members ?? [];
  const groups = new Set(members.map((member) => member.function));
  return [...groups].flatMap((group) => {
    const ids = panelOf(members.filter((member) => member.function === group)).join(", ");
    const values = { function: String(functions[group]), ids };
    return ids === "" ? [] : [make("div", {}, say(texts, "readers", values))];
  });
}

/** Fill the page's state and dates in. */
export function showFacts(page: ParentNode, opened: OpenCase, words: CaseWords): void {
  const { beginning, facts } = opened;
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
  slot(page, "readers").replaceChildren(...readers(opened, words.texts));
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

/** The panel of an epoch, by pseudonym. */
function panelOf(members: readonly Pick<Member, "id" | "role">[] = []): string[] {
  return members.filter(({ role }) => role === "panel").map(({ id }) => id);
}

/** What a new epoch means for its source: who no longer reads, and who now does. */
function changes({ recovered, stream: { epochs } }: OpenCase, epoch: number, texts: Texts): string {
  const before = panelOf(epochs[epoch - 1]?.members);
  const now = panelOf(epochs[epoch]?.members);
  const told = (name: string, ids: string[], others: string[]) =>
    ids.filter((id) => !others.includes(id)).map((id) => say(texts, name, { id }));
  const words = recovered.get(epoch);
  const by = words === undefined ? [] : [say(texts, "recovered", { fingerprint: words })];
  return (
    [...told("member_left", before, now), ...told("member_came", now, before), ...by].join(" ") ||
    say(texts, "members_same")
  );
}

function bodyOf(entry: Entry | null, words: CaseWords, changed: string): HTMLElement {
  if (!entry?.ok) return make("div", { class: "record-body" }, say(words.texts, "failed_record"));
  if (entry.header.kind === "report") return answersOf(entry.body, words);
  const form = formOf(entry);
  if (form !== null) return make("div", { class: "record-body" }, formText(form, words));
  const text = entry.header.kind === "epoch" ? changed : (entry.body as { readonly text: string }).text;
  if (text === "" && entry.header.attachments.length > 0) {
    return make("div", { class: "record-body quiet" }, say(words.texts, "only_files"));
  }
  return make("div", { class: "record-body" }, text);
}

/** Every record with its files, those that could not be verified marked as such. */
export function showRecords(
  place: HTMLElement,
  opened: OpenCase,
  words: CaseWords,
  open: OpenFile,
  answering: (entry: Entry) => readonly HTMLElement[],
): void {
  const { facts, stream, written } = opened;
  function shown(entry: Entry | null, kind: string, author: string, date: string, sizes: readonly number[] = []) {
    // Who wrote it is what the signature says; the server's word stands only where nothing could be verified.
    const from = (entry?.ok ? entry.header.from : author) === "source" ? "source" : "staff";
    const head = make(
      "header",
      { class: "record__head" },
      make("strong", {}, words.authors[from] ?? ""),
      make("span", {}, words.forms[formOf(entry)?.name ?? ""] ?? words.kinds[kind] ?? ""),
      day(date),
    );
    const failed = entry?.ok ? "" : " record--failed";
    const article = make(
      "article",
      { class: `record${failed}`, "data-from": from },
      head,
      bodyOf(entry, words, entry?.ok ? changes(opened, entry.header.epoch, words.texts) : ""),
    );
    if (entry?.ok && entry.header.attachments.length > 0) {
      article.append(fileList(entry.header.seq, entry.header.attachments, sizes, words.texts, open));
    }
    if (entry?.ok) {
      const { seq } = entry.header;
      const days = from === "source" ? facts.read.filter((one) => one.by === "group" && one.seq >= seq) : [];
      const first = days.map(({ on }) => on).sort()[0];
      if (first !== undefined)
        article.append(make("p", { class: "quiet read" }, `${words.texts["read"]} `, day(first)));
      article.append(...answering(entry));
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
