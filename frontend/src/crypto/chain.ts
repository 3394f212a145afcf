import { recipientHash } from "./age";
import { checkBody } from "./body";
import { fromB64, sha256Hex } from "./bytes";
import type { Json } from "./canonical";
import {
  checkEpoch,
  type Epoch,
  type EpochRecipients,
  type EpochState,
  firstEpoch,
  isOf,
  readEpoch,
  trusteesConsent,
} from "./epoch";
import { demand, EnvelopeError } from "./errors";
import type { Beginning } from "./genesis";
import { isSeedOf } from "./grant";
import { type Header, type Kind, type OpenedRecord, openRecord } from "./record";
import * as shape from "./shape";
import type { TrusteeSet } from "./trustee";

/** A stored record as the server lists it. */
export interface Row {
  readonly stream: "dialogue" | "work";
  readonly kind: string;
  readonly epoch: number;
  readonly seq: number;
  readonly prev: string;
  readonly file: Uint8Array;
}

/** Read a stored record of one of these streams as the server lists it. */
export function readStored<S extends string>(
  value: unknown,
  ...streams: readonly S[]
): Omit<Row, "stream"> & { readonly stream: S } {
  const read = shape.including(value, "stream", "kind", "epoch", "seq", "prev", "file");
  return {
    stream: shape.oneOf(read["stream"], ...streams),
    kind: shape.string(read["kind"]),
    epoch: shape.count(read["epoch"]),
    seq: shape.count(read["seq"]),
    prev: shape.digest(read["prev"]),
    file: shape.bytes(read["file"]),
  };
}

/** What a reader holds for one epoch: raw recipients as the server tells them, and the stream's seed if granted. */
export interface EpochKeys extends EpochRecipients {
  readonly seed: Uint8Array | null;
}

export type Entry =
  | { readonly ok: true; readonly row: Row; readonly header: Header; readonly body: Json }
  | { readonly ok: false; readonly row: Row; readonly reason: string };

/** A stream, verified: every row is in `entries`, those that failed with the reason. */
export interface VerifiedStream {
  readonly entries: readonly Entry[];
  /** The epochs that the chain has established, from 0 without gaps. */
  readonly epochs: readonly EpochState[];
  /** Where the next record goes. */
  readonly next: { readonly seq: number; readonly prev: string };
}

/**
 * Trustees whom the chain does not name, for an epoch begun on the day `at` after one begun on `since`. Asked for only
 * where trustees began the epoch and those of the one before are not enough.
 */
export type FurtherTrustees = (epoch: number, since: string, at: string) => Promise<TrusteeSet>;

const BY_SOURCE: readonly Kind[] = ["report", "facts", "message", "form", "epoch"];
const BY_MEMBERS: readonly Kind[] = ["message", "feedback", "notice", "form", "title", "note", "assessment", "epoch"];

/** Who wrote it: a verification key that genesis or the epoch names, never one that comes with the record. */
function checkAuthor(opened: OpenedRecord, members: EpochState, trusted?: TrusteeSet): void {
  const { from, kind, seq, stream } = opened.header;
  if (from === "source") {
    demand(BY_SOURCE.includes(kind), "author");
    demand((kind === "report" || kind === "facts") === (seq === 0), "kind");
    demand(opened.signedBy(fromB64(members.source.verification_key)), "signature");
    return;
  }
  if (from.startsWith("t")) {
    demand(kind === "epoch" && seq > 0, "author");
    const own = members.trustees.filter((trustee) => trustee.id === from);
    // A directory's trustees have no pseudonyms in the case: any of them may be the one.
    const possible = own.length > 0 ? own : (trusted?.trustees ?? []);
    const good = possible.some((trustee) => opened.signedBy(fromB64(trustee.verification_key)));
    demand(good, "signature");
    return;
  }
  // `staff` names nobody: any one member of the epoch must have signed it. Not for an epoch, whose maker must stay.
  const unnamed = from === "staff" && stream === "dialogue" && kind !== "epoch";
  const authors = members.members.filter((member) => unnamed || member.id === from);
  demand(authors.length > 0 && BY_MEMBERS.includes(kind) && seq > 0, "author");
  const signed = authors.some((author) => opened.signedBy(fromB64(author.verification_key)));
  demand(signed, "signature");
}

function checkPlace(header: Header, row: Row, beginning: Beginning): void {
  demand(header.case === beginning.genesis.case, "case");
  demand(header.gen === beginning.gen, "genesis");
  demand(header.stream === row.stream, "stream");
  demand(header.epoch === row.epoch, "epoch");
  demand(header.kind === row.kind, "kind");
  demand(header.seq === row.seq, "sequence");
  demand(header.prev === row.prev, "previous");
}

/** Whoever makes an epoch knows its keys: only somebody who stays in it may, and a trustee only with the others. */
function checkMaker(from: string, now: EpochState, epoch: Epoch, beginning: Beginning, trusted?: TrusteeSet): void {
  if (from === "source" || epoch.members.some((member) => member.id === from)) return;
  const sets = trusted === undefined ? [now] : [now, trusted];
  demand(from.startsWith("t") && sets.some((among) => trusteesConsent(among, epoch, beginning)), "author");
}

/** Verify one row in its place. Gives the opened record and the epoch that holds after it. */
async function readRow(
  row: Row,
  now: EpochState,
  keys: ReadonlyMap<number, EpochKeys>,
  beginning: Beginning,
  since: string | undefined,
  further?: FurtherTrustees,
) {
  const opens = row.kind === "epoch";
  demand(row.epoch === now.epoch + (opens ? 1 : 0), "epoch");
  const held = keys.get(row.epoch);
  demand(held !== undefined && held.seed !== null, "no_key");
  const opened = await openRecord(row.file, held.seed, 1);
  checkPlace(opened.header, row, beginning);
  checkBody(opened.header.kind, opened.body);
  const epoch = opens ? readEpoch(opened.body) : null;
  const { at, from } = opened.header;
  const byTrustees = epoch !== null && from.startsWith("t") && !trusteesConsent(now, epoch, beginning);
  const trusted = byTrustees ? await further?.(epoch.epoch, since ?? at, at) : undefined;
  // The author of an epoch record is somebody of the epoch before, the source, or a trustee who came later.
  checkAuthor(opened, now, trusted);
  let after = now;
  if (epoch !== null) {
    const before = keys.get(now.epoch);
    demand(before !== undefined, "no_key");
    checkMaker(from, now, epoch, beginning, trusted);
    demand(epoch.source === undefined || from === "source", "author");
    after = checkEpoch(now, before, epoch, beginning, trusted);
  }
  // Recipients come from the chain only: what the server tells must be what the chain names.
  demand(isOf(held, after) && isSeedOf(held.seed, after[row.stream]), "recipient");
  demand(opened.header.recipient === recipientHash(held[row.stream]), "recipient");
  return { after, opened };
}

/**
 * Verify a whole stream from its first record. Nothing is left out: a row that fails stays in its place with the
 * reason, and the next one is checked against it all the same, so that one bad record doesn't take the rest along
 * and a missing one is noticed.
 */
export async function readStream(
  beginning: Beginning,
  rows: readonly Row[],
  keys: ReadonlyMap<number, EpochKeys>,
  further?: FurtherTrustees,
): Promise<VerifiedStream> {
  const entries: Entry[] = [];
  const epochs: EpochState[] = [firstEpoch(beginning)];
  let next = { prev: beginning.fileDigest, seq: 0 };
  for (const row of rows) {
    const now = epochs[epochs.length - 1] as EpochState;
    try {
      demand(row.stream === rows[0]?.stream, "stream");
      demand(row.seq === next.seq, "sequence");
      demand(row.prev === next.prev, "previous");
      const begun = entries.find((entry) => entry.ok && entry.header.epoch === now.epoch);
      const since = begun?.ok ? begun.header.at : undefined;
      const { after, opened } = await readRow(row, now, keys, beginning, since, further);
      if (after !== now) epochs.push(after);
      entries.push({ body: opened.body, header: opened.header, ok: true, row });
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      entries.push({ ok: false, reason: error.reason, row });
    }
    // A row that fails takes its place all the same. But a place never comes again: else a whole stretch could be
    // shown a second time.
    if (row.seq >= next.seq) next = { prev: sha256Hex(row.file), seq: row.seq + 1 };
  }
  return { entries, epochs, next };
}

/** Whether both streams tell the same epochs, as far as both go: they carry the same records of them. */
export function epochsAgree(one: readonly EpochState[], other: readonly EpochState[]): boolean {
  return one.every((state, index) => {
    const twin = other[index];
    return (
      twin === undefined ||
      (twin.work === state.work &&
        JSON.stringify([twin.members, twin.source, twin.trustees]) ===
          JSON.stringify([state.members, state.source, state.trustees]))
    );
  });
}
