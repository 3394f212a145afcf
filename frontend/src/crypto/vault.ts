/** The vault: a source's name or contact, sealed apart; it takes two to open it. `docs/protocol.md` section 4b. */

import { openWith, recipientHash, recipientOf, sealTo } from "./age";
import type { Bytes } from "./bytes";
import type { Json } from "./canonical";
import { demand } from "./errors";
import type { Beginning } from "./genesis";
import { type NewHeader, openRecord, type SealedRecord, sealRecord } from "./record";
import { SHARE_SIZE, split } from "./shamir";
import * as shape from "./shape";
import { openShare, seedOfShares } from "./trustee";

const THRESHOLD = 2;

/** What a source told of itself; either may be empty, not both. */
export interface Identity {
  readonly name: string;
  readonly contact: string;
}

/** Who gets a share: `h1`, `t1`, and the raw recipient. */
export interface VaultHolder {
  readonly id: string;
  readonly recipient: Uint8Array;
}

/** One share of the vault's seed, sealed to one holder. */
export interface VaultShare {
  readonly holder: string;
  readonly file: Bytes;
}

/** A vault as it goes to the server. */
export interface SealedVault {
  readonly recipient: Bytes;
  readonly file: Bytes;
  readonly shares: readonly VaultShare[];
}

/** Split a vault's seed 2-of-n, one share to each holder; also anew, when who they are has changed. */
export async function splitVault(seed: Uint8Array, holders: readonly VaultHolder[]): Promise<VaultShare[]> {
  const shares = await split(seed, holders.length, THRESHOLD);
  return Promise.all(
    holders.map(async ({ id, recipient }, place) => ({
      file: await sealTo(shares[place] as Bytes, [recipient]),
      holder: id,
    })),
  );
}

/** Seal what a source told of itself, in a case that has just begun: genesis names the recipient of `seed`. */
export async function sealVault(
  seed: Uint8Array,
  told: Identity,
  begun: { readonly case: string; readonly at: string; readonly genesis: Pick<SealedRecord, "digest" | "fileDigest"> },
  signingSeed: Uint8Array,
  holders: readonly VaultHolder[],
): Promise<SealedVault> {
  const recipient = recipientOf(seed);
  const header: NewHeader = {
    at: begun.at,
    case: begun.case,
    epoch: 0,
    from: "source",
    gen: begun.genesis.digest,
    kind: "vault",
    prev: begun.genesis.fileDigest,
    seq: 0,
    stream: "vault",
  };
  const body: Json = { contact: told.contact, name: told.name };
  const { file } = await sealRecord(header, body, signingSeed, [recipient]);
  return { file, recipient, shares: await splitVault(seed, holders) };
}

/** The seed of a vault from two shares, each opened by the one whom it was sealed to. */
export async function combineVault(shares: readonly Uint8Array[], beginning: Beginning): Promise<Bytes> {
  demand(beginning.genesis.vault !== null, "recipient");
  return seedOfShares(shares, beginning.genesis.vault);
}

/** Open one's own share of a vault. */
export const openVaultShare = openShare;

/** Lend one's opened share to those who may decide with me. */
export function lendVaultShare(share: Uint8Array, recipients: readonly Uint8Array[]): Promise<Bytes> {
  return sealTo(share, recipients);
}

/** Open what somebody else has lent, perhaps to several. What it is worth shows when it meets one's own. */
export async function openLentShare(file: Uint8Array, seed: Uint8Array): Promise<Bytes> {
  const share = await openWith(file, seed);
  demand(share.length === SHARE_SIZE, "share_size");
  return share;
}

/** Open a vault with its seed: what it says, if it is the one that this case's source signed. */
export async function openVault(file: Uint8Array, seed: Uint8Array, beginning: Beginning): Promise<Identity> {
  const { genesis } = beginning;
  const { body, header, signedBy } = await openRecord(file, seed, 1);
  const recipient = recipientHash(recipientOf(seed));
  demand(genesis.vault === recipient && header.recipient === recipient, "recipient");
  demand(header.case === genesis.case, "case");
  demand(header.gen === beginning.gen, "genesis");
  demand(header.stream === "vault" && header.epoch === 0 && header.seq === 0, "stream");
  demand(header.prev === beginning.fileDigest, "previous");
  demand(header.from === "source", "author");
  demand(signedBy(shape.bytes(genesis.source.verification_key)), "signature");
  const read = shape.exactly(body, "name", "contact");
  return { contact: shape.string(read["contact"]), name: shape.string(read["name"]) };
}
