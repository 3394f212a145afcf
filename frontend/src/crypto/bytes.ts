import { sha256 as digest } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { demand, EnvelopeError } from "./errors";

/** Bytes that WebCrypto takes as well: never over shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Text as UTF-8. */
export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** UTF-8 as text; malformed UTF-8 is refused, a byte order mark is kept (and so refused by whoever parses). */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new EnvelopeError("json");
  }
}

export function concat(...parts: Uint8Array[]): Bytes {
  return concatBytes(...parts) as Bytes;
}

/** Whether two byte strings are equal. Not in constant time: for digests and public values only. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

/** Read lower-case hex of exactly `length` bytes. */
export function fromHex(text: string, length: number): Bytes {
  demand(text.length === 2 * length && /^[0-9a-f]*$/.test(text), "value");
  return hexToBytes(text) as Bytes;
}

/** Standard base64 with padding (RFC 4648 section 4). */
export function b64(bytes: Uint8Array): string {
  let text = "";
  // In slices: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** Read what `b64` writes and nothing else: `atob` alone forgives spaces, missing padding and stray bits. */
export function fromB64(text: string): Bytes {
  let decoded: string;
  try {
    decoded = atob(text);
  } catch {
    throw new EnvelopeError("value");
  }
  demand(btoa(decoded) === text, "value");
  return Uint8Array.from(decoded, (character) => character.charCodeAt(0));
}

/** Base64url without padding (RFC 4648 section 5), for the lookup header. */
export function b64url(bytes: Uint8Array): string {
  return b64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Four bytes, big-endian. */
export function u32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

export function sha256(...parts: Uint8Array[]): Bytes {
  return digest(concat(...parts)) as Bytes;
}

/** SHA-256 over the parts together, in hex: how digests stand in JSON. */
export function sha256Hex(...parts: Uint8Array[]): string {
  return hex(sha256(...parts));
}
