/** What members have filled in, found again by the digest that a row or an act names. No DOM. */
import { sha256Hex } from "../crypto/bytes";
import type { Entry } from "../crypto/chain";
import type { FormAnswers } from "../crypto/dialogue";
import { isMembers } from "../crypto/shape";
import type { OpenedCase } from "./opened";

/** Only what is verified is found: a form that failed is none. */
export type FormEntry = Entry & { readonly ok: true };

/** A verified form of this name whose age file has this digest. */
export function formEntry({ work }: Pick<OpenedCase, "work">, digest: string, name: string): FormEntry | null {
  const found = work.entries.find(({ row }) => row.kind === "form" && sha256Hex(row.file) === digest);
  return found?.ok && isMembers(found.body) && found.body["form"] === name ? found : null;
}

export function answersOf(entry: FormEntry | null): FormAnswers {
  const body = entry?.body;
  return isMembers(body) && isMembers(body["answers"]) ? (body["answers"] as FormAnswers) : {};
}

/** The text of one field, empty where there is none. */
export function fieldOf(answers: FormAnswers, name: string): string {
  const found = answers[name];
  return typeof found === "string" ? found : "";
}

/** What was chosen in one field. */
export function choicesOf(answers: FormAnswers, name: string): readonly string[] {
  const found = answers[name];
  return Array.isArray(found) ? found : [];
}

/** Whole kronor as somebody writes them, with spaces or without; null for anything else. */
export function readKronor(written: string): number | null {
  const bare = written.replace(/[\s\u00a0\u202f]/g, "").replace(/kr$/i, "");
  if (!/^\d{1,13}$/.test(bare)) return null;
  const found = Number(bare);
  return found <= 1e12 ? found : null;
}

/** Whole kronor as people here read them. */
export function kronorText(kronor: number, language: string): string {
  return `${kronor.toLocaleString(language || "sv")} kr`;
}
