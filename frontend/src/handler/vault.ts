/** The vault with the reporter's name, from a member's browser: lending one's share, opening by two, splitting anew. No DOM. */
import type { ActPayload } from "../crypto/act";
import { RECIPIENT_SIZE, recipientHash } from "../crypto/age";
import { type Bytes, b64 } from "../crypto/bytes";
import { demand } from "../crypto/errors";
import { named } from "../crypto/genesis";
import * as shape from "../crypto/shape";
import type { OfferedTrustee } from "../crypto/trustee";
import {
  combineVault,
  type Identity,
  lendVaultShare,
  openLentShare,
  openVault,
  openVaultShare,
  splitVault,
  type VaultHolder,
} from "../crypto/vault";
import { post } from "./api";
import { type OpenedCase, present } from "./opened";
import type { ReadProposal } from "./proposals";
import type { Desk } from "./writing";

/** The purpose for which a share is lent when the vault is split anew. */
const RENEWAL = "renewal";

/** How far splitting the vault anew has come. */
export interface Renewal {
  readonly version: number;
  /** Somebody has left or come since it was split. */
  readonly needed: boolean;
  /** My own share, sealed to me. */
  readonly share: Bytes;
  /** What somebody else has lent for it. */
  readonly lent: { readonly member: string; readonly file: Bytes } | null;
}

/** Whether the source gave a name or contact, by what it signed. */
export function hasVault({ beginning }: Pick<OpenedCase, "beginning">): boolean {
  return beginning.genesis.vault !== null;
}

function readLent(value: unknown) {
  const read = shape.including(value, "member", "file");
  return { file: shape.bytes(read["file"]), member: shape.pseudonym(read["member"]) };
}

/** Ask how far it has come, and for my share. @throws Problem `not_entitled` for whoever has no share */
export async function renewalOf(reference: string): Promise<Renewal> {
  const read = shape.including(
    await post(`cases/${reference}/vault/renewal`),
    ...["version", "recipient", "needed", "share", "lent"],
  );
  return {
    lent: read["lent"] === null ? null : readLent(read["lent"]),
    needed: read["needed"] === true,
    share: shape.bytes(read["share"]),
    version: shape.count(read["version"]),
  };
}

/** Whom a share may be lent to: those who may decide with me, with the keys that the chain names. */
export function borrowers(opened: OpenedCase, only: string | null = null): Uint8Array[] {
  const { answer, newest, work } = opened;
  const known = new Set(present(work).members.map(({ id, recipient }) => `${id} ${recipient}`));
  const able = newest.members.filter(
    ({ id, role }) => id !== answer.me && (only === null ? role === "panel" || answer.released.has(id) : id === only),
  );
  demand(able.length > 0 && able.every((one) => known.has(`${one.id} ${named(one).recipient}`)), "recipient");
  return able.map(({ recipient }) => recipient);
}

async function lend(desk: Desk, purpose: string, only: string | null = null): Promise<void> {
  const recipients = borrowers(desk.sound(), only);
  const { share } = await renewalOf(desk.reference);
  const file = await lendVaultShare(await openVaultShare(share, desk.keys.age), recipients);
  await post(`cases/${desk.reference}/vault/lent`, { file: b64(file), purpose });
}

/** Before an act that opens the vault is proposed: my share for those who may approve it. Others' acts need nothing. */
export async function lendForProposal(desk: Desk, payload: ActPayload, nonce: string): Promise<void> {
  if (payload.kind === "open_identity") await lend(desk, nonce);
}

/** Before it is approved: my share for whoever proposed, and for nobody else. */
export async function lendForApproval(desk: Desk, { act, answer }: ReadProposal): Promise<void> {
  if (act !== null && act.kind === "open_identity") await lend(desk, act.nonce, answer.proposer);
}

/** My act, or one that I approved, by which the vault may be opened now. */
export function openingAct({ answer, proposals }: OpenedCase): ReadProposal | undefined {
  return proposals
    .filter(({ answer: one, fault }) => one.kind === "open_identity" && one.state === "approved" && fault === null)
    .filter(({ answer: one }) => one.proposer === answer.me || one.approver === answer.me)
    .at(-1);
}

/**
 * Open the vault by an act whose two signatures this browser has verified.
 *
 * @throws Problem, EnvelopeError when shares or vault are not this case's
 */
export async function openIdentity(desk: Desk, proposal: ReadProposal): Promise<Identity> {
  const { beginning } = desk.opened;
  demand(proposal.fault === null && proposal.answer.state === "approved", "proposal");
  const read = shape.including(
    await post(`cases/${desk.reference}/vault`, { proposal: proposal.answer.id }),
    ...["recipient", "file", "share", "lent"],
  );
  const mine = await openVaultShare(shape.bytes(read["share"]), desk.keys.age);
  const other = await openLentShare(readLent(read["lent"]).file, desk.keys.age);
  const seed = await combineVault([mine, other], beginning);
  demand(recipientHash(shape.bytes(read["recipient"], RECIPIENT_SIZE)) === beginning.genesis.vault, "recipient");
  return openVault(shape.bytes(read["file"]), seed, beginning);
}

/** The first of two steps: my share for the others, so that one of them can split the vault anew. */
export function lendForRenewal(desk: Desk): Promise<void> {
  return lend(desk, RENEWAL);
}

/** Who gets a share: everybody with a key to the case now. `trustees` are those whom somebody has signed for. */
export function holders(opened: OpenedCase, trustees: ReadonlySet<string>): VaultHolder[] {
  const { answer, newest, work } = opened;
  const chain = present(work);
  const members = new Set(chain.members.map(({ recipient }) => recipient));
  const known = new Set([...chain.trustees.map(({ recipient }) => recipient), ...trustees]);
  const fine = (one: OfferedTrustee) => known.has(recipientHash(one.recipient));
  demand(newest.members.every((one) => members.has(named(one).recipient)) && answer.trustees.every(fine), "recipient");
  return [...newest.members, ...answer.trustees].map(({ id, recipient }) => ({ id, recipient }));
}

/** The second step, by somebody else: combine, and split the seed among those who have a key now. */
export async function splitVaultAnew(desk: Desk, trustees: ReadonlySet<string>): Promise<void> {
  const opened = desk.sound();
  const { lent, share, version } = await renewalOf(desk.reference);
  demand(lent !== null, "share_seed");
  const mine = await openVaultShare(share, desk.keys.age);
  const other = await openLentShare(lent.file, desk.keys.age);
  const seed = await combineVault([mine, other], opened.beginning);
  const shares = await splitVault(seed, holders(opened, trustees));
  await post(`cases/${desk.reference}/vault/shares`, {
    shares: shares.map(({ file, holder }) => ({ file: b64(file), holder })),
    version,
  });
}
