/** The signatures under a change, checked by this page. What the server says about signatures is not asked. */
import type { Json } from "../crypto/canonical";
import { type ChangeAct, changePayloadDigest, changeSignedBy, readChange } from "../crypto/change";
import { EnvelopeError } from "../crypto/errors";
import * as shape from "../crypto/shape";
import { post } from "../handler/api";
import { rootOf } from "../handler/directory";

export interface SignedChange {
  readonly id: string;
  readonly act: ChangeAct;
  readonly payload: Json;
  readonly state: string;
  readonly proposer: string;
  readonly proposerKey: string;
  readonly proposerSignature: string;
  /** Signatures of whoever approved it, each with the key that it is held against: one administrator, or trustees. */
  readonly approvals: readonly (readonly [signature: string, key: string])[];
}

/** Read the change of the page. Raises EnvelopeError when act and payload do not belong together. */
export function readSigned(place: HTMLElement): SignedChange {
  const read = shape.including(
    JSON.parse(place.dataset["answer"] ?? "null"),
    ...["id", "act", "kind", "payload", "state", "proposer", "proposer_signature", "proposer_key"],
    ...["approver_signature", "approver_key", "trustees"],
  );
  const act = readChange(read["act"]);
  const payload = read["payload"] as Json;
  if (act.kind !== read["kind"] || act.installation !== place.dataset["installation"]) throw new EnvelopeError("act");
  if (changePayloadDigest(payload) !== act.payload) throw new EnvelopeError("payload");
  const trustees = shape.list(read["trustees"], (one) => {
    const { signature, verification_key: key } = shape.including(one, "signature", "verification_key");
    return [shape.string(signature), shape.string(key)] as const;
  });
  const mark = read["approver_signature"];
  return {
    act,
    approvals: mark === null ? trustees : [[shape.string(mark), shape.string(read["approver_key"])]],
    id: shape.reference(read["id"]),
    payload,
    proposer: shape.reference(read["proposer"]),
    proposerKey: shape.string(read["proposer_key"]),
    proposerSignature: shape.string(read["proposer_signature"]),
    state: shape.string(read["state"]),
  };
}

/** Raise EnvelopeError unless the proposer's key signed the act. */
export function verify({ act, proposerKey, proposerSignature }: SignedChange): void {
  if (!changeSignedBy(act, proposerSignature, proposerKey)) throw new EnvelopeError("signature");
}

/** Whether an approved change is signed by different keys, and all of their signatures hold. */
export function approvedAsShown({ act, approvals, proposerKey, proposerSignature }: SignedChange): boolean {
  const all = [[proposerSignature, proposerKey] as const, ...approvals];
  return (
    approvals.length > 0 &&
    new Set(all.map(([, key]) => key)).size === all.length &&
    all.every(([signature, key]) => changeSignedBy(act, signature, key))
  );
}

/**
 * Hold the proposer's key against the administrators whom the directory's offline root names, once there is one: who
 * is an administrator is not the server's to say.
 *
 * @throws EnvelopeError `administrator_unlisted`, or what is wrong with the directory
 */
export async function checkProposer({ act, proposer, proposerKey }: SignedChange): Promise<void> {
  const root = rootOf(await post("directory"), act.installation);
  if (root !== null && root.administrators.get(proposer) !== proposerKey) {
    throw new EnvelopeError("administrator_unlisted");
  }
}
