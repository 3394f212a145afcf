/** Everything that a handler writes to a case: sealed here, sent, and sealed again when somebody else came first. */
import type { Notice } from "../crypto/body";
import { b64 } from "../crypto/bytes";
import type { Json } from "../crypto/canonical";
import {
  type FormAnswers,
  type NewRecord,
  type Place,
  streamOf,
  type TextKind,
  writeForm,
  writeNotice,
  writeText,
} from "../crypto/dialogue";
import { makeEpoch } from "../crypto/epoch";
import { demand } from "../crypto/errors";
import type { HandlerKeys } from "../crypto/identity";
import { grantRow, recordRow } from "../crypto/rows";
import type { Attached } from "../files/chosen";
import { readAnswer } from "./answer";
import { Problem, post } from "./api";
import { held } from "./directory";
import { type OpenedCase, openCase, present, taken } from "./opened";

/** How often something is sealed again because somebody else came first. */
export const ATTEMPTS = 4;
const SEAL_AGAIN: readonly string[] = ["sequence_conflict", "epoch_closed", "epoch_exists", "grants_mismatch"];

/** The case's keys are about to be changed (the server has seen them, or somebody has left), or have been. */
export type EpochNews = "begins" | "done" | "left" | "renewed";

/** A case in hand: who writes, and what was last fetched. */
export class Desk {
  /** The last record that was sent without an answer: sent again as it is, so that nothing is said twice. */
  private unanswered: { content: string; sealed: NewRecord } | null = null;

  /** Proposals handed in from here, by the digest of their reasons: what each proposed. */
  readonly proposed = new Map<string, string>();

  private constructor(
    readonly reference: string,
    readonly keys: HandlerKeys,
    /** Told when the case's keys are about to be changed, and when they have been. */
    private readonly onEpoch: (state: EpochNews) => void,
    public opened: OpenedCase,
  ) {}

  static async open(
    reference: string,
    keys: HandlerKeys,
    onEpoch: (state: EpochNews) => void = () => {},
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
    const path = `cases/${this.reference}/records`;
    await this.send(path, {}, files, JSON.stringify([kind, text]), () => this.seal(kind, text, files));
  }

  /**
   * Send something filled in for the members' eyes, with what is counted of it. Returns when taken; raises Problem or
   * EnvelopeError with nothing lost.
   */
  async fill(
    path: string,
    form: string,
    answers: FormAnswers,
    counted: { readonly [member: string]: Json },
    files: readonly Attached[] = [],
  ): Promise<void> {
    const said = JSON.stringify([form, answers]);
    await this.send(path, counted, files, said, () => this.sealForm(form, answers, files));
  }

  /** Send what `seal` makes; what went without an answer goes once more as it is, where the same is `said` again. */
  private async send(
    path: string,
    counted: { readonly [member: string]: Json },
    files: readonly Attached[],
    said: string,
    seal: () => Promise<NewRecord>,
  ): Promise<void> {
    const uploads = files.map(({ upload }) => upload);
    const content = JSON.stringify([path, said, counted, uploads]);
    let sealed = this.unanswered?.content === content ? this.unanswered.sealed : null;
    for (let attempt = 1; ; attempt += 1) {
      sealed ??= await seal();
      this.unanswered = { content, sealed };
      const record = uploads.length === 0 ? sealed.record : { ...sealed.record, files: uploads };
      try {
        if (await this.sent(path, { ...counted, record }, sealed.fileDigest, attempt)) break;
      } catch (error) {
        // Somebody else changed the same thing: what they did is fetched, to be shown beside what I wrote.
        if (error instanceof Problem && error.code === "conflict") await this.refresh();
        throw error;
      }
      sealed = null;
    }
    await this.refresh();
    // Not before: were the fetch to fail, the same said once more must be known again.
    this.unanswered = null;
  }

  async beginFollowUp(): Promise<void> {
    await post(`cases/${this.reference}/follow-up`);
    await this.refresh();
  }

  /** Begin a record of the case as it was last fetched. */
  seal(kind: TextKind, text: string, files: readonly Attached[] = []): Promise<NewRecord> {
    const attachments = files.map(({ attachment }) => attachment);
    return writeText(kind, text, this.place(streamOf(kind)), attachments);
  }

  /** Begin something filled in for the members' eyes, right `after` a record that is sent along with it. */
  sealForm(
    form: string,
    answers: FormAnswers,
    files: readonly Attached[] = [],
    after: NewRecord | null = null,
  ): Promise<NewRecord> {
    const place = this.place("work");
    const next = after === null ? place.stream.next : { prev: after.fileDigest, seq: after.record.seq + 1 };
    const attachments = files.map(({ attachment }) => attachment);
    return writeForm(form, answers, "work", { ...place, stream: { ...place.stream, next } }, attachments);
  }

  /** Begin what the source is told of an act by two. */
  sealNotice(notice: Notice, text: string): Promise<NewRecord> {
    return writeNotice(notice, text, this.place("dialogue"));
  }

  /** Where my next record of a stream goes, in the case as it was last fetched. */
  place(stream: "dialogue" | "work"): Place {
    const { answer, beginning, newest, [stream]: verified } = this.sound();
    const author = { from: answer.me, signingSeed: this.keys.signing };
    return { at: answer.date, author, beginning, recipients: newest, stream: verified };
  }

  /** The case, if something may be sealed to it: one that does not hold together might be somebody else's. */
  sound(): OpenedCase {
    demand(this.opened.doubts.length === 0, "doubt");
    return this.opened;
  }

  /**
   * Whether what was sent has been taken. When somebody else came first the case is fetched again, and false given.
   * `digest` is of an age file that stands in the case when it has; null where nothing of that kind goes along.
   */
  async sent(path: string, body: Json, digest: string | null, attempt: number): Promise<boolean> {
    try {
      await post(path, body);
      return true;
    } catch (error) {
      if (!(error instanceof Problem) || !SEAL_AGAIN.includes(error.code) || attempt >= ATTEMPTS) throw error;
    }
    await this.refresh();
    // It may have been my own record that came first: the answer to it was lost on the way.
    return digest !== null && taken(this.opened.answer, digest);
  }

  /** A case whose keys the server has seen, or that somebody has left, gets new ones before anybody writes. */
  private async settle(): Promise<void> {
    const needed = () => this.opened.needsEpoch && this.opened.doubts.length === 0 && this.opened.answer.stuck === null;
    // Bounded: a server that kept asking would have a browser make keys without end.
    for (let attempt = 1; needed() && attempt <= ATTEMPTS; attempt += 1) {
      const left = this.opened.answer.nextMembers !== null && !this.opened.seenByServer;
      this.onEpoch(left ? "left" : "begins");
      try {
        await this.beginEpoch();
      } catch (error) {
        if (!(error instanceof Problem) || !SEAL_AGAIN.includes(error.code) || attempt >= ATTEMPTS) throw error;
      }
      this.opened = await fetchCase(this.reference, this.keys);
      this.onEpoch(left ? "renewed" : "done");
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
      members: answer.nextMembers ?? newest.members,
      recipients: newest,
      signingSeed: this.keys.signing,
      source: answer.sourceNow,
      threshold: answer.threshold,
      trustees: answer.trustees,
      work: work.next,
    });
    await post(`cases/${this.reference}/epochs`, {
      dialogue: b64(made.recipients.dialogue),
      epoch: made.epoch.epoch,
      grants: made.grants.map(grantRow),
      records: made.records.map(recordRow),
      work: b64(made.recipients.work),
    });
  }
}

async function fetchCase(reference: string, keys: HandlerKeys): Promise<OpenedCase> {
  return held(await openCase(readAnswer(await post(`cases/${reference}/open`)), keys));
}
