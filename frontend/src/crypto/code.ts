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

/**
 * Words for the first `amount` × 11 bits, taken big-endian. Two bytes or more per word's share are not needed:
 * 2,048 words divide the bits evenly, so every word is equally likely.
 */
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

/** What somebody wrote as a code, read: the code, or what is wrong with it. */
export type ReadCode =
  | { readonly ok: true; readonly code: string }
  | { readonly ok: false; readonly count: number; readonly unknown: readonly number[] };

let byPrefix: ReadonlyMap<string, string> | undefined;

/** The word that a token stands for: the full word, or its first four letters or more. */
function wordOf(token: string): string | undefined {
  byPrefix ??= new Map(words.map((word) => [word.slice(0, PREFIX), word]));
  const word = token.length < PREFIX ? undefined : byPrefix.get(token.slice(0, PREFIX));
  return word?.startsWith(token) ? word : undefined;
}

/**
 * Read a code as people write it: capitals, any separators, words cut after four letters or more. When it is not nine
 * known words: how many there are, and which of them (from 1) are not in the list.
 */
export function readCode(written: string): ReadCode {
  const tokens =
    written
      .normalize("NFKC")
      .toLowerCase()
      .match(/\p{L}+/gu) ?? [];
  const found = tokens.map(wordOf);
  const unknown = found.flatMap((word, index) => (word === undefined ? [index + 1] : []));
  if (tokens.length !== CODE_WORDS || unknown.length > 0) return { ok: false, count: tokens.length, unknown };
  return { ok: true, code: found.join(" ") };
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
  demand(read.ok && read.code === code, "code");
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
