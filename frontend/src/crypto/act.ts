import { type Bytes, b64, concat, fromB64, sha256Hex, utf8 } from "./bytes";
import { canonical, type Json } from "./canonical";
import { demand, EnvelopeError } from "./errors";
import { type Member, readMember } from "./genesis";
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
  "junk",
] as const;

/** The two gates of lag 2021:890, 1 kap. 2 §: each is enough. */
export const COVERED_GROUNDS = ["public_interest", "eu_law_breach"] as const;
/** Why a report is not covered by the act. */
export const NOT_COVERED_GROUNDS = [
  "not_work_related_person",
  "not_work_related_context",
  "no_public_interest",
  "own_employment_terms_only",
  "not_wrongdoing",
  "other_organisation",
  "security_classified",
  "too_vague",
  "complaint_or_question",
] as const;
export type AssessmentGround = (typeof COVERED_GROUNDS)[number] | (typeof NOT_COVERED_GROUNDS)[number];

/** To whom the name of who reported is disclosed. */
export const DISCLOSED_TO = ["police", "prosecutor", "court", "authority", "other"] as const;

/** Whether whoever reported is told before what could identify them goes out. */
export const HANDOVER_NOTICES = ["given", "withheld", "not_needed"] as const;
const WORD = /^[a-z0-9_]{1,32}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it must not hold
const NUMBER = /^[^\u0000-\u001f\u007f]{1,100}$/u;

const KINDS = [
  "assess",
  "close",
  "exclude_member",
  "add_member",
  "end_exclusion",
  "open_identity",
  "disclose_identity",
  "restrict_dialogue",
  "lift_restriction",
  "lift_quarantine",
  "reclassify",
  "hand_over",
  "export",
  "retain",
  "reopen",
] as const;

/** The acts on a case that take two people. */
export type ActKind = (typeof KINDS)[number];

/**
 * `reasons`: SHA-256 of the age file of the assessment record that says why; of `exclude_member` that of an age file
 * which only those who decide can open.
 */
export type ActPayload = { readonly reasons: string } & (
  | { readonly kind: "assess"; readonly covered: boolean; readonly ground: AssessmentGround }
  | { readonly kind: "close"; readonly outcome: (typeof OUTCOMES)[number] }
  | { readonly kind: "exclude_member"; readonly member: string }
  | { readonly kind: "add_member"; readonly member: Member }
  | { readonly kind: "end_exclusion"; readonly party: string }
  | {
      readonly kind: "open_identity" | "lift_restriction" | "lift_quarantine" | "export" | "reopen";
    }
  // Who comes in with it, where too few of the members receive reports.
  | { readonly kind: "reclassify"; readonly panel?: readonly Member[] }
  | {
      readonly kind: "disclose_identity";
      readonly to: (typeof DISCLOSED_TO)[number];
      readonly notice: "given" | "withheld";
    }
  | { readonly kind: "restrict_dialogue"; readonly review_on: string }
  | {
      readonly kind: "hand_over";
      readonly recipient: string;
      readonly basis: string;
      readonly notice: (typeof HANDOVER_NOTICES)[number];
      readonly content: string;
    }
  | { readonly kind: "retain"; readonly decision: "preserve" | "dispose"; readonly decision_number: string }
);

/** What two different people sign (section 5). `payload` is the digest of the canonical payload. */
export interface Act {
  readonly case: string;
  readonly genesis: string;
  readonly epoch: number;
  readonly kind: ActKind;
  readonly payload: string;
  readonly policy: number;
  readonly directory: number;
  readonly expires: string;
  readonly nonce: string;
}

/** The payload as JSON: without its kind, which the act carries. */
export function payloadBody(payload: ActPayload): Json {
  if (payload.kind === "add_member") return { member: { ...payload.member }, reasons: payload.reasons };
  if (payload.kind === "reclassify") {
    const panel = payload.panel?.map((member) => ({ ...member }));
    return { ...(panel === undefined ? {} : { panel }), reasons: payload.reasons };
  }
  const { kind: _, ...body } = payload;
  return body;
}

export function payloadDigest(payload: ActPayload): string {
  return sha256Hex(canonical(payloadBody(payload)));
}

export function readPayload(kind: unknown, value: unknown): ActPayload {
  const known = shape.oneOf(kind, ...KINDS);
  const drawn = known === "reclassify" && shape.isMembers(value) && Object.hasOwn(value, "panel");
  const own = drawn ? ["panel"] : (OWN[known] ?? []);
  const read = shape.exactly(value, ...own, "reasons");
  const reasons = shape.digest(read["reasons"]);
  switch (known) {
    case "assess": {
      const covered = read["covered"];
      demand(typeof covered === "boolean", "value");
      const ground = covered
        ? shape.oneOf(read["ground"], ...COVERED_GROUNDS)
        : shape.oneOf(read["ground"], ...NOT_COVERED_GROUNDS);
      return { covered, ground, kind: known, reasons };
    }
    case "close":
      return { kind: known, outcome: shape.oneOf(read["outcome"], ...OUTCOMES), reasons };
    case "exclude_member":
      return { kind: known, member: shape.pseudonym(read["member"]), reasons };
    case "add_member":
      return { kind: known, member: readMember(read["member"]), reasons };
    case "reclassify": {
      const panel = drawn ? shape.list(read["panel"], readMember) : undefined;
      demand(panel === undefined || panel.length > 0, "value");
      return { kind: known, ...(panel === undefined ? {} : { panel }), reasons };
    }
    case "end_exclusion":
      return { kind: known, party: shape.digest(read["party"]), reasons };
    case "disclose_identity":
      return {
        kind: known,
        notice: shape.oneOf(read["notice"], "given", "withheld"),
        reasons,
        to: shape.oneOf(read["to"], ...DISCLOSED_TO),
      };
    case "hand_over":
      return {
        basis: shape.text(read["basis"], WORD),
        content: shape.digest(read["content"]),
        kind: known,
        notice: shape.oneOf(read["notice"], ...HANDOVER_NOTICES),
        reasons,
        recipient: shape.text(read["recipient"], WORD),
      };
    case "retain":
      return {
        decision: shape.oneOf(read["decision"], "preserve", "dispose"),
        decision_number: shape.text(read["decision_number"], NUMBER),
        kind: known,
        reasons,
      };
    case "restrict_dialogue":
      return { kind: known, reasons, review_on: shape.date(read["review_on"]) };
    default:
      return { kind: known, reasons };
  }
}

const OWN: { readonly [kind in ActKind]?: readonly string[] } = {
  add_member: ["member"],
  assess: ["covered", "ground"],
  close: ["outcome"],
  disclose_identity: ["to", "notice"],
  end_exclusion: ["party"],
  exclude_member: ["member"],
  hand_over: ["recipient", "basis", "notice", "content"],
  restrict_dialogue: ["review_on"],
  retain: ["decision", "decision_number"],
};

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
    kind: shape.oneOf(read["kind"], ...KINDS),
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
