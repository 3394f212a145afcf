/**
 * The next epoch of a case, begun by its source: when somebody has left, so that only those who stay can read on, or
 * with a code of its own, in place of one that staff have seen.
 */
import { b64 } from "../crypto/bytes";
import type { SourceKeys } from "../crypto/code";
import { type EpochState, makeEpoch } from "../crypto/epoch";
import { sealGrant } from "../crypto/grant";
import { grantRow, recordRow } from "../crypto/rows";
import { newToken, post, Refused, Unanswered } from "./http";
import { type CaseAddresses, fetchCase, lookup, type NextEpoch, type OpenCase } from "./opened";

const RECOVERIES = 5;
/** What a newer state of the case settles. */
export const OUTDATED: ReadonlySet<string> = new Set([
  "sequence_conflict",
  "epoch_closed",
  "epoch_exists",
  "grants_mismatch",
]);

/** Where epochs and form tokens are handed in and got. */
export interface RenewalApi extends CaseAddresses {
  readonly epochs: string;
  readonly token: string;
}

/**
 * Make the keys and hand them in. Without signatures of members an epoch may only leave people out and let those step
 * in whom the source itself named to stand by: whatever else the server asks for is refused before anything is sealed.
 * With `own` the source goes on under other keys, and what opens all that lies before is sealed to them.
 *
 * @throws Refused (`epoch_exists`: somebody was first; `grants_mismatch`: one more has left), Unanswered, EnvelopeError
 */
export async function beginEpoch(
  address: string,
  keys: SourceKeys,
  token: string,
  { beginning, facts, recipients, stream }: OpenCase,
  next: NextEpoch,
  own?: SourceKeys,
): Promise<void> {
  const before = stream.epochs.at(-1) as EpochState;
  const made = await makeEpoch({
    ...next,
    at: facts.date,
    before,
    beginning,
    dialogue: stream.next,
    from: "source",
    own,
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
    ...(own === undefined ? {} : { own: await ownRow(keys, own) }),
  };
  await post(address, body, lookup(keys));
}

async function ownRow(keys: SourceKeys, own: SourceKeys) {
  return {
    lookup_digest: own.lookupDigest,
    past: b64(await sealGrant(keys.seed, own.recipient)),
    recipient: b64(own.recipient),
    verification_key: b64(own.verificationKey),
  };
}

/**
 * Let the case be found by the source's own code alone, and give it as that code opens it. To be called when the code
 * has been written down; called again with the same code, it is as called once.
 *
 * @throws Refused, Unanswered, EnvelopeError; then either code may be the one that leads there, and no other
 */
export async function takeOwnCode(
  api: RenewalApi,
  keys: SourceKeys,
  own: SourceKeys,
  token: string,
  opened: OpenCase,
): Promise<OpenCase> {
  let [now, ticket] = [opened, token];
  for (let left = RECOVERIES; ; left -= 1) {
    try {
      if (now.replacing !== null) await beginEpoch(api.epochs, keys, ticket, now, now.replacing, own);
      return await fetchCase(api, own);
    } catch (error) {
      const refused = error instanceof Refused ? error.code : "";
      // The answer may be all that was lost: then the new code leads there, and the old one no longer does.
      if (error instanceof Unanswered || refused === "case_not_found") {
        return await fetchCase(api, own).catch(() => Promise.reject(error));
      }
      if (left === 0) throw error;
      if (refused === "token_expired") ticket = await newToken(api.token, "case", null);
      else if (OUTDATED.has(refused)) now = await fetchCase(api, keys);
      else throw error;
    }
  }
}
