import { ed25519 } from "@noble/curves/ed25519.js";
import { hkdf as noble } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, utf8 } from "./bytes";
import { demand, EnvelopeError } from "./errors";

export const SEED_SIZE = 32;
export const VERIFICATION_KEY_SIZE = 32;
export const SIGNATURE_SIZE = 64;

/** `length` bytes from the browser's source of randomness. */
export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** HKDF-SHA-256 (RFC 5869) with an empty salt: 32 bytes for one use, named by the label. */
export function hkdf(secret: Uint8Array, label: string): Bytes {
  return noble(sha256, secret, undefined, utf8(label), 32) as Bytes;
}

/** The seed of an epoch's dialogue identity: whoever may read the work stream may read the dialogue, not the reverse. */
export function dialogueSeed(workSeed: Uint8Array): Bytes {
  demand(workSeed.length === SEED_SIZE, "identity_length");
  return hkdf(workSeed, "tipportal/v1/dialogue");
}

/** The Ed25519 verification key (32 bytes) of a 32-byte seed. */
export function verificationKey(seed: Uint8Array): Bytes {
  demand(seed.length === SEED_SIZE, "identity_length");
  return ed25519.getPublicKey(seed) as Bytes;
}

/**
 * Refuse bytes that are no verification key. A key of small order is none: one signature under it fits many messages,
 * so it would bind its owner to nothing.
 */
export function requireKey(key: Uint8Array): void {
  let small: boolean;
  try {
    small = ed25519.Point.fromBytes(key, false).isSmallOrder();
  } catch {
    throw new EnvelopeError("key");
  }
  demand(!small, "key");
}

/** Sign with Ed25519 (RFC 8032): 64 bytes, the same for the same message. */
export function sign(message: Uint8Array, seed: Uint8Array): Bytes {
  demand(seed.length === SEED_SIZE, "identity_length");
  return ed25519.sign(message, seed) as Bytes;
}

/** Whether the signature is good. False for anything malformed too. */
export function verifies(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_SIZE || key.length !== VERIFICATION_KEY_SIZE) return false;
  try {
    // RFC 8032's own rules rather than ZIP 215's: keys of small order and unreduced encodings are refused, so that
    // what holds here holds for the server's library as well.
    return ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}
