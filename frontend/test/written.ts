// Records written by hand, so that a test can put into them what the program never would.

import assert from "node:assert/strict";
import { type Bytes, concat, sha256, u32, utf8 } from "../src/crypto/bytes";
import { canonical } from "../src/crypto/canonical";
import { EnvelopeError } from "../src/crypto/errors";
import { sign, verificationKey } from "../src/crypto/keys";
import { pad } from "../src/crypto/padding";
import { type Header, readRecord } from "../src/crypto/record";
import { REFERENCE, seedOf } from "./case";

export const SIGNING = seedOf("signing");
export const KEY = verificationKey(SIGNING);

/** A body, and a short one. */
export const HI = canonical({ text: "Hej" });

/** The header of a message from the source, with all that tests have no opinion about. */
export const MESSAGE: Omit<Header, "len" | "attachments" | "recipient"> = {
  v: 1,
  case: REFERENCE,
  gen: "a".repeat(64),
  stream: "dialogue",
  epoch: 0,
  kind: "message",
  seq: 1,
  prev: "b".repeat(64),
  from: "source",
  sealed_by: "browser",
  at: "2026-11-22",
};

/** The plaintext of a record with any header and the signature of somebody who holds the key. */
export function written(header: Uint8Array, body: Uint8Array = HI): Bytes {
  const signature = sign(concat(utf8("tipportal/record/v1\0"), header, sha256(body)), SIGNING);
  return pad(concat(u32(header.length), header, signature, body));
}

/** Why reading is refused, or `none`. */
export function refusal(plaintext: Uint8Array): string {
  try {
    readRecord(plaintext);
  } catch (error) {
    assert.ok(error instanceof EnvelopeError, String(error));
    return error.reason;
  }
  return "none";
}
