/** The check of what was written, the same as the server's (`tipportal/domain/answers.py`), before anything is sealed. */

const LINE_BREAKS = /\r\n|[\r\v\f\u0085\u2028\u2029]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f]|\p{Surrogate}/gu;
const PERSON = /^(?:[0-9]{2})?[0-9]{2}[01][0-9]{3}[-+]?[0-9]{4}$/;
const ORGANISATION = /^([0-9]{6})-?([0-9]{4})$/;

export type Answers = Readonly<Record<string, string | readonly string[]>>;

/** What is wrong with an answer: the name of a text of the page, and its numbers. */
export interface AnswerFault {
  readonly field: string;
  readonly text: string;
  readonly values?: Readonly<Record<string, number>>;
}

/** How many code points a text has, as the server counts. */
export function countOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The text stripped, with LF as line break and nothing unprintable; `oneLine` makes breaks spaces. */
export function normalText(text: string, oneLine: boolean): string {
  const normal = text.replace(LINE_BREAKS, "\n").replace(UNPRINTABLE, "\ufffd").trim();
  return oneLine ? normal.replaceAll("\n", " ") : normal;
}

function luhn(digits: string): boolean {
  const sum = Array.from(digits, Number).reduce((total, digit, place) => {
    const weighted = digit * (2 - (place % 2));
    return total + Math.floor(weighted / 10) + (weighted % 10);
  }, 0);
  return sum % 10 === 0;
}

/** An organisation number as `NNNNNN-NNNN`, or the name of the text that says what is wrong with it. */
export function organisationNumber(text: string): { readonly number: string } | { readonly fault: string } {
  const compact = text
    .normalize("NFKC")
    .replace(/[\u2010-\u2014\u2212]/g, "-")
    .replace(/\s/g, "");
  if (PERSON.test(compact)) return { fault: "org_person" };
  const match = ORGANISATION.exec(compact);
  if (match === null) return { fault: "org_form" };
  return luhn(`${match[1]}${match[2]}`) ? { number: `${match[1]}-${match[2]}` } : { fault: "org_checksum" };
}

/** A field as it stands in the page. */
export interface Field {
  readonly name: string;
  /** `typed` in one line or several, or `chosen` among choices of which several may be chosen. */
  readonly kind: "line" | "lines" | "choice" | "choices";
  readonly values: readonly string[];
}

/** Check all fields: the answers, in the order of the questions and without what was left empty, and every fault. */
export function checkAnswers(
  fields: readonly Field[],
  limits: Readonly<Record<string, number>>,
  required: readonly string[],
): { readonly answers: Record<string, string | string[]>; readonly faults: readonly AnswerFault[] } {
  const answers: Record<string, string | string[]> = {};
  const faults: AnswerFault[] = [];
  for (const { kind, name, values } of fields) {
    if (kind === "choices") {
      if (values.length > 0) answers[name] = [...values];
      continue;
    }
    let text = kind === "choice" ? (values[0] ?? "") : normalText(values[0] ?? "", kind === "line");
    const limit = limits[name];
    const count = countOf(text);
    if (limit !== undefined && count > limit) {
      faults.push({ field: name, text: "too_long", values: { count, limit } });
      continue;
    }
    if (name === "org_number" && text !== "") {
      const read = organisationNumber(text);
      if ("fault" in read) {
        faults.push({ field: name, text: read.fault });
        continue;
      }
      text = read.number;
    }
    if (text !== "") answers[name] = text;
    else if (required.includes(name)) faults.push({ field: name, text: "required" });
  }
  return { answers, faults };
}
