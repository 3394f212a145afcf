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

/** What a form was filled in with, by field (`docs/protocol.md`, section 4c). */
export type FormAnswers = { readonly [field: string]: string | readonly string[] };

/** Who writes: `source`, or a member's pseudonym, with the seed that signs. */
export interface Author {
  readonly from: string;
  readonly signingSeed: Uint8Array;
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
 * Seal a text as the next record of a verified stream, to the stream's recipient in the newest epoch, naming the files
 * that were sealed for it beforehand.
 *
 * `recipients` are that epoch's raw recipients as the server tells them; they must be those that the chain names.
 * After `sequence_conflict` read the stream again and call this once more with the same text.
 */
export function writeText(
  kind: TextKind,
  text: string,
  author: Author,
  stream: Pick<VerifiedStream, "epochs" | "next">,
  recipients: EpochRecipients,
  beginning: Beginning,
  at: string,
  attachments: readonly Attachment[] = [],
): Promise<NewRecord> {
  return write(kind, { text }, author, stream, recipients, beginning, at, attachments);
}

/** Seal what the members tell the source of something that they decide; as `writeText`. */
export function writeNotice(
  notice: Notice,
  text: string,
  author: Author,
  stream: Pick<VerifiedStream, "epochs" | "next">,
  recipients: EpochRecipients,
  beginning: Beginning,
  at: string,
): Promise<NewRecord> {
  return write("notice", { notice, text }, author, stream, recipients, beginning, at, []);
}

/** Seal something that was filled in, as the next record of the stream that it belongs to; as `writeText`. */
export function writeForm(
  form: string,
  answers: FormAnswers,
  to: "dialogue" | "work",
  author: Author,
  stream: Pick<VerifiedStream, "epochs" | "next">,
  recipients: EpochRecipients,
  beginning: Beginning,
  at: string,
  attachments: readonly Attachment[] = [],
): Promise<NewRecord> {
  return write("form", { answers, form }, author, stream, recipients, beginning, at, attachments, to);
}

async function write(
  kind: Kind,
  body: Json,
  author: Author,
  stream: Pick<VerifiedStream, "epochs" | "next">,
  recipients: EpochRecipients,
  beginning: Beginning,
  at: string,
  attachments: readonly Attachment[],
  to: "dialogue" | "work" = kind === "form" ? "work" : STREAM_OF[kind],
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
  const sealed = await sealRecord(header, body, author.signingSeed, [recipients[place.stream]]);
  return { fileDigest: sealed.fileDigest, record: { ...place, file: b64(sealed.file) } };
}
