import words from "virtual:wordlist";
import { recipientOf } from "./age";
import { type Bytes, concat, hex, sha256Hex, utf8 } from "./bytes";
import { demand } from "./errors";
import { hkdf, randomBytes, verificationKey } from "./keys";

/** Nine words of 11 bits: 99 bits, beyond any guessing. */
export const CODE_WORDS = 9;
export const INSTALLATION_SIZE = 16;
const WORD_BITS = 11;
const ITERATIONS = 600_000;
const PREFIX = 4;
// Nine words take at most 80 characters: what is longer than this is not a code, and nothing more is done with it.
const MAX_TYPED = 1024;

/** Words for the first `amount` × 11 bits, taken big-endian: each of the 2,048 words is equally likely. */
export function wordsFrom(random: Uint8Array, amount: number): string[] {
  demand(words.length === 2 ** WORD_BITS && random.length * 8 >= amount * WORD_BITS, "words");
  const bits = Array.from(random, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return Array.from({ length: amount }, (_, place) => {
    const index = Number.parseInt(bits.slice(place * WORD_BITS, (place + 1) * WORD_BITS), 2);
    return words[index] ?? "";
  });
}

/** A new case code: nine words, separated by single spaces. Codes are never chosen by people. */
export function generateCode(random: (length: number) => Uint8Array = randomBytes): string {
  return wordsFrom(random(Math.ceil((CODE_WORDS * WORD_BITS) / 8)), CODE_WORDS).join(" ");
}

/** What somebody wrote, read as words of the list: the words, or what is wrong with them. */
export type ReadWords =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly count: number; readonly unknown: readonly number[] };

let byPrefix: ReadonlyMap<string, string> | undefined;

/** The word that a token stands for: the full word, or its first four letters or more. */
function wordOf(token: string): string | undefined {
  byPrefix ??= new Map(words.map((word) => [word.slice(0, PREFIX), word]));
  const word = token.length < PREFIX ? undefined : byPrefix.get(token.slice(0, PREFIX));
  return word?.startsWith(token) ? word : undefined;
}

/**
 * Read words as people write them: capitals, any separators, cut after four letters or more. `text` is the full words
 * with single spaces. When they are not `amount` known words: how many there are, and which (from 1) are unknown.
 */
export function readWords(written: string, amount: number): ReadWords {
  if (written.length > MAX_TYPED) return { count: 0, ok: false, unknown: [] };
  const tokens =
    written
      .normalize("NFKC")
      .toLowerCase()
      .match(/\p{L}+/gu) ?? [];
  const found = tokens.map(wordOf);
  const unknown = found.flatMap((word, index) => (word === undefined ? [index + 1] : []));
  if (tokens.length !== amount || unknown.length > 0) return { count: tokens.length, ok: false, unknown };
  return { ok: true, text: found.join(" ") };
}

/** Read a case code as somebody typed it. */
export function readCode(written: string): ReadWords {
  return readWords(written, CODE_WORDS);
}

/** Everything that a source's code gives, for one installation. It exists in memory only. */
export interface SourceKeys {
  /** The installation that the keys were derived for, hex: elsewhere the same code gives other keys. */
  readonly installation: string;
  /** Identity seed of the source. */
  readonly seed: Bytes;
  readonly recipient: Bytes;
  readonly signingSeed: Bytes;
  readonly verificationKey: Bytes;
  readonly lookupToken: Bytes;
  /** What the server keeps of the token: SHA-256, hex. */
  readonly lookupDigest: string;
}

/**
 * Derive a source's keys from a canonical code (as `generateCode` and `readCode` give it): PBKDF2 in WebCrypto, 0.1 to
 * 0.3 s, then one label for each use.
 */
export async function deriveKeys(code: string, installationId: Uint8Array): Promise<SourceKeys> {
  demand(installationId.length === INSTALLATION_SIZE, "installation");
  const read = readCode(code);
  demand(read.ok && read.text === code, "code");
  const password = await crypto.subtle.importKey("raw", utf8(code), "PBKDF2", false, ["deriveBits"]);
  const salt = concat(installationId, utf8("/case-code/v1"));
  const how = { hash: "SHA-256", iterations: ITERATIONS, name: "PBKDF2", salt };
  const root = new Uint8Array(await crypto.subtle.deriveBits(how, password, 256));
  const seed = hkdf(root, "tipportal/v1/source/age");
  const signingSeed = hkdf(root, "tipportal/v1/source/ed25519");
  const lookupToken = hkdf(root, "tipportal/v1/source/lookup");
  return {
    installation: hex(installationId),
    seed,
    recipient: recipientOf(seed),
    signingSeed,
    verificationKey: verificationKey(signingSeed),
    lookupToken,
    lookupDigest: sha256Hex(lookupToken),
  };
}
