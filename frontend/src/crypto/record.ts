import { inspect, openWith, recipientHash, sealTo } from "./age";
import { type Attachment, readAttachments } from "./attachment";
import { checkBody } from "./body";
import { type Bytes, concat, sha256, sha256Hex, u32, utf8 } from "./bytes";
import { canonical, type Json, parseCanonical } from "./canonical";
import { demand } from "./errors";
import { SIGNATURE_SIZE, sign, verifies } from "./keys";
import { pad, unpad } from "./padding";
import * as shape from "./shape";

export type { Attachment } from "./attachment";

export const STREAMS = ["genesis", "dialogue", "work", "vault"] as const;
export type Stream = (typeof STREAMS)[number];

export const KINDS = {
  genesis: ["genesis"],
  dialogue: ["report", "message", "feedback", "notice", "form", "epoch"],
  work: ["facts", "title", "note", "assessment", "form", "epoch"],
  vault: ["vault"],
} as const satisfies Record<Stream, readonly string[]>;
export type Kind = (typeof KINDS)[Stream][number];

/** What stands where no record comes before. */
export const NO_DIGEST = "0".repeat(64);
const MAX_HEADER = 64 * 1024;
const CONTEXT = utf8("tipportal/record/v1\0");

/** The header of a record, as in `docs/protocol.md` section 4. */
export interface Header {
  readonly v: 1;
  readonly case: string;
  readonly gen: string;
  readonly stream: Stream;
  readonly epoch: number;
  readonly kind: Kind;
  readonly seq: number;
  readonly prev: string;
  readonly recipient: string;
  readonly from: string;
  readonly sealed_by: "browser" | "server";
  readonly at: string;
  readonly len: number;
  readonly attachments: readonly Attachment[];
}

/** What a writer decides; the rest of a header follows from the body and the recipients. */
export type NewHeader = Omit<Header, "v" | "recipient" | "sealed_by" | "len" | "attachments"> &
  Partial<Pick<Header, "attachments">>;

/** A record as it came out of its file: well formed, not yet verified. */
export interface OpenedRecord {
  readonly header: Header;
  readonly body: Json;
  /** SHA-256 over header ‖ signature ‖ body, hex: what `gen` is of a genesis record. */
  readonly digest: string;
  /** SHA-256 over the body, hex. */
  readonly bodyDigest: string;
  /** Whether this key signed it. */
  readonly signedBy: (key: Uint8Array) => boolean;
}

function toBeSigned(header: Uint8Array, body: Uint8Array): Uint8Array {
  return concat(CONTEXT, header, sha256(body));
}

/** The padded plaintext of a record, signed. */
export function writeRecord(header: Header, body: Uint8Array, signingSeed: Uint8Array): Bytes {
  demand(header.len === body.length, "body_length");
  const head = canonical({ ...header });
  demand(head.length <= MAX_HEADER, "header_too_long");
  return pad(concat(u32(head.length), head, sign(toBeSigned(head, body), signingSeed), body));
}

/** A record sealed, and the digests that others refer to it by. */
export interface SealedRecord {
  readonly header: Header;
  readonly file: Bytes;
  /** SHA-256 of the file, hex: `prev` of the next record in the stream. */
  readonly fileDigest: string;
  /** As in `OpenedRecord`. */
  readonly digest: string;
}

/** Write, sign, pad and seal one record to raw recipients, in the order in which `recipient` names them. */
export async function sealRecord(
  wanted: NewHeader,
  body: Json,
  signingSeed: Uint8Array,
  recipients: readonly Uint8Array[],
): Promise<SealedRecord> {
  // What no reader would take is refused here, while somebody still has the text.
  checkBody(wanted.kind, body);
  const content = canonical(body);
  const header: Header = {
    ...wanted,
    v: 1,
    attachments: wanted.attachments ?? [],
    len: content.length,
    recipient: recipientHash(...recipients),
    sealed_by: "browser",
  };
  const plaintext = writeRecord(header, content, signingSeed);
  const { digest } = readRecord(plaintext);
  const file = await sealTo(plaintext, recipients);
  return { digest, file, fileDigest: sha256Hex(file), header };
}

function readHeader(bytes: Uint8Array): Header {
  const read = shape.exactly(
    parseCanonical(bytes),
    ...["v", "case", "gen", "stream", "epoch", "kind", "seq", "prev", "recipient", "from", "sealed_by", "at", "len"],
    "attachments",
  );
  demand(read["v"] === 1, "version");
  const stream = shape.oneOf(read["stream"], ...STREAMS);
  const from = shape.string(read["from"]);
  const kind = shape.oneOf<Kind>(read["kind"], ...Object.values(KINDS).flat());
  demand((KINDS[stream] as readonly Kind[]).includes(kind), "kind");
  return {
    v: 1,
    case: shape.reference(read["case"]),
    gen: shape.digest(read["gen"]),
    stream,
    epoch: shape.count(read["epoch"]),
    kind,
    seq: shape.count(read["seq"]),
    prev: shape.digest(read["prev"]),
    recipient: shape.digest(read["recipient"]),
    from: from === "source" || from === "staff" ? from : shape.signer(from),
    sealed_by: shape.oneOf(read["sealed_by"], "browser", "server"),
    at: shape.date(read["at"]),
    len: shape.count(read["len"]),
    attachments: readAttachments(kind, read["attachments"]),
  };
}

/** Read the plaintext of a record; anything that `writeRecord` would not have written just so is refused. */
export function readRecord(plaintext: Uint8Array): OpenedRecord {
  demand(plaintext.length >= 4, "record_truncated");
  const length = new DataView(plaintext.buffer, plaintext.byteOffset).getUint32(0);
  demand(length <= MAX_HEADER, "header_too_long");
  const start = 4 + length + SIGNATURE_SIZE;
  demand(plaintext.length >= start, "record_truncated");
  const head = plaintext.subarray(4, 4 + length);
  const header = readHeader(head);
  const content = unpad(plaintext, start + header.len);
  const signature = plaintext.subarray(4 + length, start);
  const body = content.subarray(start);
  return {
    header,
    body: parseCanonical(body),
    digest: sha256Hex(head, signature, body),
    bodyDigest: sha256Hex(body),
    // Over the bytes that came, never over JSON written anew.
    signedBy: (key) => verifies(signature, toBeSigned(head, body), key),
  };
}

/** Open and read a sealed record that must have been sealed to so many recipients. */
export async function openRecord(file: Uint8Array, seed: Uint8Array, recipients: number): Promise<OpenedRecord> {
  demand(inspect(file).recipients === recipients, "recipients");
  return readRecord(await openWith(file, seed));
}
