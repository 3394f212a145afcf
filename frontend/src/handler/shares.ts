/** Splitting a case anew when trustees have changed: done by whichever member opens it first, beside what they do. */
import { b64 } from "../crypto/bytes";
import * as shape from "../crypto/shape";
import { readOfferedTrustee, sealShares } from "../crypto/trustee";
import { post } from "./api";

/** Seal shares of all epochs' keys to the trustees in force, where the server says that they are others than before. */
export async function splitAnew(reference: string, seeds: ReadonlyMap<number, Uint8Array | null>): Promise<void> {
  const read = shape.including(await post(`cases/${reference}/shares/wanted`), "trustees", "threshold");
  const trustees = shape.list(read["trustees"], readOfferedTrustee);
  if (trustees.length === 0) return;
  const threshold = shape.count(read["threshold"]);
  const shares: { epoch: number; file: string; holder: string }[] = [];
  for (const [epoch, seed] of seeds) {
    // Without every key the shares would leave out what came before: another member has them all.
    if (seed === null) return;
    for (const { file, holder } of await sealShares(seed, trustees, threshold)) {
      shares.push({ epoch, file: b64(file), holder });
    }
  }
  await post(`cases/${reference}/shares`, { shares });
}
