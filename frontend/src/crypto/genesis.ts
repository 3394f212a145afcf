import { RECIPIENT_SIZE, recipientHash } from "./age";
import { type Bytes, b64, hex, sha256Hex } from "./bytes";
import type { Json } from "./canonical";
import { demand, EnvelopeError } from "./errors";
import { requireKey, VERIFICATION_KEY_SIZE } from "./keys";
import { NO_DIGEST, type OpenedRecord, openRecord } from "./record";
import * as shape from "./shape";
import { namedTrustee, type OfferedTrustee, readTrustees, type Trustee, trusteesHold } from "./trustee";

const MAX_MEMBERS = 100;

export type Role = "panel" | "standby";
export type Channel = "tip" | "report";

/** Somebody whom the server offers for a case, with the whole keys. */
export interface OfferedMember {
  readonly id: string;
  readonly role: Role;
  readonly function: string;
  readonly unit: string;
  readonly recipient: Bytes;
  readonly verificationKey: Bytes;
}

/** A member as genesis and epoch records name one: the recipient by its hash. */
export interface Member {
  readonly id: string;
  readonly role: Role;
  readonly function: string;
  readonly unit: string;
  /** SHA-256 of the raw recipient, hex. */
  readonly recipient: string;
  readonly verification_key: string;
}

export interface Genesis {
  readonly installation: string;
  readonly organisation: string;
  readonly authority: string;
  readonly channel: Channel;
  readonly case: string;
  readonly source: { readonly recipient: string; readonly verification_key: string };
  readonly work: string;
  readonly dialogue: string;
  readonly members: readonly Member[];
  readonly trustees: readonly Trustee[];
  /** How many of the trustees open the case together; 0 where there are none. */
  readonly threshold: number;
  /** The vault's recipient by its hash, where the source gave a name or contact. */
  readonly vault: string | null;
  readonly policy_version: number;
  readonly directory_version: number;
}

/** Why nothing may be sealed to an offered panel. */
export type OfferFault =
  | "panel_too_small"
  | "panel_one_unit"
  | "members_repeat"
  | "keys_repeat"
  | "concerned"
  | "trustees";

/** An offer that does not hold what is promised to a source: nothing is sealed and nothing sent. */
export class OfferRefusedError extends EnvelopeError {
  constructor(readonly faults: readonly OfferFault[]) {
    super("offer");
  }
}

/** What is wrong with any set of members: fewer than two on the panel or from two units, one person twice. */
export function membersFaults(members: readonly Member[]): OfferFault[] {
  const panel = members.filter((member) => member.role === "panel");
  const different = (key: (member: Member) => string) => new Set(members.map(key)).size;
  const faults: OfferFault[] = [];
  if (panel.length < 2) faults.push("panel_too_small");
  if (new Set(panel.map((member) => member.unit)).size < 2) faults.push("panel_one_unit");
  if (different((member) => member.id) < members.length) faults.push("members_repeat");
  // One key under two names would make one person count as two.
  const keys = Math.min(
    different((member) => member.recipient),
    different((member) => member.verification_key),
  );
  if (keys < members.length) faults.push("keys_repeat");
  return faults;
}

/**
 * Everything that is wrong with an offered panel, nothing if it may be sealed to. `concerns` are the units and
 * functions that the report is about, as routing facts name them (`unit:<id>`, `function:<id>`). Standbys are held
 * against them too, as they may be let in later.
 */
export function checkOffer(
  members: readonly OfferedMember[],
  concerns: readonly string[],
  trustees: readonly OfferedTrustee[] = [],
  threshold = 0,
): OfferFault[] {
  const faults = membersFaults(members.map(named));
  // Fail closed: a bare id counts as well.
  const names = ({ function: group, unit }: OfferedMember) => [unit, `unit:${unit}`, group, `function:${group}`];
  const concerned = members.some((member) => names(member).some((name) => concerns.includes(name)));
  if (concerned) faults.push("concerned");
  const set = { threshold, trustees: trustees.map(namedTrustee) };
  if ((trustees.length > 0 || threshold > 0) && !trusteesHold(set, members.map(named))) faults.push("trustees");
  return faults;
}

/** Read somebody whom the server offers for a case. */
export function readOffered(value: unknown): OfferedMember {
  const read = shape.including(value, "id", "role", "function", "unit", "recipient", "verification_key");
  const verificationKey = shape.bytes(read["verification_key"], VERIFICATION_KEY_SIZE);
  requireKey(verificationKey);
  return {
    id: shape.pseudonym(read["id"]),
    role: shape.oneOf(read["role"], "panel", "standby"),
    function: shape.reference(read["function"]),
    unit: shape.reference(read["unit"]),
    recipient: shape.bytes(read["recipient"], RECIPIENT_SIZE),
    verificationKey,
  };
}

/** A member as records name one. */
export function named(member: OfferedMember): Member {
  return {
    id: member.id,
    role: member.role,
    function: member.function,
    unit: member.unit,
    recipient: recipientHash(member.recipient),
    verification_key: b64(member.verificationKey),
  };
}

/** One member as records name one, read strictly. */
export function readMember(value: unknown): Member {
  const read = shape.exactly(value, "id", "role", "function", "unit", "recipient", "verification_key");
  requireKey(shape.bytes(read["verification_key"], VERIFICATION_KEY_SIZE));
  return {
    id: shape.pseudonym(read["id"]),
    role: shape.oneOf(read["role"], "panel", "standby"),
    function: shape.reference(read["function"]),
    unit: shape.reference(read["unit"]),
    recipient: shape.digest(read["recipient"]),
    verification_key: shape.string(read["verification_key"]),
  };
}

/** Read a list of members; one that could not be a panel is refused. */
export function readMembers(value: unknown): Member[] {
  const members = shape.list(value, readMember, MAX_MEMBERS);
  demand(membersFaults(members).length === 0, "offer");
  return members;
}

/** The body of a genesis record. */
export function genesisBody(genesis: Genesis): Json {
  return {
    ...genesis,
    members: genesis.members.map((member) => ({ ...member })),
    source: { ...genesis.source },
    trustees: genesis.trustees.map((trustee) => ({ ...trustee })),
    v: 1,
  };
}

export function readGenesis(value: unknown): Genesis {
  const read = shape.exactly(
    value,
    ...["v", "installation", "organisation", "authority", "channel", "case", "source", "work", "dialogue", "members"],
    ...["trustees", "threshold", "vault", "policy_version", "directory_version"],
  );
  const source = shape.exactly(read["source"], "recipient", "verification_key");
  demand(read["v"] === 1, "version");
  const members = readMembers(read["members"]);
  requireKey(shape.bytes(source["verification_key"], VERIFICATION_KEY_SIZE));
  return {
    installation: hex(shape.hexBytes(read["installation"], 16)),
    organisation: shape.slug(read["organisation"]),
    authority: shape.slug(read["authority"]),
    channel: shape.oneOf(read["channel"], "tip", "report"),
    case: shape.reference(read["case"]),
    source: {
      recipient: shape.digest(source["recipient"]),
      verification_key: shape.string(source["verification_key"]),
    },
    work: shape.digest(read["work"]),
    dialogue: shape.digest(read["dialogue"]),
    members,
    ...readTrustees(read["trustees"], read["threshold"], members),
    vault: shape.orNull(read["vault"], shape.digest),
    policy_version: shape.count(read["policy_version"]),
    directory_version: shape.count(read["directory_version"]),
  };
}

/** A verified beginning of a case: everything later is checked against it. */
export interface Beginning {
  readonly genesis: Genesis;
  /** SHA-256 of the genesis record, hex: `gen` of every other record. */
  readonly gen: string;
  /** SHA-256 of its age file, hex: `prev` of the first record in each stream. */
  readonly fileDigest: string;
  readonly sealedBy: "browser" | "server";
}

/** What the reader already knows about the case it asks for. */
export interface Expected {
  readonly case: string;
  readonly installation: string;
  /** For the source: its own keys must be the ones in genesis. */
  readonly source?: { readonly recipient: Uint8Array; readonly verificationKey: Uint8Array };
}

function checkGenesis(opened: OpenedRecord, expected: Expected): Genesis {
  const { header } = opened;
  const genesis = readGenesis(opened.body);
  demand(header.stream === "genesis" && header.epoch === 0 && header.seq === 0, "genesis");
  demand(header.gen === NO_DIGEST && header.prev === NO_DIGEST && header.from === "source", "genesis");
  demand(opened.signedBy(shape.bytes(genesis.source.verification_key)), "signature");
  demand(genesis.case === expected.case && header.case === expected.case, "case");
  demand(genesis.installation === expected.installation, "installation");
  if (expected.source !== undefined) {
    // Anyone can seal a consistent beginning to the source's public recipient; only the source signs with its code.
    demand(genesis.source.recipient === recipientHash(expected.source.recipient), "source");
    demand(genesis.source.verification_key === b64(expected.source.verificationKey), "source");
  }
  return genesis;
}

/**
 * Open and verify a genesis file with the source's seed, or with the work seed of epoch 0.
 *
 * `sealedTo` are the two raw recipients, source and work, as the server tells them; genesis names both by hash.
 */
export async function openGenesis(
  file: Uint8Array,
  seed: Uint8Array,
  sealedTo: { readonly source: Uint8Array; readonly work: Uint8Array },
  expected: Expected,
): Promise<Beginning> {
  const opened = await openRecord(file, seed, 2);
  const genesis = checkGenesis(opened, expected);
  demand(recipientHash(sealedTo.source) === genesis.source.recipient, "recipient");
  demand(recipientHash(sealedTo.work) === genesis.work, "recipient");
  demand(opened.header.recipient === recipientHash(sealedTo.source, sealedTo.work), "recipient");
  return { genesis, gen: opened.digest, fileDigest: sha256Hex(file), sealedBy: opened.header.sealed_by };
}
