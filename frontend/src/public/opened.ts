/** A source's case, fetched and verified in the browser: nothing is shown that the code does not vouch for. */
import { IDENTITY_SIZE, openWith, recipientHash, recipientOf } from "../crypto/age";
import { type Bytes, b64, b64url, fromB64 } from "../crypto/bytes";
import {
  type EpochKeys,
  type FurtherTrustees,
  type Row,
  readStored,
  readStream,
  type VerifiedStream,
} from "../crypto/chain";
import type { SourceKeys } from "../crypto/code";
import { fingerprint, readTrusteesThen } from "../crypto/directory";
import type { EpochRecipients } from "../crypto/epoch";
import { demand, EnvelopeError } from "../crypto/errors";
import { type Beginning, type OfferedMember, openGenesis, readOffered } from "../crypto/genesis";
import { openGrant } from "../crypto/grant";
import * as shape from "../crypto/shape";
import { type OfferedTrustee, readOfferedTrustee } from "../crypto/trustee";
import { get } from "./http";

/** What the server tells about a case, apart from what is sealed. */
export interface CaseFacts {
  readonly reference: string;
  readonly organisationName: string;
  readonly channel: "tip" | "report";
  readonly state: string;
  readonly date: string;
  readonly receivedOn: string;
  readonly acknowledgedOn: string | null;
  readonly feedbackBy: string;
  readonly feedbackTarget: string;
  readonly feedbackOn: string | null;
  readonly closedOn: string | null;
  /** False while two have restricted the dialogue: a text is taken all the same. */
  readonly takesFiles: boolean;
  /** False with a code that staff have seen: then minutes are not approved here. */
  readonly mayApprove: boolean;
  /** The days on which either side had the dialogue open, up to a record. */
  readonly read: readonly { readonly by: string; readonly seq: number; readonly on: string }[];
}

/** What the server tells of a record beside what is sealed. */
export interface Written {
  readonly author: string;
  readonly date: string;
  readonly files: readonly number[];
}

/** What the next epoch has to be made of, as the server tells it. */
export interface NextEpoch {
  readonly members: readonly OfferedMember[];
  readonly trustees: readonly OfferedTrustee[];
  readonly threshold: number;
  /** Where the work stream stands, which the source cannot read. */
  readonly work: { readonly seq: number; readonly prev: string };
}

/** A case whose every record has been verified or marked as failed. */
export interface OpenCase {
  readonly facts: CaseFacts;
  readonly stream: VerifiedStream;
  readonly beginning: Beginning;
  /** Raw recipients of the newest epoch that the chain has established. */
  readonly recipients: EpochRecipients;
  /**
   * Date, author and the sealed sizes of attached files of each record in its place, as the server tells them: for those
   * that failed as well.
   */
  readonly written: readonly Written[];
  /** Somebody has left, and whoever writes first makes new keys; null while the present ones hold. */
  readonly next: NextEpoch | null;
  /** Staff have seen the code: the epoch that one of the source's own begins. Null where there is nothing to replace. */
  readonly replacing: NextEpoch | null;
  /**
   * Epochs that trustees began whom the chain did not name, with the words of the root that vouches for them: nothing is
   * kept in this browser that could tell whether it is the right one, so its reader is asked to compare.
   */
  readonly recovered: ReadonlyMap<number, string>;
  /** Names of the functions that receive the case, by id. */
  readonly functions: shape.Members;
}

/** The header that leads to a case. */
export function lookup(keys: SourceKeys): Record<string, string> {
  return { "Tipportal-Lookup": b64url(keys.lookupToken) };
}

function readFacts(read: shape.Members): CaseFacts {
  return {
    reference: shape.reference(read["reference"]),
    organisationName: shape.string(read["organisation_name"]),
    channel: shape.oneOf(read["channel"], "tip", "report"),
    state: shape.string(read["state"]),
    date: shape.date(read["date"]),
    receivedOn: shape.date(read["received_on"]),
    acknowledgedOn: shape.orNull(read["acknowledged_on"], shape.date),
    feedbackBy: shape.date(read["feedback_by"]),
    feedbackTarget: shape.date(read["feedback_target"]),
    feedbackOn: shape.orNull(read["feedback_on"], shape.date),
    closedOn: shape.orNull(read["closed_on"], shape.date),
    takesFiles: read["takes_files"] !== false,
    mayApprove: read["may_approve"] === true,
    read: shape.list(read["read"] ?? [], (value) => {
      const one = shape.including(value, "by", "seq", "on");
      return { by: shape.string(one["by"]), on: shape.date(one["on"]), seq: shape.count(one["seq"]) };
    }),
  };
}

function readNext(value: unknown): NextEpoch | null {
  if (value === null) return null;
  // What is missing is of no type that is read.
  const read = shape.including(value);
  const work = shape.including(read["work"]);
  return {
    members: shape.list(read["members"], readOffered),
    trustees: shape.list(read["trustees"], readOfferedTrustee),
    threshold: shape.count(read["trustee_threshold"]),
    work: { seq: shape.count(work["seq"]), prev: shape.digest(work["prev"]) },
  };
}

function size(value: unknown): number {
  // A file may be larger than any count of records.
  demand(Number.isSafeInteger(value), "value");
  return value as number;
}

function readRow(value: unknown): Written & { readonly row: Row } {
  const read = shape.including(value, "author", "date", "files");
  return {
    author: shape.string(read["author"]),
    date: shape.date(read["date"]),
    files: shape.list(read["files"], size),
    row: readStored(value, "dialogue"),
  };
}

interface ReadEpoch extends EpochKeys {
  readonly epoch: number;
  /** The directory that lists its trustees, where the epoch before does not name them. */
  readonly directory: number | null;
}

/** What opens that which lies before the source took a code of its own: the seed of its identity before that epoch. */
interface Past {
  readonly epoch: number;
  readonly seed: Bytes;
}

async function readPast(value: unknown, keys: SourceKeys): Promise<Past | null> {
  if (value === null) return null;
  const read = shape.including(value, "epoch", "file");
  const seed = await openWith(shape.bytes(read["file"]), keys.seed);
  demand(seed.length === IDENTITY_SIZE, "identity_length");
  return { epoch: shape.count(read["epoch"]), seed };
}

async function readEpoch(value: unknown, keys: SourceKeys, past: Past | null): Promise<ReadEpoch> {
  const read = shape.including(value, "epoch", "work", "dialogue", "grant", "directory");
  const dialogue = shape.bytes(read["dialogue"]);
  const epoch = shape.count(read["epoch"]);
  const holder = past !== null && epoch < past.epoch ? past.seed : keys.seed;
  let seed: Bytes | null = null;
  try {
    if (read["grant"] !== null) seed = await openGrant(shape.bytes(read["grant"]), holder, recipientHash(dialogue));
  } catch (error) {
    // A key that does not open leaves its records unread, each in its place and marked; it never hides the others.
    if (!(error instanceof EnvelopeError)) throw error;
  }
  const directory = shape.orNull(read["directory"], shape.count);
  return { dialogue, directory, epoch, seed, work: shape.bytes(read["work"]) };
}

/** Where a case is, and the directory. */
export interface CaseAddresses {
  readonly case: string;
  readonly directory: string;
}

/**
 * Fetch and verify the case that these keys lead to.
 *
 * @throws Refused `case_not_found`, Unanswered, and EnvelopeError when what came is not the case that the code began
 */
export async function fetchCase(api: CaseAddresses, keys: SourceKeys): Promise<OpenCase> {
  const read = shape.including(
    await get(api.case, lookup(keys)),
    ...["reference", "organisation_name", "channel", "state", "installation", "date", "received_on"],
    ...["acknowledged_on", "feedback_by", "feedback_target", "feedback_on", "closed_on"],
    ...["genesis", "epochs", "records", "next", "replacing", "past", "functions"],
  );
  const facts = readFacts(read);
  demand(shape.string(read["installation"]) === keys.installation, "installation");
  const past = await readPast(read["past"], keys);
  const listed = await Promise.all(shape.list(read["epochs"], (one) => one).map((one) => readEpoch(one, keys, past)));
  const epochs = new Map(listed.map((one) => [one.epoch, one]));
  const first = epochs.get(0);
  demand(first !== undefined, "epoch");
  const beginning = await openGenesis(
    fromB64(shape.string(read["genesis"])),
    past === null ? keys.seed : past.seed,
    { source: past === null ? keys.recipient : recipientOf(past.seed), work: first.work },
    { case: facts.reference, installation: keys.installation, ...(past === null ? { source: keys } : {}) },
  );
  const rows = shape.list(read["records"], readRow);
  const recovered = new Map<number, string>();
  const further: FurtherTrustees = async (epoch, since, at) => {
    const version = epochs.get(epoch)?.directory ?? null;
    demand(version !== null, "too_few_signatures");
    const then = readTrusteesThen(await get(`${api.directory}/${version}`, {}), beginning.genesis, since, at);
    recovered.set(epoch, fingerprint(then.root).join(" "));
    return then;
  };
  const stream = await readStream(
    beginning,
    rows.map(({ row }) => row),
    epochs,
    further,
  );
  const now = stream.epochs.at(-1);
  const newest = epochs.get(now?.epoch ?? 0);
  demand(now !== undefined && newest !== undefined, "epoch");
  // This code signed the beginning, or the proof in the record that took it: that one names the beginning as well.
  const own = now.source.verification_key === b64(keys.verificationKey);
  demand(own && now.source.recipient === recipientHash(keys.recipient), "source");
  return {
    facts,
    stream,
    beginning,
    recipients: newest,
    written: rows,
    next: readNext(read["next"]),
    replacing: readNext(read["replacing"]),
    recovered,
    functions: shape.including(read["functions"]),
  };
}
