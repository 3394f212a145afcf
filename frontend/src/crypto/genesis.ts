import { RECIPIENT_SIZE, recipientHash } from "./age";
import { type Bytes, b64, hex, sha256Hex } from "./bytes";
import type { Json } from "./canonical";
import { demand } from "./errors";
import { VERIFICATION_KEY_SIZE } from "./keys";
import { NO_DIGEST, type OpenedRecord, openRecord } from "./record";
import * as shape from "./shape";

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
  readonly policy_version: number;
  readonly directory_version: number;
}

/** Why an offered panel is not acceptable. */
export type OfferFault = "panel_too_small" | "panel_one_unit" | "keys_repeat" | "members_repeat" | "concerned" | "key";

/** The rules that hold for any set of members: two people on the panel from two units, no two the same person. */
export function membersFault(members: readonly Member[]): OfferFault | null {
  const panel = members.filter((member) => member.role === "panel");
  const repeats = (key: (member: Member) => string) => new Set(members.map(key)).size !== members.length;
  if (panel.length < 2) return "panel_too_small";
  if (new Set(panel.map((member) => member.unit)).size < 2) return "panel_one_unit";
  if (repeats((member) => member.id)) return "members_repeat";
  // One key under two names would make one person count as two.
  if (repeats((member) => member.recipient) || repeats((member) => member.verification_key)) return "keys_repeat";
  return null;
}

/** Check an offered panel against what the source said it concerns (ids of functions and units). Null when it holds. */
export function checkOffer(members: readonly OfferedMember[], concerns: readonly string[]): OfferFault | null {
  const keys = (member: OfferedMember) =>
    member.recipient.length === RECIPIENT_SIZE && member.verificationKey.length === VERIFICATION_KEY_SIZE;
  if (!members.every(keys)) return "key";
  const concerned = new Set(concerns);
  // Those who stand by as well: they may be let in later.
  if (members.some((member) => concerned.has(member.unit) || concerned.has(member.function))) return "concerned";
  return membersFault(members.map(named));
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

export function readMember(value: unknown): Member {
  const read = shape.exactly(value, "id", "role", "function", "unit", "recipient", "verification_key");
  shape.bytes(read["verification_key"], VERIFICATION_KEY_SIZE);
  return {
    id: shape.pseudonym(read["id"]),
    role: shape.oneOf(read["role"], "panel", "standby"),
    function: shape.filled(read["function"]),
    unit: shape.filled(read["unit"]),
    recipient: shape.digest(read["recipient"]),
    verification_key: shape.string(read["verification_key"]),
  };
}

/** The body of a genesis record. */
export function genesisBody(genesis: Genesis): Json {
  return {
    ...genesis,
    members: genesis.members.map((member) => ({ ...member })),
    source: { ...genesis.source },
    trustees: [],
    v: 1,
  };
}

export function readGenesis(value: unknown): Genesis {
  const read = shape.exactly(
    value,
    ...["v", "installation", "organisation", "authority", "channel", "case", "source", "work", "dialogue", "members"],
    ...["trustees", "policy_version", "directory_version"],
  );
  const source = shape.exactly(read["source"], "recipient", "verification_key");
  demand(read["v"] === 1, "version");
  demand(Array.isArray(read["trustees"]) && read["trustees"].length === 0, "trustees");
  const members = shape.list(read["members"], readMember);
  const fault = membersFault(members);
  demand(fault === null, fault ?? "");
  shape.bytes(source["verification_key"], VERIFICATION_KEY_SIZE);
  return {
    installation: hex(shape.hexBytes(read["installation"], 16)),
    organisation: shape.filled(read["organisation"]),
    authority: shape.filled(read["authority"]),
    channel: shape.oneOf(read["channel"], "tip", "report"),
    case: shape.reference(read["case"]),
    source: {
      recipient: shape.digest(source["recipient"]),
      verification_key: shape.string(source["verification_key"]),
    },
    work: shape.digest(read["work"]),
    dialogue: shape.digest(read["dialogue"]),
    members,
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
