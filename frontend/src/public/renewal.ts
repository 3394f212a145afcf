/** The next epoch of a case, begun by its source when somebody has left: from then on only those who stay can read. */
import { b64 } from "../crypto/bytes";
import type { SourceKeys } from "../crypto/code";
import { type EpochState, makeEpoch } from "../crypto/epoch";
import { grantRow, recordRow } from "../crypto/rows";
import { post } from "./http";
import { lookup, type NextEpoch, type OpenCase } from "./opened";

/**
 * Make the keys and hand them in. Without signatures of members an epoch may only leave people out and let those step
 * in whom the source itself named to stand by: whatever else the server asks for is refused before anything is sealed.
 *
 * @throws Refused (`epoch_exists`: somebody was first; `grants_mismatch`: one more has left), Unanswered, EnvelopeError
 */
export async function beginEpoch(
  address: string,
  keys: SourceKeys,
  token: string,
  { beginning, facts, recipients, stream }: OpenCase,
  next: NextEpoch,
): Promise<void> {
  const before = stream.epochs.at(-1) as EpochState;
  const made = await makeEpoch({
    ...next,
    at: facts.date,
    before,
    beginning,
    dialogue: stream.next,
    from: "source",
    recipients,
    signingSeed: keys.signingSeed,
    source: keys.recipient,
  });
  const body = {
    csrf_token: token,
    dialogue: b64(made.recipients.dialogue),
    epoch: made.epoch.epoch,
    grants: made.grants.map(grantRow),
    records: made.records.map(recordRow),
    work: b64(made.recipients.work),
  };
  await post(address, body, lookup(keys));
}
