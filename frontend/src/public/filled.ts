/** Forms of the dialogue: what they say, and the answers that the source gives to them. */
import type { Entry } from "../crypto/chain";
import type { FormAnswers } from "../crypto/dialogue";
import { normalText } from "./answers";
import type { CaseWords } from "./dialogue";
import type { Reply } from "./message";
import type { OpenCase } from "./opened";
import { copyOf, make, say, slot } from "./page";

interface Filled {
  readonly name: string;
  readonly answers: FormAnswers;
}

/** The form that a record is, or null for any other. */
export function formOf(entry: Entry | null): Filled | null {
  if (!entry?.ok || entry.header.kind !== "form") return null;
  // The chain has checked the shape of the body.
  const { answers, form } = entry.body as unknown as { readonly answers: FormAnswers; readonly form: string };
  return { answers, name: form };
}

function several({ answers }: Filled, field: string): readonly string[] {
  const value = answers[field] ?? [];
  return typeof value === "string" ? [value] : value;
}

/** What a form says, in lines. One that is not known is shown as it is: nothing is ever hidden. */
export function formText(form: Filled, words: CaseWords): string {
  const of = (field: string) => several(form, field);
  if (words.forms[form.name] === undefined) return Object.keys(form.answers).flatMap(of).join("\n");
  const named = (field: string) => of(field).map((value) => words.words[value] ?? value);
  const said = [...named("mode"), ...named("verdict"), ...of("slot"), ...of("text")];
  return [...said, ...of("slots").map((one) => `• ${one}`)].filter((line) => line !== "").join("\n");
}

/** A form of members that the source has not answered: the fields for that, and what sends it. */
export function answerForm(
  entry: Entry,
  { facts, stream }: OpenCase,
  words: CaseWords,
  send: (reply: Reply) => void,
  refuse: (text: string) => void,
): HTMLElement[] {
  const form = formOf(entry);
  if (!entry.ok || form === null || entry.header.from === "source" || facts.state === "locked") return [];
  const minutes = form.name === "minutes";
  const { seq } = entry.header;
  const answered = stream.entries.some(
    (other) => other.ok && other.header.from === "source" && formOf(other)?.answers["to"] === String(seq),
  );
  if (answered || !(minutes || form.name === "slots")) return [];
  const page = copyOf("#answer").firstElementChild as HTMLElement;
  const text = slot<HTMLTextAreaElement>(page, "text");
  text.dataset["to"] = String(seq);
  slot(page, minutes ? "slots" : "minutes").remove();
  slot(page, "unapproved").hidden = !minutes || facts.mayApprove;
  const button = (label: string, verdict: string, slot?: string) => {
    const second = verdict === "corrected" || verdict === "none_suits" ? " govuk-button--secondary" : "";
    const made = make("button", { class: `govuk-button${second}`, type: "button" }, label);
    made.addEventListener("click", () => {
      const written = normalText(text.value, false);
      if (verdict === "corrected" && written === "") return refuse(say(words.texts, "correct_empty"));
      const name = minutes ? "minutes_answer" : "slot_choice";
      const said = { to: String(seq), verdict, ...(slot === undefined ? {} : { slot }) };
      // An approval corrects nothing.
      const added = written === "" || verdict === "approved" ? {} : { text: written };
      send({ answers: seq, form: name, said: { ...said, ...added }, verdict });
    });
    return made;
  };
  const approve = facts.mayApprove ? [button(say(words.texts, "approve"), "approved")] : [];
  slot(page, "buttons").append(
    ...(minutes
      ? [...approve, button(say(words.texts, "correct"), "corrected")]
      : [
          ...several(form, "slots").map((one) => button(one, "chosen", one)),
          button(say(words.texts, "none_suits"), "none_suits"),
        ]),
  );
  return [page];
}
