import { type Bytes, b64, concat, fromB64, hex, sha256Hex, utf8 } from "./bytes";
import { canonical, type Json } from "./canonical";
import { demand, EnvelopeError } from "./errors";
import { sign, verifies } from "./keys";
import * as shape from "./shape";

const CONTEXT = utf8("tipportal/change/v1\0");
const EXPIRES = /^.{10}T([01]\d|2[0-3])(:[0-5]\d){2}Z$/;

export const CHANGE_KINDS = [
  "register",
  "policy",
  "channel",
  "decision",
  "invite",
  "keys",
  "account",
  "trustees",
  "ceremony",
  "directory",
  "clock",
  "recover_case",
  "restore",
  "publish",
] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/**
 * What two administrators sign (section 5a). `payload` is the digest of the canonical payload; `base` the version of
 * what the change builds on.
 */
export interface ChangeAct {
  readonly installation: string;
  readonly kind: ChangeKind;
  readonly payload: string;
  readonly base: number;
  readonly expires: string;
  readonly nonce: string;
}

/** The digest by which an act carries its payload. */
export function changePayloadDigest(payload: Json): string {
  return sha256Hex(canonical(payload));
}

/** Read a change as it travels. */
export function readChange(value: unknown): ChangeAct {
  const read = shape.exactly(value, "installation", "kind", "payload", "base", "expires", "nonce");
  const expires = shape.string(read["expires"]);
  shape.date(expires.slice(0, 10));
  demand(EXPIRES.test(expires), "value");
  return {
    installation: hex(shape.hexBytes(read["installation"], 16)),
    kind: shape.oneOf(read["kind"], ...CHANGE_KINDS),
    payload: shape.digest(read["payload"]),
    base: shape.count(read["base"]),
    expires,
    nonce: hex(shape.hexBytes(read["nonce"], 16)),
  };
}

/** The bytes that proposer and approver sign. */
export function changeBytes(act: ChangeAct): Bytes {
  return concat(CONTEXT, canonical({ ...act }));
}

/** Sign a change: base64 of the signature. */
export function signChange(act: ChangeAct, signingSeed: Uint8Array): string {
  return b64(sign(changeBytes(act), signingSeed));
}

/** Whether the key (base64) signed this change. */
export function changeSignedBy(act: ChangeAct, signature: string, key: string): boolean {
  try {
    return verifies(fromB64(signature), changeBytes(act), fromB64(key));
  } catch (error) {
    if (error instanceof EnvelopeError) return false;
    throw error;
  }
}
