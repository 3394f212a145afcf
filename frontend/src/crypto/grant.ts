import { inspect, openWith, recipientHash, recipientOf, sealedSize, sealTo } from "./age";
import type { Bytes } from "./bytes";
import { demand } from "./errors";
import { SEED_SIZE } from "./keys";

export type GrantKind = "panel" | "standby" | "source" | "trustee_share";

/** Every grant is as long as every other, so that its size tells nothing. */
export const GRANT_SIZE = sealedSize(SEED_SIZE, 1);

/** A grant as it goes to the server: who may open it, and a seed, or a trustee's share of one, sealed to that one. */
export interface Grant {
  readonly holder: string;
  readonly kind: GrantKind;
  readonly file: Bytes;
}

/** Seal a 32-byte seed to one holder's raw recipient. */
export async function sealGrant(seed: Uint8Array, recipient: Uint8Array): Promise<Bytes> {
  demand(seed.length === SEED_SIZE, "identity_length");
  return sealTo(seed, [recipient]);
}

/** Whether this seed is the identity whose recipient has this hash. */
export function isSeedOf(seed: Uint8Array, recipient: string): boolean {
  return recipientHash(recipientOf(seed)) === recipient;
}

/**
 * Open a grant with the holder's identity seed. The seed inside must be the one that the chain names (`recipient`, a
 * hash): otherwise whoever writes to it would write to somebody else.
 */
export async function openGrant(file: Uint8Array, holder: Uint8Array, recipient: string): Promise<Bytes> {
  demand(file.length === GRANT_SIZE && inspect(file).recipients === 1, "grant_size");
  const seed = await openWith(file, holder);
  demand(isSeedOf(seed, recipient), "grant_seed");
  return seed;
}
