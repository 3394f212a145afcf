import { type Bytes, b64, concat, fromB64, sha256Hex, utf8 } from "./bytes";
import { canonical, type Json } from "./canonical";
import { demand, EnvelopeError } from "./errors";
import { sign, verifies } from "./keys";
import * as shape from "./shape";

const CONTEXT = utf8("tipportal/act/v1\0");
const EXPIRES = /^.{10}T([01]\d|2[0-3])(:[0-5]\d){2}Z$/;
const NONCE = /^[0-9a-f]{32}$/;

export const OUTCOMES = [
  "confirmed",
  "partly_confirmed",
  "unfounded",
  "cannot_be_investigated",
  "not_covered",
  "referred",
] as const;

/** `reasons`: SHA-256 of the age file of the assessment record that says why. */
export type ActPayload =
  | { readonly kind: "assess"; readonly covered: boolean; readonly reasons: string }
  | { readonly kind: "close"; readonly outcome: (typeof OUTCOMES)[number]; readonly reasons: string };

/** What two different people sign (section 5). `payload` is the digest of the canonical payload. */
export interface Act {
  readonly case: string;
  readonly genesis: string;
  readonly epoch: number;
  readonly kind: ActPayload["kind"];
  readonly payload: string;
  readonly policy: number;
  readonly directory: number;
  readonly expires: string;
  readonly nonce: string;
}

/** The payload as JSON: without its kind, which the act carries. */
export function payloadBody(payload: ActPayload): Json {
  const { kind: _, ...body } = payload;
  return body;
}

export function payloadDigest(payload: ActPayload): string {
  return sha256Hex(canonical(payloadBody(payload)));
}

export function readPayload(kind: unknown, value: unknown): ActPayload {
  const known = shape.oneOf(kind, "assess", "close");
  if (known === "assess") {
    const read = shape.exactly(value, "covered", "reasons");
    demand(typeof read["covered"] === "boolean", "value");
    return { covered: read["covered"], kind: known, reasons: shape.digest(read["reasons"]) };
  }
  const read = shape.exactly(value, "outcome", "reasons");
  return { kind: known, outcome: shape.oneOf(read["outcome"], ...OUTCOMES), reasons: shape.digest(read["reasons"]) };
}

export function readAct(value: unknown): Act {
  const read = shape.exactly(
    value,
    ...["case", "genesis", "epoch", "kind", "payload", "policy", "directory", "expires", "nonce"],
  );
  const expires = shape.string(read["expires"]);
  const nonce = shape.string(read["nonce"]);
  shape.date(expires.slice(0, 10));
  demand(EXPIRES.test(expires) && NONCE.test(nonce), "value");
  return {
    case: shape.reference(read["case"]),
    genesis: shape.digest(read["genesis"]),
    epoch: shape.count(read["epoch"]),
    kind: shape.oneOf(read["kind"], "assess", "close"),
    payload: shape.digest(read["payload"]),
    policy: shape.count(read["policy"]),
    directory: shape.count(read["directory"]),
    expires,
    nonce,
  };
}

/** The bytes that proposer and approver sign. */
export function actBytes(act: Act): Bytes {
  return concat(CONTEXT, canonical({ ...act }));
}

/** Sign an act: base64 of the signature. */
export function signAct(act: Act, signingSeed: Uint8Array): string {
  return b64(sign(actBytes(act), signingSeed));
}

/** Whether the key (base64, as genesis names it) signed this act. */
export function actSignedBy(act: Act, signature: string, key: string): boolean {
  try {
    return verifies(fromB64(signature), actBytes(act), fromB64(key));
  } catch (error) {
    if (error instanceof EnvelopeError) return false;
    throw error;
  }
}
