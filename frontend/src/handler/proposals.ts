/** Proposals of acts by two: as the server tells them, and verified against the chain. No DOM. */
import { type Act, type ActPayload, actSignedBy, payloadDigest, readAct, readPayload } from "../crypto/act";
import { checkAddition, type OfferedEpoch } from "../crypto/adding";
import { RECIPIENT_SIZE } from "../crypto/age";
import { openConcern } from "../crypto/apart";
import { type Bytes, sha256Hex } from "../crypto/bytes";
import { demand, EnvelopeError } from "../crypto/errors";
import type { Member } from "../crypto/genesis";
import type { HandlerKeys } from "../crypto/identity";
import * as shape from "../crypto/shape";
import { answersOf, fieldOf, formEntry } from "./forms";
import { type OpenedCase, present, textOf } from "./opened";

/** Bases that the law gives only after a written weighing of interests (`casework/handovers.toml` says so as well). */
const WEIGHED: readonly string[] = ["act_2024_307", "osl_10_15a", "osl_10_27"];

/** What proposals are checked against. */
export type Chain = Omit<OpenedCase, "proposals">;

export interface ProposalAnswer {
  readonly id: string;
  readonly kind: ActPayload["kind"];
  /** As it was signed; read and checked where it is shown. */
  readonly act: unknown;
  readonly payload: ActPayload;
  readonly proposer: string;
  readonly proposerSignature: string;
  readonly state: "open" | "approved" | "declined" | "expired";
  readonly approver: string | null;
  readonly approverSignature: string | null;
  readonly mayApprove: boolean;
  readonly mayDecline: boolean;
  readonly whyNot: string;
  /** The epoch that letting somebody in begins, while it is open. */
  readonly epoch: OfferedEpoch | null;
  /** A reason that stands apart from the records, for those who decide. */
  readonly reasons: Bytes | null;
}

/** A proposal as it may be shown: verified, or with the reason why it does not hold. `reasons`: null where not for me. */
export type ReadProposal = {
  readonly answer: ProposalAnswer;
  readonly act: Act | null;
  readonly reasons: string | null;
  readonly fault: string | null;
};

function readEpoch(value: unknown): OfferedEpoch | null {
  if (value === null) return null;
  const read = shape.including(value, "epoch", "work", "dialogue", "signature", "grant");
  return {
    epoch: shape.count(read["epoch"]),
    work: shape.bytes(read["work"], RECIPIENT_SIZE),
    dialogue: shape.bytes(read["dialogue"], RECIPIENT_SIZE),
    signature: shape.string(read["signature"]),
    grant: shape.bytes(read["grant"]),
  };
}

/** Read a proposal of an answer; raises EnvelopeError when it is none. */
export function readProposalAnswer(value: unknown): ProposalAnswer {
  const read = shape.including(
    value,
    ...["id", "kind", "act", "payload", "proposer", "proposer_signature", "state", "approver", "approver_signature"],
    ...["may_approve", "may_decline", "why_not", "epoch", "reasons"],
  );
  const payload = readPayload(read["kind"], read["payload"]);
  return {
    id: shape.reference(read["id"]),
    kind: payload.kind,
    act: read["act"],
    payload,
    proposer: shape.pseudonym(read["proposer"]),
    proposerSignature: shape.string(read["proposer_signature"]),
    state: shape.oneOf(read["state"], "open", "approved", "declined", "expired"),
    approver: shape.orNull(read["approver"], shape.string),
    approverSignature: shape.orNull(read["approver_signature"], shape.string),
    mayApprove: read["may_approve"] === true,
    mayDecline: read["may_decline"] === true,
    whyNot: shape.orNull(read["why_not"], shape.string) ?? "",
    epoch: readEpoch(read["epoch"]),
    reasons: shape.orNull(read["reasons"], shape.bytes),
  };
}

/** Whom an act lets in. */
export function addedBy(payload: ActPayload): readonly Member[] {
  if (payload.kind === "add_member") return [payload.member];
  return payload.kind === "reclassify" ? (payload.panel ?? []) : [];
}

function memberOf(opened: Chain, epoch: number, id: string): Member {
  const member = opened.work.epochs[epoch]?.members.find((one) => one.id === id);
  // A standby who has been released decides as the panel does; who has been is for the server to judge.
  demand(member !== undefined, "author");
  return member;
}

/** What a new epoch would be checked against. */
export function placeOfEpoch(opened: Chain) {
  return { before: present(opened.work), beginning: opened.beginning, recipients: opened.newest };
}

/** The text of the reasons: in a record of whoever proposed, or apart and for the deciders alone. */
async function reasonsOf(opened: Chain, answer: ProposalAnswer, keys: HandlerKeys): Promise<string | null> {
  const { payload } = answer;
  if (payload.kind === "exclude_member") {
    if (answer.reasons === null) return null;
    const about = { case: opened.answer.reference, digest: payload.reasons, member: payload.member };
    return openConcern(answer.reasons, keys.age, about);
  }
  const record = opened.work.entries.find(({ row }) => sha256Hex(row.file) === payload.reasons);
  const reasons = textOf(record);
  demand(record?.ok === true && record.header.kind === "assessment" && reasons !== null, "reasons");
  demand(record.header.from === answer.proposer, "author");
  return reasons;
}

async function check(opened: Chain, answer: ProposalAnswer, keys: HandlerKeys) {
  const act = readAct(answer.act);
  const { beginning } = opened;
  demand(act.case === beginning.genesis.case && act.genesis === beginning.gen, "case");
  demand(act.policy === beginning.genesis.policy_version, "value");
  demand(act.directory === beginning.genesis.directory_version, "value");
  demand(act.kind === answer.kind && act.payload === payloadDigest(answer.payload), "payload");
  const proposer = memberOf(opened, act.epoch, answer.proposer);
  demand(actSignedBy(act, answer.proposerSignature, proposer.verification_key), "signature");
  const reasons = await reasonsOf(opened, answer, keys);
  if (answer.state === "approved") checkApproval(opened, answer, act);
  const { payload } = answer;
  if (payload.kind === "hand_over") checkContent(opened, answer.proposer, payload);
  // One that I drafted myself I needn't open; what others drafted is signed only after it has been checked whole.
  const added = addedBy(payload);
  if (added.length > 0 && answer.mayApprove && act.epoch === present(opened.work).epoch) {
    demand(answer.epoch !== null, "epoch");
    await checkAddition(answer.epoch, added, proposer, placeOfEpoch(opened), keys.age);
  }
  return { act, reasons };
}

/** What would go out is what whoever proposes has sealed, for the recipient and on the basis that both sign. */
function checkContent(opened: Chain, proposer: string, payload: ActPayload & { readonly kind: "hand_over" }): void {
  const entry = formEntry(opened, payload.content, "handover");
  demand(entry !== null, "content");
  demand(entry.header.from === proposer, "author");
  const answers = answersOf(entry);
  demand(fieldOf(answers, "recipient") === payload.recipient && fieldOf(answers, "basis") === payload.basis, "content");
  demand(!WEIGHED.includes(payload.basis) || fieldOf(answers, "weighing") !== "", "weighing");
}

function checkApproval(opened: Chain, answer: ProposalAnswer, act: Act): void {
  demand(answer.approver !== null && answer.approverSignature !== null, "approver");
  demand(answer.approver !== answer.proposer, "same_person");
  const approver = memberOf(opened, act.epoch, answer.approver);
  demand(actSignedBy(act, answer.approverSignature, approver.verification_key), "signature");
}

/** Verify a proposal against the chain: signatures, payload, reasons, and the epoch that it would begin. */
export async function readProposal(opened: Chain, answer: ProposalAnswer, keys: HandlerKeys): Promise<ReadProposal> {
  try {
    return { answer, fault: null, ...(await check(opened, answer, keys)) };
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    return { act: null, answer, fault: error.reason, reasons: null };
  }
}
