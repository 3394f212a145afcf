/** A case that staff enter for somebody: sealed here to a panel that was drawn as for a source, with a code made here. */
import { deriveKeys, generateCode, type SourceKeys } from "../crypto/code";
import { checkListed } from "../crypto/directory";
import * as shape from "../crypto/shape";
import { readOffer } from "../crypto/submission";
import type { Attached } from "../files/chosen";
import type { Answers } from "../public/answers";
import { factsOf, sealCase } from "../public/sealing";
import { Problem, post } from "./api";

/** What is told of how the case came, as the server takes it. */
export interface Stated {
  readonly origin: string;
  readonly received_on: string;
  readonly acknowledged_on: string | null;
  readonly ack_left_out: string | null;
  readonly documented: string | null;
  readonly code: string;
}

export interface Registered {
  readonly code: string;
  readonly reference: string;
  readonly feedbackBy: string;
  readonly functions: readonly string[];
}

type Sealed = { readonly body: Readonly<Record<string, unknown>>; readonly functions: readonly string[] };

/** One case on its way in. Sent again after an answer that was lost, it is the same one. */
export class Intake {
  private readonly code = generateCode();
  private keys: SourceKeys | undefined;
  private sealed: { readonly content: string; readonly made: Sealed } | undefined;

  constructor(
    private readonly organisation: string,
    private readonly channel: "tip" | "report",
    private readonly language: string,
    /** The reference of a case of my own that it is linked with, or nothing. */
    private readonly follows = "",
  ) {}

  /** Seal and hand in. @throws Problem, EnvelopeError; nothing is lost */
  async send(answers: Answers, stated: Stated, files: readonly Attached[]): Promise<Registered> {
    const content = JSON.stringify([answers, files.map(({ upload }) => upload.upload)]);
    for (let again = true; ; again = false) {
      if (this.sealed?.content !== content) {
        this.sealed = { content, made: await this.seal(answers, files) };
      }
      const { body, functions } = this.sealed.made;
      try {
        const linked = this.follows === "" ? {} : { follows: this.follows };
        const answer = await post("intakes", { ...body, ...linked, conflict: "none", stated: { ...stated } } as never);
        const read = shape.including(answer, "reference", "feedback_by");
        return {
          code: this.code,
          feedbackBy: shape.date(read["feedback_by"]),
          functions,
          reference: shape.reference(read["reference"]),
        };
      } catch (error) {
        const old = error instanceof Problem && ["panel_changed", "token_expired"].includes(error.code);
        // Only where nothing was kept: an answer that was lost is asked for again with the same bytes.
        if (error instanceof Problem && error.status !== 0) this.sealed = undefined;
        if (!old || !again) throw error;
      }
    }
  }

  private async seal(answers: Answers, files: readonly Attached[]): Promise<Sealed> {
    const { channel, language, organisation } = this;
    const facts = factsOf(answers);
    const answer = await post("intakes/panel", { channel, facts: { ...facts }, organisation });
    const functions = shape.list(shape.including(answer, "functions")["functions"], shape.string);
    const offer = readOffer(answer);
    checkListed(await post("directory"), offer);
    this.keys ??= await deriveKeys(this.code, offer.installation);
    const filled = { answers, channel, facts, language, organisation };
    return { body: await sealCase(offer, filled, files, this.keys), functions };
  }
}
