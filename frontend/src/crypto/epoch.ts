import { recipientHash, recipientOf } from "./age";
import { type Bytes, b64, concat, fromB64, same, utf8 } from "./bytes";
import { canonical, type Json } from "./canonical";
import { demand } from "./errors";
import { type Beginning, type Member, named, type OfferedMember, readMembers } from "./genesis";
import { type Grant, sealGrant } from "./grant";
import { dialogueSeed, randomBytes, SEED_SIZE, SIGNATURE_SIZE, sign, VERIFICATION_KEY_SIZE, verifies } from "./keys";
import { type SealedRecord, sealRecord } from "./record";
import * as shape from "./shape";
import { namedTrustee, type OfferedTrustee, readTrustees, sealShares, type Trustee, type TrusteeSet } from "./trustee";

const CONTEXT = utf8("tipportal/epoch/v1\0");
const SOURCE_CONTEXT = utf8("tipportal/source/v1\0");

/** The two raw recipients of an epoch. */
export interface EpochRecipients {
  readonly work: Uint8Array;
  readonly dialogue: Uint8Array;
}

/** The source's public keys: the hash of its recipient, and what its signatures are verified with. */
export interface SourceNames {
  readonly recipient: string;
  readonly verification_key: string;
}

/** Other keys of the source from an epoch on; `proof` is signed with the new one. */
export interface SourceChange extends SourceNames {
  readonly proof: string;
}

/** Keys of a code of the source's own, in place of one that somebody else has seen. */
export interface OwnKeys {
  readonly recipient: Uint8Array;
  readonly signingSeed: Uint8Array;
  readonly verificationKey: Uint8Array;
}

/** What the chain has established about one epoch: recipients by hash, who is in it, and who holds shares of it. */
export interface EpochState extends TrusteeSet {
  readonly epoch: number;
  readonly work: string;
  readonly dialogue: string;
  readonly members: readonly Member[];
  /** The source's keys in it: those of genesis, until the source has named others. */
  readonly source: SourceNames;
}

/** The body of an epoch record, read. */
export interface Epoch extends Omit<EpochState, "source"> {
  /** Other keys of the source from now on, which only the source itself may name. */
  readonly source?: SourceChange | undefined;
  /** SHA-256 of the epoch before's raw work and dialogue recipients, hex. */
  readonly previous: string;
  readonly signatures: readonly { readonly member: string; readonly signature: string }[];
}

/** Epoch 0, as genesis made it. */
export function firstEpoch({ genesis }: Beginning): EpochState {
  const { dialogue, members, source, threshold, trustees, work } = genesis;
  return { dialogue, epoch: 0, members, source, threshold, trustees, work };
}

/** Whether the raw recipients are those that the chain names. */
export function isOf(recipients: EpochRecipients, state: EpochState): boolean {
  return recipientHash(recipients.work) === state.work && recipientHash(recipients.dialogue) === state.dialogue;
}

function plain(people: readonly Member[] | readonly Trustee[]): Json {
  return people.map((one) => ({ ...one }));
}

type Unsigned = Omit<Epoch, "signatures">;

function agreedOn(beginning: Beginning, epoch: Unsigned) {
  return {
    case: beginning.genesis.case,
    dialogue: epoch.dialogue,
    epoch: epoch.epoch,
    gen: beginning.gen,
    members: plain(epoch.members),
    previous: epoch.previous,
    threshold: epoch.threshold,
    trustees: plain(epoch.trustees),
    work: epoch.work,
  };
}

/** The bytes that members or trustees sign to agree to a new epoch. */
export function epochBytes(beginning: Beginning, epoch: Unsigned): Bytes {
  return concat(CONTEXT, canonical(agreedOn(beginning, epoch)));
}

/** What the source's new key signs: the keys, and all that members would sign, so the case as well. */
export function proofBytes(beginning: Beginning, epoch: Unsigned, names: SourceNames): Bytes {
  const { recipient, verification_key } = names;
  const source = { recipient, verification_key };
  return concat(SOURCE_CONTEXT, canonical({ ...agreedOn(beginning, epoch), source }));
}

export function epochBody(epoch: Epoch): Json {
  return {
    dialogue: epoch.dialogue,
    epoch: epoch.epoch,
    members: plain(epoch.members),
    previous: epoch.previous,
    signatures: epoch.signatures.map(({ member, signature }) => ({ member, signature })),
    ...(epoch.source === undefined ? {} : { source: { ...epoch.source } }),
    threshold: epoch.threshold,
    trustees: plain(epoch.trustees),
    v: 1,
    work: epoch.work,
  };
}

function readSignature(value: unknown): { member: string; signature: string } {
  const read = shape.exactly(value, "member", "signature");
  shape.bytes(read["signature"], SIGNATURE_SIZE);
  return { member: shape.signer(read["member"]), signature: shape.string(read["signature"]) };
}

function readSource(value: unknown): SourceChange {
  const read = shape.exactly(value, "recipient", "verification_key", "proof");
  shape.bytes(read["verification_key"], VERIFICATION_KEY_SIZE);
  shape.bytes(read["proof"], SIGNATURE_SIZE);
  return {
    recipient: shape.digest(read["recipient"]),
    verification_key: shape.string(read["verification_key"]),
    proof: shape.string(read["proof"]),
  };
}

export function readEpoch(value: unknown): Epoch {
  const changes = typeof value === "object" && value !== null && Object.hasOwn(value, "source");
  const read = shape.exactly(
    value,
    ...(changes ? ["source"] : []),
    ...["v", "epoch", "previous", "work", "dialogue", "members", "trustees", "threshold", "signatures"],
  );
  demand(read["v"] === 1, "version");
  const members = readMembers(read["members"]);
  const signatures = shape.list(read["signatures"], readSignature);
  demand(new Set(signatures.map(({ member }) => member)).size === signatures.length, "value");
  return {
    epoch: shape.count(read["epoch"]),
    previous: shape.digest(read["previous"]),
    work: shape.digest(read["work"]),
    dialogue: shape.digest(read["dialogue"]),
    members,
    ...readTrustees(read["trustees"], read["threshold"], members),
    signatures,
    ...(changes ? { source: readSource(read["source"]) } : {}),
  };
}

/** The source's keys after an epoch record: whoever handles the case, or has its old code, must not become its source. */
function sourceAfter(before: EpochState, epoch: Epoch, beginning: Beginning): SourceNames {
  const { source } = epoch;
  if (source === undefined) return before.source;
  const { genesis } = beginning;
  const { proof, recipient, verification_key } = source;
  const people = [genesis, before, epoch].flatMap(({ members, trustees }) => [...members, ...trustees]);
  const others = [before.source, genesis.source, ...people];
  demand(!others.some((one) => one.verification_key === verification_key || one.recipient === recipient), "source");
  const signed = proofBytes(beginning, epoch, source);
  demand(verifies(fromB64(proof), signed, fromB64(verification_key)), "source");
  return { recipient, verification_key };
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
 * Whether as many of these trustees as it takes, and never fewer than two, have signed the epoch. Held by key alone: a
 * set from a directory has no per-case pseudonyms.
 */
export function trusteesConsent(among: TrusteeSet, epoch: Epoch, beginning: Beginning): boolean {
  const agreed = epochBytes(beginning, epoch);
  const keys = new Set(among.trustees.map((trustee) => trustee.verification_key));
  const signed = [...keys].filter((key) =>
    epoch.signatures.some(({ signature }) => verifies(fromB64(signature), agreed, fromB64(key))),
  );
  // Fewer than two would be one person's word; none at all must never count as agreement.
  return signed.length >= Math.max(among.threshold, 2);
}

/**
 * Check the body of an epoch record (as `readEpoch` gives it, so two people from two units remain) against the epoch
 * before it, whose raw recipients are `recipients`; give what holds after it. Only a record of the source's own may
 * name other keys of the source: whoever reads the stream checks that.
 *
 * Two members of the epoch before who stay may change the members, and so may its trustees, as many as it takes, or
 * those of a directory that has been verified (`trusted`); unsigned, or signed by one, the epoch may only remove people
 * and let those step in who stood by at the beginning.
 */
export function checkEpoch(
  before: EpochState,
  recipients: EpochRecipients,
  epoch: Epoch,
  beginning: Beginning,
  trusted?: TrusteeSet,
): EpochState {
  demand(epoch.epoch === before.epoch + 1, "epoch");
  demand(isOf(recipients, before), "recipient");
  demand(epoch.previous === recipientHash(recipients.work, recipients.dialogue), "previous");
  // On the old keys whoever was removed could read on.
  demand(epoch.work !== before.work && epoch.dialogue !== before.dialogue, "recipient");
  // Otherwise what one person signed could later be laid at another's door.
  const { genesis } = beginning;
  const former = [...genesis.members, ...genesis.trustees, ...before.members, ...before.trustees];
  const known = new Map(former.map((one) => [one.id, one.verification_key]));
  const passedOn = ({ id, verification_key }: Member | Trustee) =>
    (known.get(id) ?? verification_key) !== verification_key;
  demand(![...epoch.members, ...epoch.trustees].some(passedOn), "epoch_panel");
  const { dialogue, members, threshold, trustees, work } = epoch;
  const source = sourceAfter(before, epoch, beginning);
  const after = { dialogue, epoch: epoch.epoch, members, source, threshold, trustees, work };
  if (consenting(before, epoch, beginning) >= 2 || trusteesConsent(before, epoch, beginning)) return after;
  if (trusted !== undefined && trusteesConsent(trusted, epoch, beginning)) return after;
  const sameTrustees = same(canonical(plain(epoch.trustees)), canonical(plain(before.trustees)));
  demand(epoch.threshold === before.threshold && sameTrustees, "too_few_signatures");
  const standby = beginning.genesis.members.filter((member) => member.role === "standby");
  const narrows = onlyNarrows(before.members, epoch.members, new Set(standby.map((member) => member.id)));
  demand(narrows, "too_few_signatures");
  return after;
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
  /** Who gets a share of the new seed, and how many it takes: those of the epoch before, unless enough agree. */
  readonly trustees?: readonly OfferedTrustee[];
  readonly threshold?: number;
  /** Who else agrees: trustees who recover a case, with the seeds that they sign with. */
  readonly signers?: readonly { readonly id: string; readonly signingSeed: Uint8Array }[];
  /** Trustees of a verified directory whose agreement counts beside that of the chain's own. */
  readonly trusted?: TrusteeSet;
  /** The source's raw recipient; the chain names it by hash. */
  readonly source: Uint8Array;
  /** Keys that the source has from this epoch on; it alone gives them. */
  readonly own?: OwnKeys | undefined;
  /** `source` or a pseudonym, and the seed that signs for it. */
  readonly from: string;
  readonly signingSeed: Uint8Array;
  readonly at: string;
}

/** Fresh keys of an epoch, what its members agree to, and a grant to each of them, each trustee and the source. */
export async function draftEpoch(
  wanted: Pick<
    NewEpoch,
    "beginning" | "before" | "recipients" | "members" | "trustees" | "threshold" | "source" | "own"
  >,
  random = randomBytes,
) {
  const { before, threshold = 0, trustees = [] } = wanted;
  demand(recipientHash(wanted.source) === before.source.recipient, "source");
  const workSeed = random(SEED_SIZE);
  const seeds = { dialogue: dialogueSeed(workSeed), work: workSeed };
  const recipients = { dialogue: recipientOf(seeds.dialogue), work: recipientOf(seeds.work) };
  const unsigned: Unsigned = {
    epoch: before.epoch + 1,
    previous: recipientHash(wanted.recipients.work, wanted.recipients.dialogue),
    work: recipientHash(recipients.work),
    dialogue: recipientHash(recipients.dialogue),
    members: wanted.members.map(named),
    threshold,
    trustees: trustees.map(namedTrustee),
  };
  const grants: Grant[] = [];
  for (const member of wanted.members) {
    grants.push({ file: await sealGrant(workSeed, member.recipient), holder: member.id, kind: member.role });
  }
  grants.push(...(await sealShares(workSeed, trustees, threshold)));
  grants.push({
    file: await sealGrant(seeds.dialogue, wanted.own?.recipient ?? wanted.source),
    holder: "source",
    kind: "source",
  });
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

function changeTo(own: OwnKeys, beginning: Beginning, unsigned: Unsigned): SourceChange {
  const names = { recipient: recipientHash(own.recipient), verification_key: b64(own.verificationKey) };
  return { ...names, proof: b64(sign(proofBytes(beginning, unsigned, names), own.signingSeed)) };
}

/** Make a new epoch: fresh keys, a record in both streams, a grant to each member, each trustee and the source. */
export async function makeEpoch(wanted: NewEpoch, random = randomBytes) {
  const { at, before, beginning, from, own: newKeys, signingSeed } = wanted;
  const { grants, recipients, seeds, unsigned } = await draftEpoch(wanted, random);
  const agreed = epochBytes(beginning, unsigned);
  const own = from === "source" ? [] : [{ id: from, signingSeed }];
  const others = (wanted.signers ?? []).filter(({ id }) => id !== from);
  const epoch: Epoch = {
    ...unsigned,
    signatures: [...own, ...others].map((one) => ({ member: one.id, signature: b64(sign(agreed, one.signingSeed)) })),
    ...(newKeys === undefined ? {} : { source: changeTo(newKeys, beginning, unsigned) }),
  };
  // Nothing is sealed that a reader would refuse.
  checkEpoch(before, wanted.recipients, readEpoch(epochBody(epoch)), beginning, wanted.trusted);
  const records = await sealEpoch(epoch, recipients, beginning, wanted, { from, signingSeed }, at);
  return { epoch, grants, recipients, records, seeds };
}
