import { MLKEM768X25519 } from "@noble/post-quantum/hybrid.js";
import { Decrypter, Encrypter } from "age-encryption";
import { bech32 } from "./base";
import { type Bytes, hex, same, sha256Hex, utf8 } from "./bytes";
import { demand, EnvelopeError, refusing } from "./errors";

export const RECIPIENT_SIZE = 1216;
export const IDENTITY_SIZE = 32;
/** A bound of ours, the server's as well: nobody decides how much is read before a file is refused. */
export const MAX_RECIPIENTS = 128;

const RECIPIENT_PREFIX = "age1pq";
const IDENTITY_PREFIX = "AGE-SECRET-KEY-PQ-";
// 768 coefficients of 12 bits, then the 32-byte seed of the matrix and the X25519 key.
const MLKEM_COEFFICIENTS = 1152;
const MLKEM_Q = 3329;
const CHUNK = 64 * 1024;
const TAG = 16;
const NONCE = 16;
const VERSION = utf8("age-encryption.org/v1\n");
// Unpadded base64 of 1,120 and 32 bytes. Every hybrid stanza is as long as every other.
const STANZA = /^-> mlkem768x25519 [A-Za-z0-9+/]{1494}\n[A-Za-z0-9+/]{43}\n$/;
const STANZA_SIZE = 1557;
const MAC = /^--- [A-Za-z0-9+/]{43}\n$/;
const MAC_SIZE = 48;

/** The raw 1,216-byte recipient (ML-KEM-768 key ‖ X25519 key) of a 32-byte identity seed. */
export function recipientOf(seed: Uint8Array): Bytes {
  demand(seed.length === IDENTITY_SIZE, "identity_length");
  return MLKEM768X25519.getPublicKey(seed) as Bytes;
}

/** How recipients stand in records: SHA-256 over the raw bytes, concatenated in order, hex. */
export function recipientHash(...recipients: Uint8Array[]): string {
  return sha256Hex(...recipients);
}

/** `age1pq1…` of a raw recipient. */
export function toBech32(recipient: Uint8Array): string {
  demand(recipient.length === RECIPIENT_SIZE, "recipient_length");
  return bech32.encode(RECIPIENT_PREFIX, bech32.toWords(recipient));
}

/** The raw recipient of `age1pq1…`. */
export function fromBech32(text: string): Bytes {
  let raw: Bytes;
  try {
    raw = bech32.fromWords(bech32.decode(text).words);
  } catch {
    throw new EnvelopeError("bech32");
  }
  // Writing it back checks the prefix, the letters' case and the spare bits at once.
  demand(raw.length === RECIPIENT_SIZE, "recipient_length");
  demand(toBech32(raw) === text, "bech32");
  return raw;
}

/** The size of the file that seals `length` bytes to so many recipients. */
export function sealedSize(length: number, recipients: number): number {
  const frame = VERSION.length + MAC_SIZE + NONCE;
  return frame + STANZA_SIZE * recipients + length + TAG * Math.max(1, Math.ceil(length / CHUNK));
}

function payloadSize(sealed: number): number {
  const chunks = Math.max(1, Math.ceil(sealed / (CHUNK + TAG)));
  const length = sealed - TAG * chunks;
  demand(length >= 0 && (chunks === 1 || length > CHUNK * (chunks - 1)), "payload_size");
  return length;
}

/**
 * Check the shape of a sealed file without opening it: only `mlkem768x25519` stanzas, each as long as age writes it,
 * and a payload of a size that a sealed file can have. (Spare bits of base64 are left to the reading that follows.)
 * `size`: of the whole file, if `file` is only its beginning, with at least the whole header.
 */
export function inspect(file: Uint8Array, size = file.length): { recipients: number; length: number } {
  demand(same(file.subarray(0, VERSION.length), VERSION), "version");
  let at = VERSION.length;
  let recipients = 0;
  const ascii = (length: number) => String.fromCharCode(...file.subarray(at, at + length));
  for (; ascii(3) === "-> "; recipients += 1) {
    demand(recipients < MAX_RECIPIENTS, "recipients_too_many");
    demand(STANZA.test(ascii(STANZA_SIZE)), "stanza_kind");
    at += STANZA_SIZE;
  }
  demand(recipients > 0, "stanza_none");
  demand(MAC.test(ascii(MAC_SIZE)), "mac_line");
  at += MAC_SIZE + NONCE;
  demand(size >= at, "nonce_truncated");
  return { recipients, length: payloadSize(size - at) };
}

/**
 * Refuse an ML-KEM key with a coefficient that is not reduced (the modulus check of FIPS 203, section 7.2). The library
 * means to check it, but reads twelve bits without reducing them, so that its comparison always holds.
 */
function requireReduced(recipient: Uint8Array): void {
  for (let at = 0; at < MLKEM_COEFFICIENTS; at += 3) {
    const [low = 0, middle = 0, high = 0] = recipient.subarray(at, at + 3);
    demand((low | ((middle & 15) << 8)) < MLKEM_Q && ((middle >> 4) | (high << 4)) < MLKEM_Q, "recipient_key");
  }
}

/**
 * Seal to hybrid recipients (raw, 1,216 bytes each) as one binary age file. None, the same one twice or anything else
 * that is not such a key is refused: age itself would let the first two pass.
 */
export async function sealTo(plaintext: Uint8Array, recipients: readonly Uint8Array[]): Promise<Bytes> {
  demand(recipients.length > 0, "recipients_none");
  demand(recipients.length <= MAX_RECIPIENTS, "recipients_too_many");
  demand(new Set(recipients.map(hex)).size === recipients.length, "recipients_duplicate");
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    encrypter.addRecipient(toBech32(recipient));
    requireReduced(recipient);
  }
  // An X25519 key of low order turns up while sealing, and nothing is sealed.
  const file = await refusing("recipient_key", () => encrypter.encrypt(plaintext));
  // Sealing must never silently reach more or fewer people than were asked for.
  demand(
    inspect(file).recipients === recipients.length && file.length === sealedSize(plaintext.length, recipients.length),
    "seal",
  );
  return file as Bytes;
}

/**
 * Seal a stream of plaintext to the recipient of one identity seed, piece by piece. Whoever reads it must count: the
 * result has the size that `sealedSize` tells, or sealing went wrong.
 */
export async function sealStream(plaintext: ReadableStream<Bytes>, seed: Uint8Array): Promise<ReadableStream<Bytes>> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(toBech32(recipientOf(seed)));
  return (await encrypter.encrypt(plaintext)) as ReadableStream<Bytes>;
}

function decrypterWith(seed: Uint8Array): Decrypter {
  demand(seed.length === IDENTITY_SIZE, "identity_length");
  const decrypter = new Decrypter();
  decrypter.addIdentity(bech32.encodeFromBytes(IDENTITY_PREFIX, seed).toUpperCase());
  return decrypter;
}

/**
 * Open a stream of a sealed file that has been inspected, piece by piece. What comes out is authentic, but that the file
 * ends where it should is known only when the stream does: nothing of it may be shown or kept before that.
 */
export async function openStream(file: ReadableStream<Bytes>, seed: Uint8Array): Promise<ReadableStream<Bytes>> {
  return (await decrypterWith(seed).decrypt(file)) as ReadableStream<Bytes>;
}

/**
 * Open a sealed file with a 32-byte identity seed. The plaintext comes only after the last chunk has been verified.
 * Files with any stanza that is not hybrid are refused before a key is tried.
 */
export async function openWith(file: Uint8Array, seed: Uint8Array): Promise<Bytes> {
  const decrypter = decrypterWith(seed);
  inspect(file);
  return (await refusing("not_opened", () => decrypter.decrypt(file))) as Bytes;
}
