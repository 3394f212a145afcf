/** Acts by two from the case page: proposed with what they need, approved with what must land beside the signature. */
import { type Act, type ActPayload, payloadBody, payloadDigest, signAct } from "../crypto/act";
import { countersign, draftAddition } from "../crypto/adding";
import { sealConcern } from "../crypto/apart";
import type { Notice } from "../crypto/body";
import { b64 } from "../crypto/bytes";
import type { Json } from "../crypto/canonical";
import type { FormAnswers, NewRecord } from "../crypto/dialogue";
import { demand } from "../crypto/errors";
import { type Member, named, type OfferedMember, readOffered } from "../crypto/genesis";
import { recordRow } from "../crypto/rows";
import * as shape from "../crypto/shape";
import { checkListed, isExcluded } from "./admissible";
import { Problem, post } from "./api";
import { newNonce, present } from "./opened";
import { addedBy, placeOfEpoch, type ReadProposal } from "./proposals";
import { lendForApproval, lendForProposal } from "./vault";
import type { Desk } from "./writing";

/** What the source is told when an act takes effect; undefined for acts that tell it nothing. */
export function noticeOf(payload: ActPayload): Notice | undefined {
  switch (payload.kind) {
    case "end_exclusion":
      return "exclusion_ends";
    case "open_identity":
      return "identity_opened";
    case "disclose_identity":
      return payload.notice === "given" ? "identity_disclosed" : undefined;
    case "hand_over":
      return payload.notice === "given" ? "handed_over" : undefined;
    case "restrict_dialogue":
      return "dialogue_restricted";
    case "lift_restriction":
      return "restriction_lifted";
    case "reclassify":
      return "reclassified";
    default:
      return undefined;
  }
}

function newAct(desk: Desk, payload: ActPayload): Act {
  const { answer, beginning, work } = desk.opened;
  return {
    case: beginning.genesis.case,
    genesis: beginning.gen,
    epoch: present(work).epoch,
    kind: payload.kind,
    payload: payloadDigest(payload),
    policy: beginning.genesis.policy_version,
    directory: beginning.genesis.directory_version,
    expires: answer.expires,
    nonce: newNonce(),
  };
}

type HandOver = Extract<ActPayload, { readonly kind: "hand_over" }>;
type Draft = { readonly [member: string]: Json };

async function signed(desk: Desk, payload: ActPayload): Promise<Draft> {
  const act = newAct(desk, payload);
  // A share is lent for this very act, and stands there before anybody can approve it.
  await lendForProposal(desk, payload, act.nonce);
  return { act: { ...act }, payload: payloadBody(payload), signature: signAct(act, desk.keys.signing) };
}

/**
 * Propose an act with its reasons in a record. `more` gives what else goes along, made anew for each attempt.
 *
 * @throws Problem, EnvelopeError; nothing is lost
 */
export async function propose(
  desk: Desk,
  payload: (reasons: string) => ActPayload,
  reasons: string,
  more: () => Promise<Draft> = async () => ({}),
): Promise<void> {
  const content = JSON.stringify([payload("").kind, payloadBody(payload("")), reasons]);
  await handIn(desk, content, reasons, async ({ fileDigest }) => ({
    ...(await signed(desk, payload(fileDigest))),
    ...(await more()),
  }));
}

/**
 * Propose to hand something over: what goes out is sealed right after the reasons, and named by what is signed.
 *
 * @throws Problem, EnvelopeError; nothing is lost
 */
export async function proposeHandover(
  desk: Desk,
  words: Pick<HandOver, "basis" | "notice" | "recipient">,
  answers: FormAnswers,
  reasons: string,
): Promise<void> {
  await handIn(desk, JSON.stringify(["hand_over", words, answers, reasons]), reasons, async (why) => {
    const content = await desk.sealForm("handover", answers, [], why);
    const payload = { ...words, content: content.fileDigest, kind: "hand_over", reasons: why.fileDigest } as const;
    return { ...(await signed(desk, payload)), content: content.record };
  });
}

/** Hand in a proposal, made anew for each attempt; `content` says what it proposes, to know it again. */
async function handIn(
  desk: Desk,
  content: string,
  reasons: string,
  make: (why: NewRecord) => Promise<Draft>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const record = await desk.seal("assessment", reasons);
    const body = { ...(await make(record)), record: record.record };
    desk.proposed.set(record.fileDigest, content);
    try {
      if (await desk.sent(`cases/${desk.reference}/proposals`, body, record.fileDigest, attempt)) break;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "proposal_open") throw error;
      await desk.refresh();
      // The one that waits may be this very one: the answer to it was lost on the way.
      const waiting = desk.opened.answer.proposals.filter(({ state }) => state === "open");
      if (!waiting.some((one) => desk.proposed.get(one.payload.reasons) === content)) throw error;
      return;
    }
  }
  await desk.refresh();
}

/** Propose that a colleague leaves the case: only those who decide can open the reason. */
export async function proposeExclusion(desk: Desk, member: string, text: string): Promise<void> {
  const { answer, newest } = desk.sound();
  const deciders = (answer.deciders.get(member) ?? []).map((id) => newest.members.find((one) => one.id === id));
  const recipients = deciders.flatMap((one) => (one === undefined ? [] : [one.recipient]));
  demand(recipients.length === deciders.length && recipients.length > 1, "deciders");
  // They are members of the chain, with the keys that it names: nobody else may read this.
  const known = new Set(present(desk.opened.work).members.map(({ recipient }) => recipient));
  demand(
    deciders.every((one) => one !== undefined && known.has(named(one).recipient) && one.id !== member),
    "deciders",
  );
  const { digest, file } = await sealConcern({ case: answer.reference, member, text }, recipients);
  const body = await signed(desk, { kind: "exclude_member", member, reasons: digest });
  await post(`cases/${desk.reference}/proposals`, { ...body, reasons: b64(file) });
  await desk.refresh();
}

/** Nobody is let in of whom the source asked to be kept out, or whom the directory does not list. */
async function mayComeIn(desk: Desk, member: Member): Promise<void> {
  demand(!isExcluded(member, desk.opened), "excluded");
  await checkListed(desk.opened, member);
}

/** Propose that somebody is let in: with the epoch that this begins, drafted and signed. */
export async function proposeAddition(desk: Desk, added: OfferedMember, reasons: string): Promise<void> {
  const member = named(added);
  await mayComeIn(desk, member);
  await propose(
    desk,
    (digest) => ({ kind: "add_member", member, reasons: digest }),
    reasons,
    async () => ({ epoch: await drafted(desk, [added]) }),
  );
}

async function drafted(desk: Desk, added: readonly OfferedMember[]): Promise<Json> {
  const { answer, newest, seeds } = desk.sound();
  const older = new Map<number, Uint8Array>();
  for (const [epoch, seed] of seeds) {
    // Who is let in reads all that has been, or is let in by somebody who can hand it on.
    demand(seed !== null, "no_key");
    older.set(epoch, seed);
  }
  const author = { from: answer.me, signingSeed: desk.keys.signing };
  const { sourceNow: source, threshold, trustees } = answer;
  const place = { ...placeOfEpoch(desk.opened), members: newest.members, source, threshold, trustees };
  return { ...(await draftAddition({ ...place, ...author, added }, older)) };
}

/**
 * Propose that a tip becomes a report. Where too few of us receive reports, a panel is drawn by the case's own facts,
 * and let in with it.
 */
export async function proposeReclassifying(desk: Desk, reasons: string): Promise<void> {
  const { answer, work } = desk.opened;
  if (!answer.triaged.needsPanel) {
    await propose(desk, (digest) => ({ kind: "reclassify", reasons: digest }), reasons);
    return;
  }
  const told = work.entries.find((entry) => entry.ok && entry.header.kind === "facts");
  demand(told?.ok === true, "facts");
  const read = shape.exactly(told.body, "area", "subject_role", "concerns");
  const concerns = shape.list(read["concerns"], shape.string);
  const facts = { area: shape.string(read["area"]), concerns, subject_role: shape.string(read["subject_role"]) };
  const drawn = shape.including(await post(`cases/${desk.reference}/reclassify/panel`, { facts }), "members");
  const added = shape.list(drawn["members"], readOffered);
  const panel = added.map(named);
  for (const member of panel) await mayComeIn(desk, member);
  const more = async () => ({ epoch: await drafted(desk, added), facts });
  await propose(desk, (digest) => ({ kind: "reclassify", panel, reasons: digest }), reasons, more);
}

async function landing(desk: Desk, proposal: ReadProposal, notice: string): Promise<Draft[] | null> {
  const { payload, epoch, proposer } = proposal.answer;
  const kind = noticeOf(payload);
  const told = kind === undefined ? null : await desk.sealNotice(kind, notice);
  const first: Draft[] = told === null ? [] : [{ ...told.record }];
  const added = addedBy(payload);
  if (added.length === 0) return told === null ? null : first;
  const { answer, dialogue, work } = desk.sound();
  demand(epoch !== null, "epoch");
  const author = { from: answer.me, signingSeed: desk.keys.signing };
  // What the source is told stands before the epoch that those who come in begin with.
  const after = told === null ? dialogue.next : { prev: told.fileDigest, seq: told.record.seq + 1 };
  const places = { dialogue: after, work: work.next };
  const records = await countersign(epoch, added, proposer, placeOfEpoch(desk.opened), author, places, answer.date);
  return [...first, ...records.map(recordRow)];
}

/** The act has taken effect, and with it I am no longer in the case. */
export class LeftError extends Error {}

/**
 * Approve what was shown: the signature is over the very act that was verified.
 *
 * @throws LeftError, Problem, EnvelopeError
 */
export async function approve(desk: Desk, proposal: ReadProposal, notice: string): Promise<void> {
  demand(proposal.act !== null && proposal.fault === null, "proposal");
  const { payload } = proposal.answer;
  for (const member of addedBy(payload)) await mayComeIn(desk, member);
  await lendForApproval(desk, proposal);
  const signature = signAct(proposal.act, desk.keys.signing);
  for (let attempt = 1; ; attempt += 1) {
    const records = await landing(desk, proposal, notice);
    const body = records === null ? { signature } : { records, signature };
    if (await desk.sent(`proposals/${proposal.answer.id}/approve`, body, null, attempt)) break;
  }
  try {
    await desk.refresh();
  } catch (error) {
    // Whoever does not receive reports has left the case by making one of it.
    const left = payload.kind === "reclassify" && error instanceof Problem && error.code === "not_found";
    throw left ? new LeftError() : error;
  }
}

export async function decline(desk: Desk, proposal: ReadProposal): Promise<void> {
  await post(`proposals/${proposal.answer.id}/decline`);
  await desk.refresh();
}
