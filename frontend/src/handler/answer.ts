/** The server's answer to `POST cases/<reference>/open`, read into typed values. Nothing in it is trusted yet. */

import { type ActPayload, readPayload } from "../crypto/act";
import { RECIPIENT_SIZE } from "../crypto/age";
import type { Bytes } from "../crypto/bytes";
import type { Row } from "../crypto/chain";
import type { OfferedMember } from "../crypto/genesis";
import { VERIFICATION_KEY_SIZE } from "../crypto/keys";
import * as shape from "../crypto/shape";

/** An epoch as the server tells it: raw recipients, my own grant, and who is in it. */
export interface EpochAnswer {
  readonly epoch: number;
  readonly work: Bytes;
  readonly dialogue: Bytes;
  readonly grant: Bytes | null;
  readonly members: readonly OfferedMember[];
}

export interface ProposalAnswer {
  readonly id: string;
  readonly kind: ActPayload["kind"];
  /** As it was signed; read and checked where it is shown. */
  readonly act: unknown;
  readonly payload: ActPayload;
  readonly proposer: string;
  readonly proposerSignature: string;
  readonly state: "open" | "approved" | "declined" | "expired";
  readonly approver: string | null;
  readonly approverSignature: string | null;
  readonly mayApprove: boolean;
  readonly mayDecline: boolean;
  readonly whyNot: string;
}

/** What can be done now: null when it may, else why not, in plain words. */
export type Steps = Readonly<Record<"follow_up" | "feedback" | "assess" | "close", string | null>>;

export interface CaseAnswer {
  readonly reference: string;
  readonly channel: "tip" | "report";
  readonly state: string;
  readonly stateName: string;
  readonly me: string;
  readonly role: "panel" | "standby";
  readonly installation: string;
  readonly date: string;
  readonly expires: string;
  readonly genesis: Bytes;
  readonly source: Bytes;
  readonly epochs: readonly EpochAnswer[];
  readonly rows: readonly Row[];
  /** Sealed sizes of the files that the server has for a record, by `placeOf` the record. */
  readonly files: ReadonlyMap<string, readonly number[]>;
  readonly proposals: readonly ProposalAnswer[];
  readonly needsEpoch: boolean;
  readonly steps: Steps;
  readonly outcomes: readonly string[];
  readonly due: {
    readonly strict: string;
    readonly target: string;
    readonly words: string;
    readonly tone: string;
  } | null;
  /** Names that the server knows of members, by pseudonym. */
  readonly names: ReadonlyMap<string, string>;
}

function readMember(value: unknown): OfferedMember {
  const read = shape.including(value, "id", "role", "recipient", "verification_key", "unit", "function");
  return {
    id: shape.pseudonym(read["id"]),
    role: shape.oneOf(read["role"], "panel", "standby"),
    recipient: shape.bytes(read["recipient"], RECIPIENT_SIZE),
    verificationKey: shape.bytes(read["verification_key"], VERIFICATION_KEY_SIZE),
    unit: shape.reference(read["unit"]),
    function: shape.reference(read["function"]),
  };
}

function readEpoch(value: unknown): EpochAnswer {
  const read = shape.including(value, "epoch", "work", "dialogue", "grant", "members");
  return {
    epoch: shape.count(read["epoch"]),
    work: shape.bytes(read["work"], RECIPIENT_SIZE),
    dialogue: shape.bytes(read["dialogue"], RECIPIENT_SIZE),
    grant: read["grant"] === null ? null : shape.bytes(read["grant"]),
    members: shape.list(read["members"], readMember),
  };
}

function readRow(value: unknown): Row {
  const read = shape.including(value, "stream", "kind", "epoch", "seq", "prev", "file");
  return {
    stream: shape.oneOf(read["stream"], "dialogue", "work"),
    kind: shape.string(read["kind"]),
    epoch: shape.count(read["epoch"]),
    seq: shape.count(read["seq"]),
    prev: shape.digest(read["prev"]),
    file: shape.bytes(read["file"]),
  };
}

/** Where a record stands in a case. */
export function placeOf({ seq, stream }: Pick<Row, "seq" | "stream">): string {
  return `${stream}/${seq}`;
}

function readFiles(value: unknown): [string, number[]] {
  const sizes = shape.including(value)["files"] ?? [];
  return [placeOf(readRow(value)), shape.list(sizes, shape.count)];
}

function optional(value: unknown): string | null {
  return value === null ? null : shape.string(value);
}

function readProposal(value: unknown): ProposalAnswer {
  const read = shape.including(
    value,
    ...["id", "kind", "act", "payload", "proposer", "proposer_signature", "state", "approver", "approver_signature"],
    ...["may_approve", "may_decline", "why_not"],
  );
  const payload = readPayload(read["kind"], read["payload"]);
  return {
    id: shape.reference(read["id"]),
    kind: payload.kind,
    act: read["act"],
    payload,
    proposer: shape.pseudonym(read["proposer"]),
    proposerSignature: shape.string(read["proposer_signature"]),
    state: shape.oneOf(read["state"], "open", "approved", "declined", "expired"),
    approver: optional(read["approver"]),
    approverSignature: optional(read["approver_signature"]),
    mayApprove: read["may_approve"] === true,
    mayDecline: read["may_decline"] === true,
    whyNot: optional(read["why_not"]) ?? "",
  };
}

function readSteps(value: unknown): Steps {
  const read = shape.including(value, "follow_up", "feedback", "assess", "close");
  return {
    follow_up: optional(read["follow_up"]),
    feedback: optional(read["feedback"]),
    assess: optional(read["assess"]),
    close: optional(read["close"]),
  };
}

function readDue(value: unknown): CaseAnswer["due"] {
  if (value === null) return null;
  const read = shape.including(value, "strict", "target", "words", "tone");
  return {
    strict: shape.date(read["strict"]),
    target: shape.date(read["target"]),
    words: shape.string(read["words"]),
    tone: shape.string(read["tone"]),
  };
}

/** Read the answer; raises EnvelopeError when it is not one. */
export function readAnswer(value: unknown): CaseAnswer {
  const read = shape.including(
    value,
    ...["reference", "channel", "state", "state_name", "me", "role", "installation", "date", "expires", "genesis"],
    ...["source", "epochs", "records", "proposals", "needs_epoch", "steps", "outcomes", "due", "names"],
  );
  const source = shape.including(read["source"], "recipient", "verification_key");
  const names = shape.including(read["names"]);
  return {
    reference: shape.reference(read["reference"]),
    channel: shape.oneOf(read["channel"], "tip", "report"),
    state: shape.string(read["state"]),
    stateName: shape.string(read["state_name"]),
    me: shape.pseudonym(read["me"]),
    role: shape.oneOf(read["role"], "panel", "standby"),
    installation: shape.string(read["installation"]),
    date: shape.date(read["date"]),
    expires: shape.string(read["expires"]),
    genesis: shape.bytes(read["genesis"]),
    source: shape.bytes(source["recipient"], RECIPIENT_SIZE),
    epochs: shape.list(read["epochs"], readEpoch),
    rows: shape.list(read["records"], readRow),
    files: new Map(shape.list(read["records"], readFiles)),
    proposals: shape.list(read["proposals"], readProposal),
    needsEpoch: read["needs_epoch"] === true,
    steps: readSteps(read["steps"]),
    outcomes: shape.list(read["outcomes"], shape.string),
    due: readDue(read["due"]),
    names: new Map(Object.entries(names).map(([id, name]) => [id, shape.string(name)])),
  };
}
