/** A case opened and verified in the browser. No DOM: what is shown is made from this. */
import { recipientHash, recipientOf } from "../crypto/age";
import { b64, hex, sha256Hex } from "../crypto/bytes";
import { type Entry, type EpochKeys, epochsAgree, readStream, type VerifiedStream } from "../crypto/chain";
import type { EpochState } from "../crypto/epoch";
import { demand, EnvelopeError } from "../crypto/errors";
import { type Beginning, type Member, openGenesis } from "../crypto/genesis";
import { openGrant } from "../crypto/grant";
import type { HandlerKeys } from "../crypto/identity";
import { dialogueSeed, verificationKey } from "../crypto/keys";
import * as shape from "../crypto/shape";
import type { CaseAnswer, EpochAnswer } from "./answer";
import { type ReadDecision, readDecision } from "./decision";
import { laterTrustees } from "./directory";
import { type ReadProposal, readProposal } from "./proposals";

export interface OpenedCase {
  readonly answer: CaseAnswer;
  readonly beginning: Beginning;
  readonly dialogue: VerifiedStream;
  readonly work: VerifiedStream;
  /** The newest epoch as the server tells it; whether the chain names it is checked by whoever seals to it. */
  readonly newest: EpochAnswer;
  /** The server has seen the newest epoch's keys: it says so, or the record that began the epoch does. */
  readonly needsEpoch: boolean;
  /** The server made the newest epoch's keys, by what was signed. */
  readonly seenByServer: boolean;
  /** What makes writing unsafe, as text keys; nothing is sealed while there is any. */
  readonly doubts: readonly string[];
  /** Work seeds by epoch, for what is sealed to them beside the records; null where my grant does not open. */
  readonly seeds: ReadonlyMap<number, Uint8Array | null>;
  readonly proposals: readonly ReadProposal[];
  readonly decided: ReadDecision;
}

async function keysOf(epoch: EpochAnswer, holder: HandlerKeys): Promise<Uint8Array | null> {
  if (epoch.grant === null) return null;
  try {
    return await openGrant(epoch.grant, holder.age, recipientHash(epoch.work));
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    // A grant that does not open is a visible state: its records are shown as failed.
    return null;
  }
}

function isMe(member: Member | undefined, keys: HandlerKeys): boolean {
  return (
    member !== undefined &&
    member.recipient === recipientHash(recipientOf(keys.age)) &&
    member.verification_key === b64(verificationKey(keys.signing))
  );
}

/** Open and verify a case. Raises EnvelopeError when not even its beginning holds. */
export async function openCase(answer: CaseAnswer, keys: HandlerKeys): Promise<OpenedCase> {
  const seeds = new Map<number, Uint8Array | null>();
  for (const epoch of answer.epochs) seeds.set(epoch.epoch, await keysOf(epoch, keys));
  const first = answer.epochs[0];
  const newest = answer.epochs.at(-1);
  const seed = seeds.get(0);
  demand(first !== undefined && first.epoch === 0 && newest !== undefined, "epoch");
  demand(seed !== undefined && seed !== null, "no_key");
  const expected = { case: answer.reference, installation: answer.installation };
  const beginning = await openGenesis(answer.genesis, seed, { source: answer.source, work: first.work }, expected);
  const held = (derive: (seed: Uint8Array) => Uint8Array): ReadonlyMap<number, EpochKeys> =>
    new Map(
      answer.epochs.map(({ dialogue, epoch, work }) => {
        const granted = seeds.get(epoch) ?? null;
        return [epoch, { dialogue, seed: granted === null ? null : derive(granted), work }];
      }),
    );
  const rows = (stream: "dialogue" | "work") => answer.rows.filter((row) => row.stream === stream);
  const further = laterTrustees(answer, beginning);
  const work = await readStream(
    beginning,
    rows("work"),
    held((one) => one),
    further,
  );
  const dialogue =
    answer.dialogueNext === null
      ? await readStream(beginning, rows("dialogue"), held(dialogueSeed), further)
      : // In quarantine nothing of it is handed out, so nothing of it can be held against the rest.
        { entries: [], epochs: work.epochs, next: answer.dialogueNext };
  const seenByServer = begunByServer(beginning, work);
  const needsEpoch = answer.needsEpoch || seenByServer;
  const doubtful = doubts(answer, work, dialogue, keys);
  const decided = await readDecision(answer.decision, seed, beginning);
  const opened = {
    answer,
    beginning,
    decided,
    dialogue,
    doubts: doubtful,
    needsEpoch,
    newest,
    seeds,
    seenByServer,
    work,
  };
  const proposals: ReadProposal[] = [];
  for (const proposal of answer.proposals) proposals.push(await readProposal(opened, proposal, keys));
  return { ...opened, proposals };
}

/** Whether the server made the keys of the newest epoch, by what was signed and not by what it tells now. */
function begunByServer(beginning: Beginning, work: VerifiedStream): boolean {
  const begun = work.entries.filter((entry) => entry.ok && entry.header.kind === "epoch").at(-1);
  return (begun?.ok ? begun.header.sealed_by : beginning.sealedBy) === "server";
}

function doubts(answer: CaseAnswer, work: VerifiedStream, dialogue: VerifiedStream, keys: HandlerKeys): string[] {
  const found: string[] = [];
  if (!epochsAgree(work.epochs, dialogue.epochs) || work.epochs.length !== dialogue.epochs.length) {
    found.push("doubt-epochs");
  }
  if (work.epochs.length !== answer.epochs.length) found.push("doubt-chain");
  if (
    !isMe(
      present(work).members.find((member) => member.id === answer.me),
      keys,
    )
  )
    found.push("doubt-me");
  return found;
}

/** The newest epoch that a stream's chain has established. */
export function present(stream: VerifiedStream): EpochState {
  return stream.epochs.at(-1) as EpochState;
}

/** The text of a verified record, or null for one that failed. */
export function textOf(entry: Entry | undefined): string | null {
  return entry?.ok ? shape.string(shape.including(entry.body, "text")["text"]) : null;
}

/** The newest verified title, or null. */
export function titleOf(opened: OpenedCase): string | null {
  return textOf(opened.work.entries.filter((entry) => entry.ok && entry.row.kind === "title").at(-1));
}

/** Where a record with this age file stands, if it has been taken. */
export function taken(answer: CaseAnswer, fileDigest: string): boolean {
  return answer.rows.some((row) => sha256Hex(row.file) === fileDigest);
}

/** Sixteen random bytes in hex, used once. */
export function newNonce(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)));
}
