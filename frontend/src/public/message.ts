/** One message on its way into the dialogue: sealed, handed in, and sealed again only where the server asks for it. */
import type { SourceKeys } from "../crypto/code";
import { type FormAnswers, writeForm, writeText } from "../crypto/dialogue";
import type { Attached } from "../files/chosen";
import { newToken, post, Refused, Unanswered } from "./http";
import { fetchCase, lookup, type OpenCase } from "./opened";
import { beginEpoch, OUTDATED, type RenewalApi } from "./renewal";

/** Where the API of a case is. */
export interface CaseApi extends RenewalApi {
  readonly records: string;
  readonly read: string;
  readonly uploads: string;
}

const RECOVERIES = 5;

/** An answer to a form: what is sealed, and what the server may know of it. */
export interface Reply {
  readonly form: string;
  readonly answers: number;
  readonly verdict: string;
  readonly said: FormAnswers;
}

export class Correspondence {
  /** A message went out and no answer came: it is repeated as it is until the server has answered. */
  unsettled = false;
  #sealed: { readonly content: string; readonly body: object } | undefined;
  #token: string;

  constructor(
    private readonly api: CaseApi,
    private readonly keys: SourceKeys,
    token: string,
    public opened: OpenCase,
  ) {
    this.#token = token;
  }

  /**
   * Send a text with the files that were sent before it, or an answer to a form, and give the case as it then stands.
   * Sent twice, it is taken once.
   *
   * @throws Refused (`upload_unknown`: the files must be sent again, and then this), Unanswered, EnvelopeError as
   * `fetchCase`
   */
  async send(text: string, files: readonly Attached[], reply?: Reply): Promise<OpenCase> {
    const content = [text, ...files.map(({ upload }) => upload.upload), JSON.stringify(reply)].join("\0");
    // An unanswered message may stand in the dialogue: the same bytes are answered as before, others would come after.
    if (this.#sealed?.content !== content && !this.unsettled) this.#sealed = undefined;
    for (let left = RECOVERIES; ; left -= 1) {
      try {
        if (this.#sealed === undefined) await this.#renew();
        this.#sealed ??= { body: await this.#seal(text, files, reply), content };
        await post(this.api.records, { csrf_token: this.#token, ...this.#sealed.body }, lookup(this.keys));
        // Only when the case shows it is the message forgotten here; until then it is the same one that is repeated.
        this.opened = await fetchCase(this.api, this.keys);
        break;
      } catch (error) {
        // Nothing of the message is out as long as it has not been sealed.
        if (error instanceof Unanswered && this.#sealed !== undefined) this.unsettled = true;
        if (!(error instanceof Refused) || left === 0) throw error;
        await this.#recover(error);
      }
    }
    this.unsettled = false;
    this.#sealed = undefined;
    return this.opened;
  }

  /** Where somebody has left, make keys that only those who stay get, before anything is written. */
  async #renew(): Promise<void> {
    const { next } = this.opened;
    if (next === null) return;
    await beginEpoch(this.api.epochs, this.keys, this.#token, this.opened, next);
    this.opened = await fetchCase(this.api, this.keys);
  }

  async #recover(refused: Refused): Promise<void> {
    if (refused.code === "token_expired") {
      this.#token = await newToken(this.api.token, "case", null);
    } else if (OUTDATED.has(refused.code)) {
      // Somebody else's record stands where ours would have stood, so ours was not kept.
      this.opened = await fetchCase(this.api, this.keys);
      this.unsettled = false;
      this.#sealed = undefined;
    } else {
      if (refused.code === "upload_unknown") {
        // Had it been kept, the same bytes would have been answered as before.
        this.unsettled = false;
        this.#sealed = undefined;
      }
      throw refused;
    }
  }

  /** Say how far the dialogue has been shown. Nothing hangs on it: unsaid, it is said the next time. */
  async shown(): Promise<void> {
    const seq = this.opened.stream.next.seq - 1;
    await post(this.api.read, { csrf_token: this.#token, seq }, lookup(this.keys)).catch(() => undefined);
  }

  async #seal(text: string, files: readonly Attached[], reply?: Reply): Promise<object> {
    const { beginning, facts, recipients, stream } = this.opened;
    const author = { from: "source", signingSeed: this.keys.signingSeed };
    const place = { at: facts.date, author, beginning, recipients, stream };
    if (reply !== undefined) {
      const { said, ...answered } = reply;
      const form = await writeForm(reply.form, said, "dialogue", place);
      return { answered, record: form.record };
    }
    const named = files.map(({ attachment }) => attachment);
    const { record } = await writeText("message", text, place, named);
    return { record: files.length === 0 ? record : { ...record, files: files.map(({ upload }) => upload) } };
  }
}
