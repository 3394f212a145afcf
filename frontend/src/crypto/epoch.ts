import { recipientHash, recipientOf } from "./age";
import { type Bytes, b64, concat, fromB64, same, utf8 } from "./bytes";
import { canonical, type Json } from "./canonical";
import { demand } from "./errors";
import { type Beginning, type Member, named, type OfferedMember, readMembers } from "./genesis";
import { type Grant, sealGrant } from "./grant";
import { dialogueSeed, randomBytes, SEED_SIZE, SIGNATURE_SIZE, sign, verifies } from "./keys";
import { type SealedRecord, sealRecord } from "./record";
import * as shape from "./shape";

const CONTEXT = utf8("tipportal/epoch/v1\0");

/** The two raw recipients of an epoch. */
export interface EpochRecipients {
  readonly work: Uint8Array;
  readonly dialogue: Uint8Array;
}

/** What the chain has established about one epoch: recipients by hash, and who is in it. */
export interface EpochState {
  readonly epoch: number;
  readonly work: string;
  readonly dialogue: string;
  readonly members: readonly Member[];
}

/** The body of an epoch record, read. */
export interface Epoch extends EpochState {
  /** SHA-256 of the epoch before's raw work and dialogue recipients, hex. */
  readonly previous: string;
  readonly signatures: readonly { readonly member: string; readonly signature: string }[];
}

/** Epoch 0, as genesis made it. */
export function firstEpoch({ genesis }: Beginning): EpochState {
  return { dialogue: genesis.dialogue, epoch: 0, members: genesis.members, work: genesis.work };
}

/** Whether the raw recipients are those that the chain names. */
export function isOf(recipients: EpochRecipients, state: EpochState): boolean {
  return recipientHash(recipients.work) === state.work && recipientHash(recipients.dialogue) === state.dialogue;
}

function plain(members: readonly Member[]): Json {
  return members.map((member) => ({ ...member }));
}

/** The bytes that members sign to agree to a new epoch. */
export function epochBytes(beginning: Beginning, epoch: Omit<Epoch, "signatures">): Bytes {
  const agreed = {
    case: beginning.genesis.case,
    dialogue: epoch.dialogue,
    epoch: epoch.epoch,
    gen: beginning.gen,
    members: plain(epoch.members),
    previous: epoch.previous,
    work: epoch.work,
  };
  return concat(CONTEXT, canonical(agreed));
}

export function epochBody(epoch: Epoch): Json {
  return {
    dialogue: epoch.dialogue,
    epoch: epoch.epoch,
    members: plain(epoch.members),
    previous: epoch.previous,
    signatures: epoch.signatures.map(({ member, signature }) => ({ member, signature })),
    v: 1,
    work: epoch.work,
  };
}

function readSignature(value: unknown): { member: string; signature: string } {
  const read = shape.exactly(value, "member", "signature");
  shape.bytes(read["signature"], SIGNATURE_SIZE);
  return { member: shape.pseudonym(read["member"]), signature: shape.string(read["signature"]) };
}

export function readEpoch(value: unknown): Epoch {
  const read = shape.exactly(value, "v", "epoch", "previous", "work", "dialogue", "members", "signatures");
  demand(read["v"] === 1, "version");
  const signatures = shape.list(read["signatures"], readSignature);
  demand(new Set(signatures.map(({ member }) => member)).size === signatures.length, "value");
  return {
    epoch: shape.count(read["epoch"]),
    previous: shape.digest(read["previous"]),
    work: shape.digest(read["work"]),
    dialogue: shape.digest(read["dialogue"]),
    members: readMembers(read["members"]),
    signatures,
  };
}

/** Members who may be in an epoch that fewer than two have signed: those before, and who stood by may step in. */
function onlyNarrows(before: readonly Member[], after: readonly Member[], standby: ReadonlySet<string>): boolean {
  return after.every((member) => {
    const old = before.find((one) => one.id === member.id);
    if (old === undefined) return false;
    const stepsIn = old.role === "standby" && member.role === "panel" && standby.has(member.id);
    return (
      same(canonical({ ...old, role: member.role }), canonical({ ...member })) && (old.role === member.role || stepsIn)
    );
  });
}

/** Members of the epoch before who stay and agree: each counts once. */
function consenting(before: EpochState, epoch: Epoch, beginning: Beginning): number {
  const agreed = epochBytes(beginning, epoch);
  const staying = before.members.filter((member) => epoch.members.some((one) => one.id === member.id));
  return epoch.signatures.filter(({ member, signature }) => {
    const signer = staying.find((one) => one.id === member);
    return signer !== undefined && verifies(fromB64(signature), agreed, fromB64(signer.verification_key));
  }).length;
}

/**
 * Check the body of an epoch record (as `readEpoch` gives it, so two people from two units remain) against the epoch
 * before it, whose raw recipients are `recipients`.
 *
 * Two members of the epoch before who stay may change the members; unsigned, or signed by one, the epoch may only
 * remove people and let those step in who stood by at the beginning.
 */
export function checkEpoch(before: EpochState, recipients: EpochRecipients, epoch: Epoch, beginning: Beginning): void {
  demand(epoch.epoch === before.epoch + 1, "epoch");
  demand(isOf(recipients, before), "recipient");
  demand(epoch.previous === recipientHash(recipients.work, recipients.dialogue), "previous");
  // On the old keys whoever was removed could read on.
  demand(epoch.work !== before.work && epoch.dialogue !== before.dialogue, "recipient");
  // Otherwise what one person signed could later be laid at another's door.
  const known = new Map([...beginning.genesis.members, ...before.members].map((one) => [one.id, one.verification_key]));
  const passedOn = ({ id, verification_key }: Member) => (known.get(id) ?? verification_key) !== verification_key;
  demand(!epoch.members.some(passedOn), "epoch_panel");
  if (consenting(before, epoch, beginning) >= 2) return;
  const standby = beginning.genesis.members.filter((member) => member.role === "standby");
  const narrows = onlyNarrows(before.members, epoch.members, new Set(standby.map((member) => member.id)));
  demand(narrows, "too_few_signatures");
}

/** Where the record that begins an epoch goes: the next `seq` and `prev` of each stream. */
export interface EpochPlaces {
  readonly work: { readonly seq: number; readonly prev: string };
  readonly dialogue: { readonly seq: number; readonly prev: string };
}

/** What a new epoch is made of. */
export interface NewEpoch extends EpochPlaces {
  readonly beginning: Beginning;
  readonly before: EpochState;
  /** The raw recipients of the epoch before. */
  readonly recipients: EpochRecipients;
  readonly members: readonly OfferedMember[];
  /** The source's raw recipient; genesis names it by hash. */
  readonly source: Uint8Array;
  /** `source` or a pseudonym, and the seed that signs for it. */
  readonly from: string;
  readonly signingSeed: Uint8Array;
  readonly at: string;
}

/** Fresh keys of an epoch, what its members agree to, and a grant to each of them and to the source. */
export async function draftEpoch(
  wanted: Pick<NewEpoch, "beginning" | "before" | "recipients" | "members" | "source">,
  random = randomBytes,
) {
  const { before, beginning } = wanted;
  demand(recipientHash(wanted.source) === beginning.genesis.source.recipient, "source");
  const workSeed = random(SEED_SIZE);
  const seeds = { dialogue: dialogueSeed(workSeed), work: workSeed };
  const recipients = { dialogue: recipientOf(seeds.dialogue), work: recipientOf(seeds.work) };
  const unsigned: Omit<Epoch, "signatures"> = {
    epoch: before.epoch + 1,
    previous: recipientHash(wanted.recipients.work, wanted.recipients.dialogue),
    work: recipientHash(recipients.work),
    dialogue: recipientHash(recipients.dialogue),
    members: wanted.members.map(named),
  };
  const grants: Grant[] = [];
  for (const member of wanted.members) {
    grants.push({ file: await sealGrant(workSeed, member.recipient), holder: member.id, kind: member.role });
  }
  grants.push({ file: await sealGrant(seeds.dialogue, wanted.source), holder: "source", kind: "source" });
  return { grants, recipients, seeds, unsigned };
}

/** Seal the record that begins an epoch, once for each stream: work, then dialogue. */
export async function sealEpoch(
  epoch: Epoch,
  recipients: EpochRecipients,
  beginning: Beginning,
  places: EpochPlaces,
  author: { readonly from: string; readonly signingSeed: Uint8Array },
  at: string,
) {
  const record = (stream: "work" | "dialogue"): Promise<SealedRecord> => {
    const place = {
      case: beginning.genesis.case,
      gen: beginning.gen,
      stream,
      epoch: epoch.epoch,
      kind: "epoch",
    } as const;
    const header = { ...place, seq: places[stream].seq, prev: places[stream].prev, from: author.from, at };
    return sealRecord(header, epochBody(epoch), author.signingSeed, [recipients[stream]]);
  };
  return [await record("work"), await record("dialogue")] as const;
}

/** Make a new epoch: fresh keys, a record in both streams, and a grant to each member and the source. */
export async function makeEpoch(wanted: NewEpoch, random = randomBytes) {
  const { at, before, beginning, from, signingSeed } = wanted;
  const { grants, recipients, seeds, unsigned } = await draftEpoch(wanted, random);
  const signature = b64(sign(epochBytes(beginning, unsigned), signingSeed));
  const epoch: Epoch = { ...unsigned, signatures: from === "source" ? [] : [{ member: from, signature }] };
  // Nothing is sealed that a reader would refuse.
  checkEpoch(before, wanted.recipients, readEpoch(epochBody(epoch)), beginning);
  const records = await sealEpoch(epoch, recipients, beginning, wanted, { from, signingSeed }, at);
  return { epoch, grants, recipients, records, seeds };
}
