/** Trustees of a case: who can together open it when its handlers cannot; `docs/protocol.md` sections 3 and 4. */

import { inspect, openWith, RECIPIENT_SIZE, recipientHash, recipientOf, sealedSize, sealTo } from "./age";
import { type Bytes, b64 } from "./bytes";
import { demand } from "./errors";
import { isSeedOf } from "./grant";
import { hkdf, requireKey, VERIFICATION_KEY_SIZE, verificationKey } from "./keys";
import { combine, SHARE_SIZE, split } from "./shamir";
import * as shape from "./shape";

const MOST = 20;
/** Every share is as long as every other. */
export const SEALED_SHARE_SIZE = sealedSize(SHARE_SIZE, 1);

/** A trustee as genesis and epoch records name one. */
export interface Trustee {
  readonly id: string;
  /** SHA-256 of the raw recipient, hex. */
  readonly recipient: string;
  readonly verification_key: string;
}

/** A trustee whom the server offers for a case, with the whole keys. */
export interface OfferedTrustee {
  readonly id: string;
  readonly recipient: Bytes;
  readonly verificationKey: Bytes;
}

/** Some trustees, and how many of them act for all: of an epoch, or of a directory that has been verified. */
export interface TrusteeSet {
  readonly trustees: readonly Trustee[];
  readonly threshold: number;
}

/** A trustee as records name one. */
export function namedTrustee({ id, recipient, verificationKey: key }: OfferedTrustee): Trustee {
  return { id, recipient: recipientHash(recipient), verification_key: b64(key) };
}

interface Keyed {
  readonly recipient: string;
  readonly verification_key: string;
}

/** Whether these can be a case's trustees: enough for a threshold of two or more, all different, none a reader. */
export function trusteesHold({ threshold, trustees }: TrusteeSet, members: readonly Keyed[]): boolean {
  const different = (values: readonly string[]) => new Set(values).size === values.length;
  const all = [...trustees, ...members];
  const readers = new Set(members.flatMap((member) => [member.recipient, member.verification_key]));
  return (
    threshold >= 2 &&
    trustees.length >= threshold &&
    trustees.length <= MOST &&
    different(trustees.map(({ id }) => id)) &&
    different(trustees.map(({ recipient }) => recipient)) &&
    different(trustees.map(({ verification_key }) => verification_key)) &&
    all.length > trustees.length &&
    !trustees.some((one) => readers.has(one.recipient) || readers.has(one.verification_key))
  );
}

function readTrustee(value: unknown): Trustee {
  const read = shape.exactly(value, "id", "recipient", "verification_key");
  requireKey(shape.bytes(read["verification_key"], VERIFICATION_KEY_SIZE));
  return {
    id: shape.trustee(read["id"]),
    recipient: shape.digest(read["recipient"]),
    verification_key: shape.string(read["verification_key"]),
  };
}

/** Read the trustees of a record with these members. None at all, with threshold 0, is a case from before them. */
export function readTrustees(trustees: unknown, threshold: unknown, members: readonly Keyed[]): TrusteeSet {
  const read = { threshold: shape.count(threshold), trustees: shape.list(trustees, readTrustee, MOST) };
  demand((read.threshold === 0 && read.trustees.length === 0) || trusteesHold(read, members), "offer");
  return read;
}

/** Read a trustee as the server offers one. */
export function readOfferedTrustee(value: unknown): OfferedTrustee {
  const read = shape.including(value, "id", "recipient", "verification_key");
  const key = shape.bytes(read["verification_key"], VERIFICATION_KEY_SIZE);
  requireKey(key);
  return {
    id: shape.trustee(read["id"]),
    recipient: shape.bytes(read["recipient"], RECIPIENT_SIZE),
    verificationKey: key,
  };
}

/** A share as it goes to the server, among the grants. */
export interface Share {
  readonly holder: string;
  readonly kind: "trustee_share";
  readonly file: Bytes;
}

/** Split a seed and seal one share to each trustee, in their order; nothing where there are no trustees. */
export async function sealShares(
  seed: Uint8Array,
  trustees: readonly OfferedTrustee[],
  threshold: number,
): Promise<Share[]> {
  if (trustees.length === 0 && threshold === 0) return [];
  const shares = await split(seed, trustees.length, threshold);
  return Promise.all(
    trustees.map(async ({ id, recipient }, place) => ({
      file: await sealTo(shares[place] as Bytes, [recipient]),
      holder: id,
      kind: "trustee_share" as const,
    })),
  );
}

/** What stands on a trustee's paper, made into keys. */
export interface TrusteeIdentity {
  readonly seed: Bytes;
  readonly signingSeed: Bytes;
  readonly recipient: Bytes;
  readonly verificationKey: Bytes;
}

/** A trustee's keys from the 32 bytes on paper. */
export function trusteeIdentity(seed: Bytes): TrusteeIdentity {
  const signingSeed = hkdf(seed, "tipportal/v1/trustee/ed25519");
  return { recipient: recipientOf(seed), seed, signingSeed, verificationKey: verificationKey(signingSeed) };
}

/** Open a trustee's share with the seed from paper. What it is worth shows when it meets others. */
export async function openShare(file: Uint8Array, seed: Uint8Array): Promise<Bytes> {
  demand(file.length === SEALED_SHARE_SIZE && inspect(file).recipients === 1, "share_size");
  const share = await openWith(file, seed);
  demand(share.length === SHARE_SIZE, "share_size");
  return share;
}

/** The seed behind opened shares, if it is the one that the chain names (`recipient`, a hash). */
export async function seedOfShares(shares: readonly Uint8Array[], recipient: string): Promise<Bytes> {
  const seed = await combine(shares);
  demand(isSeedOf(seed, recipient), "share_seed");
  return seed;
}

function* choices(among: number, size: number, from = 0): Generator<number[]> {
  if (size === 0) yield [];
  for (let first = from; size > 0 && first <= among - size; first += 1) {
    for (const rest of choices(among, size - 1, first + 1)) yield [first, ...rest];
  }
}

async function fits(shares: readonly Uint8Array[], recipient: string): Promise<boolean> {
  try {
    await seedOfShares(shares, recipient);
    return true;
  } catch {
    return false;
  }
}

/**
 * Which of these shares do not belong: their places; all of them where none can be cleared. Exactly `threshold` shares
 * cannot tell the wrong one among them from the others.
 */
export async function foreignShares(
  shares: readonly Uint8Array[],
  threshold: number,
  recipient: string,
): Promise<number[]> {
  for (const chosen of choices(shares.length, threshold)) {
    const good = chosen.map((place) => shares[place] as Uint8Array);
    if (!(await fits(good, recipient))) continue;
    const wrong: number[] = [];
    for (const [place, share] of shares.entries()) {
      if (!(chosen.includes(place) || (await fits([...good.slice(1), share], recipient)))) wrong.push(place);
    }
    return wrong;
  }
  return shares.map((_, place) => place);
}
