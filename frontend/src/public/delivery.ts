/**
 * One case on its way to the server: sealed once, handed in until it is acknowledged, with one code throughout.
 *
 * The code is made before the first try and stays the same. What is sealed is kept, so that a try whose answer was lost
 * is repeated byte for byte, and the server answers it with the same receipt.
 */

import { b64url } from "../crypto/bytes";
import { deriveKeys, generateCode, type SourceKeys } from "../crypto/code";
import { checkListed, fingerprint } from "../crypto/directory";
import { demand } from "../crypto/errors";
import type { Channel } from "../crypto/genesis";
import * as shape from "../crypto/shape";
import { readOffer, type Submission } from "../crypto/submission";
import type { Attached } from "../files/chosen";
import type { Answers } from "./answers";
import { get, newToken, post, Refused, Unanswered } from "./http";
import { factsOf, sealCase } from "./sealing";

/** Where the API of a form is. */
export interface FormApi {
  readonly panel: string;
  readonly directory: string;
  readonly cases: string;
  readonly token: string;
  readonly case: string;
  readonly uploads: string;
}

/** Which form it is. */
export interface FormOf {
  readonly api: FormApi;
  readonly organisation: string;
  readonly channel: Channel;
  readonly language: string;
}

/** An acknowledged case. */
export interface Receipt {
  readonly code: string;
  readonly reference: string;
  readonly receivedOn: string;
  readonly feedbackBy: string;
  readonly functions: readonly string[];
  /** The words of the directory's root that the receivers were checked against; none where that was an earlier try. */
  readonly fingerprint: readonly string[];
}

/** More than a token, a ticket and a panel that have each expired once; whoever needs more is stopped. */
const RECOVERIES = 5;

interface Sealed {
  readonly body: Submission;
  readonly reference: string;
  readonly functions: readonly string[];
  readonly fingerprint: readonly string[];
}

export class Delivery {
  /** A request went out and no answer came: it may have been kept, so what it said must not be changed. */
  unsettled = false;
  readonly #code = generateCode();
  #keys: SourceKeys | undefined;
  #sealed: Sealed | undefined;
  #token: string;
  #renewed = false;
  #panels = 0;

  constructor(
    private readonly form: FormOf,
    token: string,
  ) {
    this.#token = token;
  }

  /** Forget what was sealed, because the answers may have changed. */
  changed(): void {
    this.#sealed = undefined;
  }

  /**
   * Seal and hand in, with whatever a token, a ticket or a panel that has grown old makes necessary. The files have been
   * sent before: sealing again costs them nothing.
   *
   * @throws Refused when the server says no (`upload_unknown`: the files must be sent again, and then this), Unanswered
   * when it says nothing, EnvelopeError when nothing may be sealed
   */
  async send(answers: Answers, files: readonly Attached[]): Promise<Receipt> {
    this.#panels = 0;
    for (let left = RECOVERIES; ; left -= 1) {
      try {
        this.#sealed ??= await this.#seal(answers, files);
        return await this.#handIn(this.#sealed);
      } catch (error) {
        if (!(error instanceof Refused) || left === 0) throw error;
        await this.#recover(error);
      }
    }
  }

  async #recover(refused: Refused): Promise<void> {
    if (refused.code === "token_expired") {
      // A second time in a row it is not the form's token but the ticket, which comes with a new offer.
      if (this.#renewed) this.changed();
      this.#token = await newToken(this.form.api.token, this.form.channel, this.form.organisation);
      this.#renewed = true;
    } else if (refused.code === "panel_changed") {
      // The server looks for the code first: nothing is kept under it.
      this.unsettled = false;
      this.changed();
      this.#panels += 1;
      if (this.#panels > 1) throw refused;
    } else {
      if (refused.code === "upload_unknown") {
        // As above: had it been kept, the server would have said so.
        this.unsettled = false;
        this.changed();
      }
      throw refused;
    }
  }

  async #seal(answers: Answers, files: readonly Attached[]): Promise<Sealed> {
    const { api, channel, language, organisation } = this.form;
    const facts = factsOf(answers);
    const answer = await post(api.panel, { channel, csrf_token: this.#token, facts, organisation });
    const functions = shape.list(shape.including(answer, "functions")["functions"], shape.string);
    const offer = readOffer(answer);
    const directory = checkListed(await get(api.directory, {}), offer);
    this.#renewed = false;
    this.#keys ??= await deriveKeys(this.#code, offer.installation);
    const filled = { answers, channel, facts, language, organisation };
    const body = await sealCase(offer, filled, files, this.#keys);
    return { body, fingerprint: fingerprint(directory.root), functions, reference: offer.reference };
  }

  async #handIn({ body, fingerprint: words, functions, reference }: Sealed): Promise<Receipt> {
    let answer: unknown;
    try {
      answer = await post(this.form.api.cases, { ...body, csrf_token: this.#token });
    } catch (error) {
      if (error instanceof Unanswered) this.unsettled = true;
      // Only a try of ours can stand under a code of 99 random bits: the case is there, and says the rest itself.
      if (error instanceof Refused && error.code === "case_exists") return this.#standing();
      throw error;
    }
    this.#renewed = false;
    const read = shape.including(answer, "reference", "received_on", "feedback_by");
    demand(read["reference"] === reference, "case");
    this.unsettled = false;
    return {
      code: this.#code,
      reference,
      receivedOn: shape.date(read["received_on"]),
      feedbackBy: shape.date(read["feedback_by"]),
      fingerprint: words,
      functions,
    };
  }

  async #standing(): Promise<Receipt> {
    demand(this.#keys !== undefined, "code");
    const read = shape.including(
      await get(this.form.api.case, { "Tipportal-Lookup": b64url(this.#keys.lookupToken) }),
      ...["reference", "received_on", "feedback_by"],
    );
    this.unsettled = false;
    return {
      code: this.#code,
      reference: shape.reference(read["reference"]),
      receivedOn: shape.date(read["received_on"]),
      feedbackBy: shape.date(read["feedback_by"]),
      fingerprint: [],
      functions: [],
    };
  }
}
