/** Forms of the dialogue: sealed to the source and the members, and shown as text. */
import type { Json } from "../crypto/canonical";
import type { Entry } from "../crypto/chain";
import { type FormAnswers, writeForm } from "../crypto/dialogue";
import { isMembers } from "../crypto/shape";
import { hasText, text } from "./dom";
import { ATTEMPTS, type Desk } from "./writing";

/** Send a form to the source, with what is counted of it. @throws Problem, EnvelopeError; nothing is lost */
export async function offer(
  desk: Desk,
  form: string,
  answers: FormAnswers,
  counted: { readonly [member: string]: Json } = {},
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const sealed = await writeForm(form, answers, "dialogue", desk.place("dialogue"));
    const body = { ...counted, form, record: sealed.record };
    if (await desk.sent(`cases/${desk.reference}/forms`, body, sealed.fileDigest, attempt)) break;
  }
  await desk.refresh();
}

/** The name and the answers of a form that was verified, or null for any other record. */
export function formOf(entry: Entry): { readonly name: string; readonly answers: FormAnswers } | null {
  if (!entry.ok || entry.header.kind !== "form" || !isMembers(entry.body)) return null;
  return { answers: entry.body["answers"] as FormAnswers, name: String(entry.body["form"]) };
}

/** What a form is called. */
export function formName(name: string): string {
  return text(hasText(`form-${name}`) ? `form-${name}` : "kind-form");
}

/** Fields that hold keys and no words. What they mean stands beside the form, and of a measure before its words. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  checklist: ["checklist", "done"],
  handover: ["basis", "recipient"],
  measure: ["kind"],
};

/** What a form says, in lines. One that is not known is shown as it is: nothing is ever hidden. */
export function formText({ answers, name }: { readonly name: string; readonly answers: FormAnswers }): string {
  const lines = (field: string): readonly string[] => {
    const value = answers[field] ?? [];
    return typeof value === "string" ? [value] : value;
  };
  if (!hasText(`form-${name}`)) {
    const keys = KEYS[name] ?? [];
    const named = keys.flatMap(lines).map((key) => `${name}-${key}`);
    const written = Object.keys(answers).filter((field) => !keys.includes(field));
    return [...named.filter(hasText).map((key) => text(key)), ...written.flatMap(lines)].join("\n");
  }
  const words = (field: string) =>
    lines(field).map((value) => (hasText(`${field}-${value}`) ? text(`${field}-${value}`) : value));
  const said = [...words("mode"), ...words("verdict"), ...lines("slot"), ...lines("text")];
  return [...said, ...lines("slots").map((slot) => `• ${slot}`)].filter((line) => line !== "").join("\n");
}
