/** Everything that a handler writes to a case: sealed here, sent, and sealed again when somebody else came first. */
import { type ActPayload, payloadBody, payloadDigest, signAct } from "../crypto/act";
import { b64 } from "../crypto/bytes";
import { type NewRecord, type TextKind, writeText } from "../crypto/dialogue";
import { makeEpoch } from "../crypto/epoch";
import { demand } from "../crypto/errors";
import type { HandlerKeys } from "../crypto/identity";
import type { Attached } from "../files/chosen";
import { readAnswer } from "./answer";
import { Problem, post } from "./api";
import { newNonce, type OpenedCase, openCase, present, type ReadProposal, taken } from "./opened";

const ATTEMPTS = 4;
const SEAL_AGAIN: readonly string[] = ["sequence_conflict", "epoch_closed", "epoch_exists"];

/** A case in hand: who writes, and what was last fetched. */
export class Desk {
  /** The last record that was sent without an answer: sent again as it is, so that nothing is said twice. */
  private unanswered: { content: string; sealed: NewRecord } | null = null;

  /** Proposals handed in from here, by the digest of their reasons: what each proposed. */
  private readonly proposed = new Map<string, string>();

  private constructor(
    private readonly reference: string,
    private readonly keys: HandlerKeys,
    /** Told when the case's keys are about to be changed, and when they have been. */
    private readonly onEpoch: (state: "begins" | "done") => void,
    public opened: OpenedCase,
  ) {}

  static async open(
    reference: string,
    keys: HandlerKeys,
    onEpoch: (state: "begins" | "done") => void = () => {},
  ): Promise<Desk> {
    const desk = new Desk(reference, keys, onEpoch, await fetchCase(reference, keys));
    await desk.settle();
    return desk;
  }

  /** Fetch and verify the case anew. */
  async refresh(): Promise<void> {
    this.opened = await fetchCase(this.reference, this.keys);
    await this.settle();
  }

  /** Send a text with files that have been sent. Returns when taken; raises Problem or EnvelopeError with nothing lost. */
  async write(kind: TextKind, text: string, files: readonly Attached[] = []): Promise<void> {
    const uploads = files.map(({ upload }) => upload);
    const content = JSON.stringify([kind, text, uploads]);
    let sealed = this.unanswered?.content === content ? this.unanswered.sealed : null;
    for (let attempt = 1; ; attempt += 1) {
      sealed ??= await this.seal(kind, text, files);
      this.unanswered = { content, sealed };
      const record = uploads.length === 0 ? sealed.record : { ...sealed.record, files: uploads };
      if (await this.sent(`cases/${this.reference}/records`, { record }, sealed, attempt)) break;
      sealed = null;
    }
    await this.refresh();
    // Not before: were the fetch to fail, the same text sent once more must be known again.
    this.unanswered = null;
  }

  async propose(payload: (reasons: string) => ActPayload, reasons: string): Promise<void> {
    const content = JSON.stringify([payload(""), reasons]);
    for (let attempt = 1; ; attempt += 1) {
      const record = await this.seal("assessment", reasons);
      const wanted = payload(record.fileDigest);
      const { answer, beginning } = this.opened;
      const act = {
        case: beginning.genesis.case,
        genesis: beginning.gen,
        epoch: present(this.opened.work).epoch,
        kind: wanted.kind,
        payload: payloadDigest(wanted),
        policy: beginning.genesis.policy_version,
        directory: beginning.genesis.directory_version,
        expires: answer.expires,
        nonce: newNonce(),
      };
      const signature = signAct(act, this.keys.signing);
      const body = { act, payload: payloadBody(wanted), record: record.record, signature };
      this.proposed.set(record.fileDigest, content);
      try {
        if (await this.sent(`cases/${this.reference}/proposals`, body, record, attempt)) break;
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== "proposal_open") throw error;
        await this.refresh();
        // The one that waits may be this very one: the answer to it was lost on the way.
        if (!this.waits(content)) throw error;
        return;
      }
    }
    await this.refresh();
  }

  /** Approve what was shown: the signature is over the very act that was verified. */
  async approve(proposal: ReadProposal): Promise<void> {
    demand(proposal.act !== null && proposal.fault === null, "proposal");
    await post(`proposals/${proposal.answer.id}/approve`, { signature: signAct(proposal.act, this.keys.signing) });
    await this.refresh();
  }

  async decline(proposal: ReadProposal): Promise<void> {
    await post(`proposals/${proposal.answer.id}/decline`);
    await this.refresh();
  }

  async beginFollowUp(): Promise<void> {
    await post(`cases/${this.reference}/follow-up`);
    await this.refresh();
  }

  private waits(content: string): boolean {
    const waiting = this.opened.answer.proposals.filter(({ state }) => state === "open");
    return waiting.some(({ payload }) => this.proposed.get(payload.reasons) === content);
  }

  private seal(kind: TextKind, text: string, files: readonly Attached[] = []): Promise<NewRecord> {
    const { answer, beginning, dialogue, doubts, newest, work } = this.opened;
    // Nothing is written into a case that does not hold together: it might be sealed to somebody else.
    demand(doubts.length === 0, "doubt");
    const stream = kind === "message" || kind === "feedback" ? dialogue : work;
    const author = { from: answer.me, signingSeed: this.keys.signing };
    const attachments = files.map(({ attachment }) => attachment);
    return writeText(kind, text, author, stream, newest, beginning, answer.date, attachments);
  }

  /** Whether the record has been taken. When somebody else came first the case is fetched again, and false given. */
  private async sent(
    path: string,
    body: Parameters<typeof post>[1],
    record: NewRecord,
    attempt: number,
  ): Promise<boolean> {
    try {
      await post(path, body);
      return true;
    } catch (error) {
      if (!(error instanceof Problem) || !SEAL_AGAIN.includes(error.code) || attempt >= ATTEMPTS) throw error;
    }
    await this.refresh();
    // It may have been my own record that came first: the answer to it was lost on the way.
    return taken(this.opened.answer, record.fileDigest);
  }

  /** A case whose first keys the server has seen gets new ones before anybody writes. */
  private async settle(): Promise<void> {
    const needed = () => this.opened.needsEpoch && this.opened.doubts.length === 0;
    // Bounded: a server that kept asking would have a browser make keys without end.
    for (let attempt = 1; needed() && attempt <= ATTEMPTS; attempt += 1) {
      this.onEpoch("begins");
      try {
        await this.beginEpoch();
      } catch (error) {
        if (!(error instanceof Problem) || !SEAL_AGAIN.includes(error.code) || attempt >= ATTEMPTS) throw error;
      }
      this.opened = await fetchCase(this.reference, this.keys);
      this.onEpoch("done");
    }
  }

  private async beginEpoch(): Promise<void> {
    const { answer, beginning, dialogue, newest, work } = this.opened;
    const made = await makeEpoch({
      at: answer.date,
      before: present(work),
      beginning,
      dialogue: dialogue.next,
      from: answer.me,
      members: newest.members,
      recipients: newest,
      signingSeed: this.keys.signing,
      source: answer.source,
      work: work.next,
    });
    await post(`cases/${this.reference}/epochs`, {
      dialogue: b64(made.recipients.dialogue),
      epoch: made.epoch.epoch,
      grants: made.grants.map(({ file, holder, kind }) => ({ file: b64(file), holder, kind })),
      records: made.records.map(({ file, header }) => ({
        epoch: header.epoch,
        file: b64(file),
        kind: header.kind,
        prev: header.prev,
        seq: header.seq,
        stream: header.stream,
      })),
      work: b64(made.recipients.work),
    });
  }
}

async function fetchCase(reference: string, keys: HandlerKeys): Promise<OpenedCase> {
  return openCase(readAnswer(await post(`cases/${reference}/open`)), keys);
}
