import { recipientHash, recipientOf } from "./age";
import { type Bytes, b64, hex } from "./bytes";
import type { Json } from "./canonical";
import type { SourceKeys } from "./code";
import { demand } from "./errors";
import {
  type Channel,
  checkOffer,
  type Genesis,
  genesisBody,
  named,
  type OfferedMember,
  OfferRefusedError,
  readOffered,
} from "./genesis";
import { type Grant, sealGrant } from "./grant";
import { dialogueSeed, randomBytes, SEED_SIZE } from "./keys";
import { type Attachment, NO_DIGEST, sealRecord } from "./record";
import { grantRow, recordRow } from "./rows";
import * as shape from "./shape";
import { namedTrustee, type OfferedTrustee, readOfferedTrustee, sealShares } from "./trustee";
import { type Identity, type SealedVault, sealVault } from "./vault";

/** The routing facts: the only things about a report that the server sees. */
export interface Facts {
  readonly area: string;
  readonly subject_role: string;
  readonly concerns: readonly string[];
}

/** The answer to `POST /api/panel`: who would receive this case. */
export interface Offer {
  readonly ticket: string;
  readonly reference: string;
  readonly installation: Bytes;
  readonly date: string;
  readonly organisation: string;
  readonly authority: string;
  readonly policy_version: number;
  readonly directory_version: number;
  readonly members: readonly OfferedMember[];
  readonly trustees: readonly OfferedTrustee[];
  readonly trustee_threshold: number;
}

/** Read the server's offer. */
export function readOffer(value: unknown): Offer {
  const read = shape.including(
    value,
    ...["ticket", "reference", "installation", "date", "organisation", "authority"],
    ...["policy_version", "directory_version", "members", "trustees", "trustee_threshold"],
  );
  return {
    ticket: shape.filled(read["ticket"]),
    reference: shape.reference(read["reference"]),
    installation: shape.hexBytes(read["installation"], 16),
    date: shape.date(read["date"]),
    organisation: shape.slug(read["organisation"]),
    authority: shape.slug(read["authority"]),
    policy_version: shape.count(read["policy_version"]),
    directory_version: shape.count(read["directory_version"]),
    members: shape.list(read["members"], readOffered),
    trustees: shape.list(read["trustees"], readOfferedTrustee),
    trustee_threshold: shape.count(read["trustee_threshold"]),
  };
}

/** What a source sends in. */
export interface Case {
  readonly organisation: string;
  readonly channel: Channel;
  readonly facts: Facts;
  /** Answers by field name; unanswered fields are left out. */
  readonly answers: Readonly<Record<string, string | readonly string[]>>;
  readonly language: string;
  /** The files that the report names, sealed and sent beforehand. */
  readonly attachments?: readonly Attachment[];
  /** The name or contact that the source gave: to a vault that takes two to open. */
  readonly identity?: Identity | undefined;
}

/** The JSON body of `POST /api/cases`, but for the form token. */
export type Submission = Readonly<Record<string, unknown>>;

function vaultRow({ file, recipient, shares }: SealedVault) {
  const rows = shares.map((share) => ({ file: b64(share.file), holder: share.holder }));
  return { file: b64(file), recipient: b64(recipient), shares: rows };
}

/**
 * Seal a case for the offered panel: genesis, report and routing facts, and a grant to each holder.
 *
 * Nothing is sealed unless the offer holds (`checkOffer`). The keys come from the case code, so a second try with the
 * same code meets the first one at the server. To repeat a request whose answer was lost, send the same object again:
 * sealing anew gives other bytes.
 *
 * @throws OfferRefusedError when the panel must not be sealed to
 * @throws EnvelopeError `organisation` or `installation` when the offer is for something else than was asked
 */
export async function buildSubmission(
  offer: Offer,
  wanted: Case,
  keys: SourceKeys,
  random = randomBytes,
): Promise<Submission> {
  const { trustee_threshold: threshold, trustees } = offer;
  const faults = checkOffer(offer.members, wanted.facts.concerns, trustees, threshold);
  if (faults.length > 0) throw new OfferRefusedError(faults);
  demand(offer.organisation === wanted.organisation, "organisation");
  // Keys of another installation would make a case that the code never finds again.
  demand(hex(offer.installation) === keys.installation, "installation");
  const workSeed = random(SEED_SIZE);
  const dialogue = dialogueSeed(workSeed);
  const vaultSeed = wanted.identity === undefined ? null : random(SEED_SIZE);
  const recipients = { dialogue: recipientOf(dialogue), work: recipientOf(workSeed) };
  const genesis: Genesis = {
    installation: keys.installation,
    organisation: offer.organisation,
    authority: offer.authority,
    channel: wanted.channel,
    case: offer.reference,
    source: { recipient: recipientHash(keys.recipient), verification_key: b64(keys.verificationKey) },
    work: recipientHash(recipients.work),
    dialogue: recipientHash(recipients.dialogue),
    members: offer.members.map(named),
    trustees: trustees.map(namedTrustee),
    threshold,
    vault: vaultSeed === null ? null : recipientHash(recipientOf(vaultSeed)),
    policy_version: offer.policy_version,
    directory_version: offer.directory_version,
  };
  const place = { at: offer.date, case: offer.reference, epoch: 0, from: "source", seq: 0 } as const;
  const beginning = await sealRecord(
    { ...place, gen: NO_DIGEST, kind: "genesis", prev: NO_DIGEST, stream: "genesis" },
    genesisBody(genesis),
    keys.signingSeed,
    [keys.recipient, recipients.work],
  );
  const first = { ...place, gen: beginning.digest, prev: beginning.fileDigest };
  const report: Json = { answers: { ...wanted.answers }, form: wanted.channel, language: wanted.language };
  const facts: Json = { ...wanted.facts };
  const reported = { ...first, attachments: wanted.attachments ?? [], kind: "report", stream: "dialogue" } as const;
  const records = [
    beginning,
    await sealRecord(reported, report, keys.signingSeed, [recipients.dialogue]),
    await sealRecord({ ...first, kind: "facts", stream: "work" }, facts, keys.signingSeed, [recipients.work]),
  ];
  const grants: Grant[] = [];
  for (const { id, recipient, role } of offer.members) {
    grants.push({ file: await sealGrant(workSeed, recipient), holder: id, kind: role });
  }
  grants.push(...(await sealShares(workSeed, trustees, threshold)));
  grants.push({ file: await sealGrant(dialogue, keys.recipient), holder: "source", kind: "source" });
  const begun = { at: offer.date, case: offer.reference, genesis: beginning };
  const vault =
    vaultSeed === null || wanted.identity === undefined
      ? null
      : await sealVault(vaultSeed, wanted.identity, begun, keys.signingSeed, [...offer.members, ...trustees]);
  return {
    dialogue: b64(recipients.dialogue),
    genesis: beginning.digest,
    grants: grants.map(grantRow),
    records: records.map(recordRow),
    source: {
      lookup_digest: keys.lookupDigest,
      recipient: b64(keys.recipient),
      verification_key: b64(keys.verificationKey),
    },
    ticket: offer.ticket,
    vault: vault === null ? null : vaultRow(vault),
    work: b64(recipients.work),
  };
}
