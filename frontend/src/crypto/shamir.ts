/** Shamir's secret sharing of 32-byte seeds; `docs/protocol.md` section 3. The library's own bytes, read strictly. */

import * as library from "shamir-secret-sharing";
import type { Bytes } from "./bytes";
import { demand } from "./errors";
import { SEED_SIZE } from "./keys";

/** Thirty-two y values, then one x coordinate. */
export const SHARE_SIZE = SEED_SIZE + 1;
const MOST = 255;

/** Split a seed: any `threshold` of the shares give it back, fewer tell nothing. */
export async function split(seed: Uint8Array, shares: number, threshold: number): Promise<Bytes[]> {
  demand(threshold >= 2 && shares >= threshold && shares <= MOST, "share_count");
  demand(seed.length === SEED_SIZE, "share_size");
  return (await library.split(new Uint8Array(seed), shares, threshold)) as Bytes[];
}

/** The seed behind these shares if they are enough and belong together; else other bytes: whoever asks must check. */
export async function combine(shares: readonly Uint8Array[]): Promise<Bytes> {
  demand(shares.length >= 2 && shares.length <= MOST, "share_count");
  // At coordinate 0 every polynomial has its secret: such a share would be all of it.
  demand(
    shares.every((share) => share.length === SHARE_SIZE && share[SEED_SIZE] !== 0),
    "share_size",
  );
  demand(new Set(shares.map((share) => share[SEED_SIZE])).size === shares.length, "share_repeated");
  return (await library.combine(shares.map((share) => new Uint8Array(share)))) as Bytes;
}
