/**
 * Base64 and bech32 as age writes them. The build gives them to age in place of the package that it names, which brings
 * a dozen other alphabets with it.
 */
import { type Bytes, b64, fromB64 } from "./bytes";
import { demand } from "./errors";

const LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"; // pragma: allowlist secret
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const CHECKSUM = 6;

/** With padding. */
export const base64 = { decode: fromB64, encode: b64 };

/** Without padding (RFC 4648, section 3.2); nothing but what `encode` writes is read. */
export const base64nopad = {
  decode(text: string): Bytes {
    demand(!text.includes("="), "value");
    return fromB64(text + "=".repeat(-text.length & 3));
  },
  encode: (bytes: Uint8Array): string => b64(bytes).replaceAll("=", ""),
};

/** The checksum's remainder over 5-bit values (BIP 173). */
function remainder(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (const [bit, word] of GENERATOR.entries()) if ((top >> bit) & 1) sum ^= word;
  }
  return sum;
}

function expanded(prefix: string): number[] {
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function lettersOf(words: readonly number[]): string {
  return words.map((word) => LETTERS[word]).join("");
}

/** Regroup bits, most significant first; `whole`: what is left over is filled up, else it must be less than a group of zeros. */
function regrouped(values: Iterable<number>, from: number, to: number, whole: boolean): number[] {
  const out: number[] = [];
  let held = 0;
  let bits = 0;
  for (const value of values) {
    held = (held << from) | value;
    bits += from;
    for (; bits >= to; bits -= to) out.push((held >> (bits - to)) & ((1 << to) - 1));
    held &= (1 << bits) - 1;
  }
  if (!whole) demand(bits < from && held === 0, "bech32");
  else if (bits > 0) out.push((held << (to - bits)) & ((1 << to) - 1));
  return out;
}

function toWords(bytes: Uint8Array): number[] {
  return regrouped(bytes, 8, 5, true);
}

function fromWords(words: readonly number[]): Bytes {
  return Uint8Array.from(regrouped(words, 5, 8, false));
}

/** The third argument of age's calls lifts a limit of length, which there is none of here. */
function encode(prefix: string, words: readonly number[], _limit?: false): string {
  const lower = prefix.toLowerCase();
  const sum = remainder([...expanded(lower), ...words, ...new Array<number>(CHECKSUM).fill(0)]) ^ 1;
  const check = [25, 20, 15, 10, 5, 0].map((shift) => (sum >>> shift) & 31);
  return `${lower}1${lettersOf([...words, ...check])}`;
}

function decode(text: string, _limit?: false): { prefix: string; words: number[] } {
  const lower = text.toLowerCase();
  demand(text === lower || text === text.toUpperCase(), "bech32");
  const at = lower.lastIndexOf("1");
  const prefix = lower.slice(0, at);
  const words = [...lower.slice(at + 1)].map((letter) => LETTERS.indexOf(letter));
  demand(at > 0 && words.length >= CHECKSUM && !words.includes(-1), "bech32");
  demand(/^[!-~]+$/.test(prefix) && remainder([...expanded(prefix), ...words]) === 1, "bech32");
  return { prefix, words: words.slice(0, -CHECKSUM) };
}

/** Bech32 (BIP 173) of any length, as age uses it. */
export const bech32 = {
  decode,
  decodeToBytes(text: string): { prefix: string; bytes: Bytes } {
    const { prefix, words } = decode(text);
    return { bytes: fromWords(words), prefix };
  },
  encode,
  encodeFromBytes: (prefix: string, bytes: Uint8Array): string => encode(prefix, toWords(bytes)),
  fromWords,
  toWords,
};
