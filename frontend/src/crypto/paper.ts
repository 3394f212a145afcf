/** A 32-byte secret on paper: six rows of four words, each with two check digits; `docs/protocol.md` section 3. */

import words from "virtual:wordlist";
import { type Bytes, concat, same, sha256, utf8 } from "./bytes";
import { readWords, wordsFrom } from "./code";
import { demand, EnvelopeError } from "./errors";
import { SEED_SIZE } from "./keys";

const CONTEXT = utf8("tipportal/paper/v1\0");
const ROWS = 6;
const ROW_WORDS = 4;
const WORD_BITS = 11;
const MAX_TYPED = 1024;

export interface PaperRow {
  readonly words: readonly string[];
  /** "00" to "99". */
  readonly check: string;
}

/** What was typed is not what stands on a paper; `rows` (from 1) are those that are wrong, where that can be told. */
export class PaperError extends EnvelopeError {
  constructor(
    reason: "paper_words" | "paper_check",
    readonly rows: readonly number[] = [],
  ) {
    super(reason);
  }
}

function tail(secret: Uint8Array): Bytes {
  return sha256(CONTEXT, secret).subarray(0, 1);
}

function checkOf(row: number, line: readonly string[]): string {
  const digest = sha256(CONTEXT, utf8(`${row} ${line.join(" ")}`));
  return String(new DataView(digest.buffer, digest.byteOffset).getUint32(0) % 100).padStart(2, "0");
}

/** The six rows of a secret. */
export function paperRows(secret: Uint8Array): PaperRow[] {
  demand(secret.length === SEED_SIZE, "identity_length");
  const listed = wordsFrom(concat(secret, tail(secret)), ROWS * ROW_WORDS);
  return Array.from({ length: ROWS }, (_, at) => {
    const line = listed.slice(at * ROW_WORDS, (at + 1) * ROW_WORDS);
    return { check: checkOf(at + 1, line), words: line };
  });
}

/** Read what somebody typed back: each row its four words (four letters suffice), then its two digits. */
export function readPaper(typed: string): Bytes {
  const found = typed.length > MAX_TYPED ? [] : [...typed.matchAll(/([^0-9]+)([0-9]{1,4})/g)];
  const rest = typed.replaceAll(/[^0-9]+[0-9]{1,4}/g, "").trim();
  if (found.length !== ROWS || rest !== "") throw new PaperError("paper_words");
  const read = found.map(([, line = "", check], at) => ({ check, read: readWords(line, ROW_WORDS), row: at + 1 }));
  const unknown = read.filter((one) => !one.read.ok).map((one) => one.row);
  if (unknown.length > 0) throw new PaperError("paper_words", unknown);
  const lines = read.map((one) => (one.read.ok ? one.read.text.split(" ") : []));
  const wrong = read.filter((one, at) => one.check !== checkOf(one.row, lines[at] ?? [])).map((one) => one.row);
  if (wrong.length > 0) throw new PaperError("paper_check", wrong);
  const places = new Map(words.map((word, place) => [word, place]));
  const bits = lines.flat().map((word) => (places.get(word) ?? 0).toString(2).padStart(WORD_BITS, "0"));
  const bytes = bits.join("").match(/.{8}/g) ?? [];
  const entropy = Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2));
  const secret = entropy.slice(0, SEED_SIZE);
  if (!same(entropy.subarray(SEED_SIZE), tail(secret))) throw new PaperError("paper_check");
  return secret;
}
