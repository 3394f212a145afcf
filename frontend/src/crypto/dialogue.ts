import type { Notice } from "./body";
import { b64 } from "./bytes";
import type { Json } from "./canonical";
import type { VerifiedStream } from "./chain";
import { type EpochRecipients, type EpochState, isOf } from "./epoch";
import { demand } from "./errors";
import type { Beginning } from "./genesis";
import { type Attachment, sealRecord } from "./record";

/** Kinds whose body is one text, and the stream each belongs to. */
const STREAM_OF = {
  assessment: "work",
  feedback: "dialogue",
  message: "dialogue",
  note: "work",
  notice: "dialogue",
  title: "work",
} as const;
type Kind = keyof typeof STREAM_OF | "form";
export type TextKind = Exclude<Kind, "notice" | "form">;

/** The stream that a text of a kind belongs to. */
export function streamOf(kind: TextKind): "dialogue" | "work" {
  return STREAM_OF[kind];
}

/** What a form was filled in with, by field (`docs/protocol.md`, section 4c). */
export type FormAnswers = { readonly [field: string]: string | readonly string[] };

/** Who writes: `source`, or a member's pseudonym, with the seed that signs. */
export interface Author {
  readonly from: string;
  readonly signingSeed: Uint8Array;
}

/** Where a record is written: next in a verified stream, sealed to that stream's recipient in the newest epoch. */
export interface Place {
  readonly author: Author;
  readonly stream: Pick<VerifiedStream, "epochs" | "next">;
  /** The newest epoch's raw recipients as the server tells them; they must be those that the chain names. */
  readonly recipients: EpochRecipients;
  readonly beginning: Beginning;
  /** The day, as YYYY-MM-DD. */
  readonly at: string;
}

/** A sealed record as the API takes it, with the digest that acts and later records refer to. */
export interface NewRecord {
  readonly record: {
    readonly stream: "dialogue" | "work";
    readonly kind: Kind;
    readonly epoch: number;
    readonly seq: number;
    readonly prev: string;
    readonly file: string;
  };
  readonly fileDigest: string;
}

/**
 * Seal a text, naming the files that were sealed for it beforehand.
 *
 * After `sequence_conflict` read the stream again and call this once more with the same text.
 */
export function writeText(
  kind: TextKind,
  text: string,
  place: Place,
  attachments: readonly Attachment[] = [],
): Promise<NewRecord> {
  return write(kind, { text }, streamOf(kind), place, attachments);
}

/** Seal what the members tell the source of something that they decide. */
export function writeNotice(notice: Notice, text: string, place: Place): Promise<NewRecord> {
  return write("notice", { notice, text }, STREAM_OF.notice, place);
}

/** Seal something that was filled in, to the stream that it belongs to. */
export function writeForm(
  form: string,
  answers: FormAnswers,
  to: "dialogue" | "work",
  place: Place,
  attachments: readonly Attachment[] = [],
): Promise<NewRecord> {
  return write("form", { answers, form }, to, place, attachments);
}

async function write(
  kind: Kind,
  body: Json,
  to: "dialogue" | "work",
  { at, author, beginning, recipients, stream }: Place,
  attachments: readonly Attachment[] = [],
): Promise<NewRecord> {
  const now = stream.epochs.at(-1) as EpochState;
  demand(isOf(recipients, now), "recipient");
  const fromSource = author.from === "source";
  demand(
    fromSource ? kind === "message" || kind === "form" : now.members.some((member) => member.id === author.from),
    "author",
  );
  const place = { epoch: now.epoch, kind, prev: stream.next.prev, seq: stream.next.seq, stream: to };
  const header = { ...place, at, attachments, case: beginning.genesis.case, from: author.from, gen: beginning.gen };
  const sealed = await sealRecord(header, body, author.signingSeed, [recipients[to]]);
  return { fileDigest: sealed.fileDigest, record: { ...place, file: b64(sealed.file) } };
}
