/** Letting somebody in takes two: one drafts the next epoch and signs it, the other checks it and signs as well. */
import { recipientHash, recipientOf } from "./age";
import { b64, same } from "./bytes";
import { canonical, type Json } from "./canonical";
import {
  checkEpoch,
  draftEpoch,
  type Epoch,
  type EpochPlaces,
  type EpochRecipients,
  type EpochState,
  epochBody,
  epochBytes,
  type NewEpoch,
  readEpoch,
  sealEpoch,
} from "./epoch";
import { demand } from "./errors";
import { type Beginning, type Member, named, type OfferedMember } from "./genesis";
import { openGrant, sealGrant } from "./grant";
import { dialogueSeed, sign, verifies } from "./keys";
import { grantRow } from "./rows";
import * as shape from "./shape";
import type { Trustee } from "./trustee";

/** An epoch as its drafter offers it to whoever approves: raw recipients, the drafter's signature, my own grant. */
export interface OfferedEpoch {
  readonly epoch: number;
  readonly work: Uint8Array;
  readonly dialogue: Uint8Array;
  readonly signature: string;
  readonly grant: Uint8Array;
}

/** What a drafter hands in beside the proposal. */
export interface DraftedEpoch {
  readonly epoch: number;
  readonly work: string;
  readonly dialogue: string;
  readonly signature: string;
  readonly grants: ReturnType<typeof grantRow>[];
  readonly older: { readonly epoch: number; readonly file: string; readonly holder: string }[];
}

interface Place {
  readonly beginning: Beginning;
  readonly before: EpochState;
  /** The raw recipients of the epoch before. */
  readonly recipients: EpochRecipients;
}

interface Author {
  readonly from: string;
  readonly signingSeed: Uint8Array;
}

function plain(people: readonly Member[] | readonly Trustee[]): Json {
  return people.map((one) => ({ ...one }));
}

/**
 * Draft the epoch that lets `added` in beside the present `members`, and for each of them a grant of every earlier epoch
 * whose work seed is in `older`, so that whoever is let in can read what has been.
 */
export async function draftAddition(
  wanted: Omit<NewEpoch, "at" | "work" | "dialogue"> & { readonly added: readonly OfferedMember[] },
  older: ReadonlyMap<number, Uint8Array>,
): Promise<DraftedEpoch> {
  const { added, before, beginning, signingSeed } = wanted;
  // What the server tells of the present members must be what the chain names.
  demand(same(canonical(plain(wanted.members.map(named))), canonical(plain(before.members))), "epoch_panel");
  const members = [...wanted.members, ...added];
  const drafted = await draftEpoch({ ...wanted, members });
  const { threshold, trustees } = drafted.unsigned;
  demand(
    threshold === before.threshold && same(canonical(plain(trustees)), canonical(plain(before.trustees))),
    "epoch",
  );
  // Nothing is proposed that a reader would refuse for anything but the signature that is still missing.
  readEpoch(epochBody({ ...drafted.unsigned, signatures: [] }));
  const files: { epoch: number; file: string; holder: string }[] = [];
  for (const { id: holder, recipient } of added) {
    for (const [epoch, seed] of older) files.push({ epoch, file: b64(await sealGrant(seed, recipient)), holder });
  }
  return {
    dialogue: b64(drafted.recipients.dialogue),
    epoch: drafted.unsigned.epoch,
    grants: drafted.grants.map(grantRow),
    older: files,
    signature: b64(sign(epochBytes(beginning, drafted.unsigned), signingSeed)),
    work: b64(drafted.recipients.work),
  };
}

/** The members that an offered epoch must have: the present ones, and those whom the act names. */
function unsignedBody(
  offered: OfferedEpoch,
  added: readonly Member[],
  { before, recipients }: Place,
): Omit<Epoch, "signatures"> {
  return {
    dialogue: recipientHash(offered.dialogue),
    epoch: before.epoch + 1,
    members: [...before.members, ...added],
    previous: recipientHash(recipients.work, recipients.dialogue),
    threshold: before.threshold,
    trustees: before.trustees,
    work: recipientHash(offered.work),
  };
}

/**
 * Check an offered epoch before anybody signs it: it is the next one, of exactly the present members and those added,
 * signed by its drafter, and my own grant opens and gives its keys. `holder` is my identity seed.
 */
export async function checkAddition(
  offered: OfferedEpoch,
  added: readonly Member[],
  drafter: Member,
  place: Place,
  holder: Uint8Array,
): Promise<void> {
  const { before, beginning } = place;
  demand(offered.epoch === before.epoch + 1, "epoch");
  demand(!before.members.some(({ id }) => added.some((one) => one.id === id)), "epoch_panel");
  const signed = epochBytes(beginning, unsignedBody(offered, added, place));
  demand(verifies(shape.bytes(offered.signature), signed, shape.bytes(drafter.verification_key)), "signature");
  const seed = await openGrant(offered.grant, holder, recipientHash(offered.work));
  demand(recipientHash(recipientOf(dialogueSeed(seed))) === recipientHash(offered.dialogue), "grant_seed");
}

/** Sign an epoch that `checkAddition` has let pass, and seal its records: work, then dialogue. */
export async function countersign(
  offered: OfferedEpoch,
  added: readonly Member[],
  drafter: string,
  place: Place,
  author: Author,
  places: EpochPlaces,
  at: string,
) {
  const { before, beginning, recipients } = place;
  const unsigned = unsignedBody(offered, added, place);
  const mine = b64(sign(epochBytes(beginning, unsigned), author.signingSeed));
  const signatures = [
    { member: drafter, signature: offered.signature },
    { member: author.from, signature: mine },
  ];
  const epoch: Epoch = { ...unsigned, signatures };
  checkEpoch(before, recipients, readEpoch(epochBody(epoch)), beginning);
  return sealEpoch(epoch, offered, beginning, places, author, at);
}
