/** The server's answer to `POST cases/<reference>/open`, read into typed values. Nothing in it is trusted yet. */

import { RECIPIENT_SIZE } from "../crypto/age";
import type { Bytes } from "../crypto/bytes";
import { type Row, readStored } from "../crypto/chain";
import { type OfferedMember, readOffered } from "../crypto/genesis";
import * as shape from "../crypto/shape";
import { type OfferedTrustee, readOfferedTrustee } from "../crypto/trustee";
import { type CareAnswer, readCare } from "./careanswer";
import { type ProposalAnswer, readProposalAnswer } from "./proposals";
import { type LinkAnswer, readLink, readTriage, type TriageAnswer } from "./triageanswer";
import { readWork, type WorkAnswer } from "./workanswer";

/** An epoch as the server tells it: raw recipients, my own grant, and who is in it. */
export interface EpochAnswer extends EpochKeysAnswer {
  /** The directory that lists its trustees, where the epoch before does not name them. */
  readonly directory: number | null;
  readonly members: readonly OfferedMember[];
}

interface EpochKeysAnswer {
  readonly epoch: number;
  readonly work: Bytes;
  readonly dialogue: Bytes;
  readonly grant: Bytes | null;
}

/** Somebody who has left the case. `reasons`: why, sealed to that epoch's work recipient; null where only deciders know. */
export interface Separation {
  readonly member: string;
  readonly kind: "recused" | "excluded";
  readonly on: string;
  readonly epoch: number;
  readonly reasons: Bytes | null;
}

/** What a member did at once, and what another found of it. Dates as text, members by pseudonym. */
export interface Duty {
  readonly id: string;
  readonly kind: string;
  readonly member: string;
  readonly reviewBy: string;
  readonly reviewed: string | null;
  readonly verdict: "upheld" | "objected" | null;
  readonly mayReview: boolean;
}

/** The decision about who receives the case: sealed to its first work recipient, and what the log says of it. */
export interface Decided {
  readonly file: Bytes;
  /** SHA-256, hex, of what is sealed. */
  readonly commitment: string;
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
  /** The source's recipient now: another once it has a code of its own. */
  readonly sourceNow: Bytes;
  readonly epochs: readonly EpochAnswer[];
  readonly rows: readonly Row[];
  /** Sealed sizes of the files that the server has for a record, by `placeOf` the record. */
  readonly files: ReadonlyMap<string, readonly number[]>;
  readonly proposals: readonly ProposalAnswer[];
  readonly needsEpoch: boolean;
  /** Who the next epoch has, where one person may begin it. */
  readonly nextMembers: readonly OfferedMember[] | null;
  /** Why the case waits for others, in plain words. */
  readonly stuck: string | null;
  /** What to do while nobody is left to step in. */
  readonly advice: string | null;
  readonly separations: readonly Separation[];
  /** For each member whom I may propose to exclude: who decides, by pseudonym. */
  readonly deciders: ReadonlyMap<string, readonly string[]>;
  /** Standbys of the newest epoch who have stepped in. */
  readonly released: ReadonlySet<string>;
  /** Names of units and functions, by id. */
  readonly places: ReadonlyMap<string, string>;
  readonly decision: Decided | null;
  /** Whom shares of the next epoch's work seed go to, and how many of them it takes. */
  readonly trustees: readonly OfferedTrustee[];
  readonly threshold: number;
  readonly duties: readonly Duty[];
  readonly restrictions: ReadonlySet<string>;
  /** In quarantine the dialogue is withheld: where its next record goes. Else null. */
  readonly dialogueNext: { readonly seq: number; readonly prev: string } | null;
  readonly steps: Steps;
  /** What is to be done next: in words, the id of its place on the page, and its date in words. */
  readonly next: { readonly words: string; readonly place: string; readonly by: string };
  /** Another one as soon as anybody has changed anything. */
  readonly revision: string;
  readonly outcomes: readonly string[];
  readonly due: {
    readonly strict: string;
    readonly target: string;
    readonly words: string;
    readonly tone: string;
    readonly reason: string;
    readonly readings: string;
  } | null;
  readonly triaged: TriageAnswer;
  readonly links: readonly LinkAnswer[];
  readonly work: WorkAnswer;
  readonly care: CareAnswer;
  /** Names that the server knows of members, by pseudonym. */
  readonly names: ReadonlyMap<string, string>;
}

function readEpoch(value: unknown): EpochAnswer {
  const read = shape.including(value, "epoch", "work", "dialogue", "grant", "members", "directory");
  return {
    directory: shape.orNull(read["directory"], shape.count),
    epoch: shape.count(read["epoch"]),
    work: shape.bytes(read["work"], RECIPIENT_SIZE),
    dialogue: shape.bytes(read["dialogue"], RECIPIENT_SIZE),
    grant: shape.orNull(read["grant"], shape.bytes),
    members: shape.list(read["members"], readOffered),
  };
}

function readRow(value: unknown): Row {
  return readStored(value, "dialogue", "work");
}

/** Where a record stands in a case. */
export function placeOf({ seq, stream }: Pick<Row, "seq" | "stream">): string {
  return `${stream}/${seq}`;
}

function readFiles(value: unknown): [string, number[]] {
  const sizes = shape.including(value)["files"] ?? [];
  return [placeOf(readRow(value)), shape.list(sizes, shape.count)];
}

function readSeparation(value: unknown): Separation {
  const read = shape.including(value, "member", "kind", "on", "epoch", "reasons");
  return {
    epoch: shape.count(read["epoch"]),
    kind: shape.oneOf(read["kind"], "recused", "excluded"),
    member: shape.pseudonym(read["member"]),
    on: shape.date(read["on"]),
    reasons: shape.orNull(read["reasons"], shape.bytes),
  };
}

function readReleased(epoch: unknown): string[] {
  const members = shape.list(shape.including(epoch, "members")["members"], (one) => shape.including(one, "id"));
  return members.filter((one) => one["released"] === true).map((one) => shape.pseudonym(one["id"]));
}

function readDeciders(value: unknown): ReadonlyMap<string, readonly string[]> {
  const read = Object.entries(shape.including(value));
  return new Map(read.map(([id, deciders]) => [shape.pseudonym(id), shape.list(deciders, shape.pseudonym)]));
}

function readDecided(value: unknown): Decided | null {
  if (value === null) return null;
  const read = shape.including(value, "file", "commitment");
  return { commitment: shape.digest(read["commitment"]), file: shape.bytes(read["file"]) };
}

function readDuty(value: unknown): Duty {
  const read = shape.including(value, "id", "kind", "member", "review_by", "reviewed", "verdict", "may_review");
  return {
    id: shape.reference(read["id"]),
    kind: shape.string(read["kind"]),
    mayReview: read["may_review"] === true,
    member: shape.pseudonym(read["member"]),
    reviewBy: shape.date(read["review_by"]),
    reviewed: shape.orNull(read["reviewed"], shape.string),
    verdict: read["verdict"] === null ? null : shape.oneOf(read["verdict"], "upheld", "objected"),
  };
}

function readPlace(value: unknown): CaseAnswer["dialogueNext"] {
  if (value === null) return null;
  const read = shape.including(value, "seq", "prev");
  return { prev: shape.digest(read["prev"]), seq: shape.count(read["seq"]) };
}

function readSteps(value: unknown): Steps {
  const read = shape.including(value, "follow_up", "feedback", "assess", "close");
  return {
    follow_up: shape.orNull(read["follow_up"], shape.string),
    feedback: shape.orNull(read["feedback"], shape.string),
    assess: shape.orNull(read["assess"], shape.string),
    close: shape.orNull(read["close"], shape.string),
  };
}

function readNext(value: unknown): CaseAnswer["next"] {
  const read = shape.including(value, "words", "place", "by");
  return { by: shape.string(read["by"]), place: shape.string(read["place"]), words: shape.string(read["words"]) };
}

function readDue(value: unknown): CaseAnswer["due"] {
  if (value === null) return null;
  const read = shape.including(value, "strict", "target", "words", "tone", "reason", "readings");
  return {
    strict: shape.date(read["strict"]),
    target: shape.date(read["target"]),
    words: shape.string(read["words"]),
    tone: shape.string(read["tone"]),
    reason: shape.string(read["reason"]),
    readings: shape.string(read["readings"]),
  };
}

/** Read the answer; raises EnvelopeError when it is not one. */
export function readAnswer(value: unknown): CaseAnswer {
  const read = shape.including(
    value,
    ...["reference", "channel", "state", "state_name", "me", "role", "installation", "date", "expires", "genesis"],
    ...["source", "epochs", "records", "proposals", "needs_epoch", "steps", "outcomes", "due", "names"],
    ...["next_members", "stuck", "separations", "deciders", "places", "decision", "trustees", "trustee_threshold"],
    ...["duties", "restrictions", "dialogue_next", "links", "next", "revision", "advice"],
  );
  const source = shape.including(read["source"], "recipient", "verification_key", "now");
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
    sourceNow: shape.bytes(source["now"], RECIPIENT_SIZE),
    epochs: shape.list(read["epochs"], readEpoch),
    rows: shape.list(read["records"], readRow),
    files: new Map(shape.list(read["records"], readFiles)),
    proposals: shape.list(read["proposals"], readProposalAnswer),
    needsEpoch: read["needs_epoch"] === true,
    nextMembers: read["next_members"] === null ? null : shape.list(read["next_members"], readOffered),
    stuck: shape.orNull(read["stuck"], shape.string),
    advice: shape.orNull(read["advice"], shape.string),
    separations: shape.list(read["separations"], readSeparation),
    deciders: readDeciders(read["deciders"]),
    released: new Set(shape.list(read["epochs"], readReleased).at(-1) ?? []),
    places: new Map(Object.entries(shape.including(read["places"])).map(([id, name]) => [id, shape.string(name)])),
    decision: readDecided(read["decision"]),
    trustees: shape.list(read["trustees"], readOfferedTrustee),
    threshold: shape.count(read["trustee_threshold"]),
    duties: shape.list(read["duties"], readDuty),
    restrictions: new Set(shape.list(read["restrictions"], shape.string)),
    dialogueNext: readPlace(read["dialogue_next"]),
    steps: readSteps(read["steps"]),
    next: readNext(read["next"]),
    revision: shape.string(read["revision"]),
    outcomes: shape.list(read["outcomes"], shape.string),
    due: readDue(read["due"]),
    triaged: readTriage(value),
    links: shape.list(read["links"], readLink),
    work: readWork(value),
    care: readCare(value),
    names: new Map(Object.entries(names).map(([id, name]) => [id, shape.string(name)])),
  };
}
