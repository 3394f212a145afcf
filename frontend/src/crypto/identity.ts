/** A handler's own keys. For the handler face only: brings scrypt along, which the source's side does without. */
import { Decrypter, Encrypter } from "age-encryption";
import { recipientOf } from "./age";
import { type Bytes, b64, concat, sha256, utf8 } from "./bytes";
import { canonical, parseCanonical } from "./canonical";
import { type ReadWords, readWords, wordsFrom } from "./code";
import { demand, refusing } from "./errors";
import { randomBytes, SEED_SIZE, sign, verificationKey } from "./keys";
import * as shape from "./shape";

/** Seven words are 77 bits, beyond guessing even without the work factor. */
const PASSPHRASE_WORDS = 7;
const WORK_FACTOR = 16;
const MAX_WORK_FACTOR = 18;
const HEADER =
  /^age-encryption\.org\/v1\n-> scrypt [A-Za-z0-9+/]{22} ([1-9][0-9]?)\n[A-Za-z0-9+/]{43}\n--- [A-Za-z0-9+/]{43}\n/;
const LONGEST_HEADER = 200;
const PROOF = utf8("tipportal/enrol/v1\0");
const WRAP_NONCE = 12;

/** Both secrets of a handler: 32 bytes each. */
export interface HandlerKeys {
  readonly signing: Uint8Array;
  readonly age: Uint8Array;
}

/** New keys, made in the browser at enrolment. */
export function makeHandlerKeys(random = randomBytes): HandlerKeys {
  return { age: random(SEED_SIZE), signing: random(SEED_SIZE) };
}

/** A passphrase made by the machine: seven words of the case codes' list. */
export function machinePassphrase(random: (length: number) => Uint8Array = randomBytes): string {
  return wordsFrom(random(Math.ceil((PASSPHRASE_WORDS * 11) / 8)), PASSPHRASE_WORDS).join(" ");
}

/** Read a passphrase as somebody typed it. */
export function readPassphrase(written: string): ReadWords {
  return readWords(written, PASSPHRASE_WORDS);
}

/** The one form of a passphrase that goes into the key derivation. */
function normalised(passphrase: string): string {
  const read = readPassphrase(passphrase);
  demand(read.ok, "words");
  return read.text;
}

/** Both secrets as they stand inside an identity file. */
export function keysJson(keys: HandlerKeys): Bytes {
  demand(keys.age.length === SEED_SIZE && keys.signing.length === SEED_SIZE, "identity_length");
  return canonical({ age: b64(keys.age), signing: b64(keys.signing) });
}

/** What an opened identity file holds. */
export function readKeys(plaintext: Uint8Array): HandlerKeys {
  const read = shape.exactly(parseCanonical(plaintext), "signing", "age");
  return { age: shape.bytes(read["age"], SEED_SIZE), signing: shape.bytes(read["signing"], SEED_SIZE) };
}

/** The identity file: both secrets as an age file under the passphrase (scrypt). */
export async function sealIdentity(keys: HandlerKeys, passphrase: string, workFactor = WORK_FACTOR): Promise<Bytes> {
  demand(workFactor <= MAX_WORK_FACTOR, "work_factor");
  const encrypter = new Encrypter();
  encrypter.setPassphrase(normalised(passphrase));
  encrypter.setScryptWorkFactor(workFactor);
  return (await encrypter.encrypt(keysJson(keys))) as Bytes;
}

/**
 * Open an identity file. Only one passphrase stanza is taken, and no work factor above 2¹⁸: a file from a server must
 * not decide how long a browser works.
 */
export async function openIdentity(file: Uint8Array, passphrase: string): Promise<HandlerKeys> {
  const header = HEADER.exec(String.fromCharCode(...file.subarray(0, LONGEST_HEADER)));
  demand(header !== null, "stanza_kind");
  demand(Number(header[1]) <= MAX_WORK_FACTOR, "work_factor");
  const decrypter = new Decrypter();
  decrypter.addPassphrase(normalised(passphrase));
  return readKeys(await refusing("not_opened", () => decrypter.decrypt(file)));
}

/** What the server learns of a handler. */
export function publicKeys(keys: HandlerKeys): { recipient: Bytes; verificationKey: Bytes } {
  return { recipient: recipientOf(keys.age), verificationKey: verificationKey(keys.signing) };
}

/** Proof at enrolment that whoever holds the token also holds the signing key, and means this recipient. */
export function enrolmentProof(keys: HandlerKeys, token: string): Bytes {
  return sign(concat(PROOF, sha256(utf8(token)), recipientOf(keys.age)), keys.signing);
}

async function storageKey(raw: Uint8Array, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  demand(raw.length === 32, "storage_key");
  return crypto.subtle.importKey("raw", Uint8Array.from(raw), "AES-GCM", false, [use]);
}

/** Wrap unlocked keys for `sessionStorage` (AES-256-GCM): nonce ‖ ciphertext. The server's session holds the key. */
export async function wrapKeys(keys: HandlerKeys, key: Uint8Array): Promise<Bytes> {
  const iv = randomBytes(WRAP_NONCE);
  const using = await storageKey(key, "encrypt");
  return concat(iv, new Uint8Array(await crypto.subtle.encrypt({ iv, name: "AES-GCM" }, using, keysJson(keys))));
}

/** Unwrap what `wrapKeys` made; with another key, or changed, it is refused. */
export async function unwrapKeys(wrapped: Uint8Array, key: Uint8Array): Promise<HandlerKeys> {
  const using = await storageKey(key, "decrypt");
  const iv = Uint8Array.from(wrapped.subarray(0, WRAP_NONCE));
  const content = Uint8Array.from(wrapped.subarray(WRAP_NONCE));
  const opened = await refusing("not_opened", () => crypto.subtle.decrypt({ iv, name: "AES-GCM" }, using, content));
  return readKeys(new Uint8Array(opened));
}
