/** Attached files, sealed and opened piece by piece; `docs/protocol.md` section 4a. For a worker: no DOM is touched. */
import { sha256 } from "@noble/hashes/sha2.js";
import { inspect, openStream, sealedSize, sealStream } from "./age";
import type { Attachment } from "./attachment";
import { type Bytes, b64, concat, fromB64, hex } from "./bytes";
import { demand, refusing } from "./errors";
import { randomBytes, SEED_SIZE } from "./keys";
import { paddedLength } from "./padding";

/** Bytes of every part that a sealed file is sent in, but the last. */
export const PART_SIZE = 4 * 1024 * 1024;
// What is read from a file at a time: enough to be quick, little enough to be held twice.
const READ_SIZE = 1024 * 1024;
// At least the header of a file with one recipient, and the nonce.
const HEAD_SIZE = 4096;

/** What a record must say of a sealed file; the rest of `Attachment` is the sender's to tell. */
export type SealedContent = Pick<Attachment, "size" | "sha256" | "key">;

/** A file on its way into its age file. */
export interface SealingFile {
  /** Bytes of the whole age file. */
  readonly sealedSize: number;
  /** The next `PART_SIZE` bytes of it, fewer at its end, then null. To be called when the one before has come. */
  readonly next: () => Promise<Bytes | null>;
  /** What opens the file. Only after the last part has been given. */
  readonly finished: () => SealedContent;
}

type Digest = ReturnType<typeof sha256.create>;

/** Read a part of a file as the system or the browser keeps it; EnvelopeError `file_unreadable` when it no longer does. */
export async function readBlob(file: Blob, from: number, to: number): Promise<Bytes> {
  const content = await refusing("file_unreadable", () => file.slice(from, to).arrayBuffer());
  demand(content.byteLength === to - from, "file_unreadable");
  return new Uint8Array(content);
}

function chunks(file: Blob): ReadableStream<Bytes> {
  let at = 0;
  return new ReadableStream<Bytes>(
    {
      async pull(controller) {
        const to = Math.min(at + READ_SIZE, file.size);
        if (at < to) controller.enqueue(await readBlob(file, at, to));
        at = to;
        if (at === file.size) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** The bytes of a file, hashed as they pass by, and the zeros that hide how many they are. */
function padded(file: Blob, digest: Digest): ReadableStream<Bytes> {
  let zeros = paddedLength(file.size) - file.size;
  const padding = new TransformStream<Bytes, Bytes>({
    transform(chunk, controller) {
      digest.update(chunk);
      controller.enqueue(chunk);
    },
    flush(controller) {
      for (; zeros > 0; zeros -= READ_SIZE) controller.enqueue(new Uint8Array(Math.min(zeros, READ_SIZE)));
    },
  });
  return chunks(file).pipeThrough(padding);
}

/** Cuts a stream into parts of `PART_SIZE` bytes, the last one shorter. */
function cutter(reader: ReadableStreamDefaultReader<Bytes>): () => Promise<Bytes | null> {
  let left: Uint8Array = new Uint8Array(0);
  return async () => {
    const part = new Uint8Array(PART_SIZE);
    let filled = 0;
    while (filled < PART_SIZE) {
      if (left.length === 0) {
        const { done, value } = await reader.read();
        if (done) break;
        left = value;
      }
      const taken = left.subarray(0, PART_SIZE - filled);
      part.set(taken, filled);
      filled += taken.length;
      left = left.subarray(taken.length);
    }
    if (filled === 0) return null;
    return filled === PART_SIZE ? part : part.slice(0, filled);
  };
}

/**
 * Seal a file under a key of its own, made here. Only so much is in memory at a time as one part takes.
 *
 * @throws EnvelopeError `file_size` when the file is empty; from `next`, `file_unreadable` when the system no longer
 * gives the file as it was chosen
 */
export async function sealFile(file: Blob, random = randomBytes): Promise<SealingFile> {
  demand(file.size > 0, "file_size");
  const key = random(SEED_SIZE);
  const digest = sha256.create();
  const total = sealedSize(paddedLength(file.size), 1);
  const sealed = await refusing("seal", () => sealStream(padded(file, digest), key));
  const cut = cutter(sealed.getReader());
  let given = 0;
  let content: SealedContent | undefined;
  return {
    sealedSize: total,
    next: async () => {
      const part = await refusing("seal", cut);
      given += part?.length ?? 0;
      // Whoever goes on after this would attach half a file, or something else than was chosen.
      demand(given <= total && (part !== null || given === total), "seal");
      if (part === null) content ??= { key: b64(key), sha256: hex(digest.digest()), size: file.size };
      return part;
    },
    finished: () => {
      demand(content !== undefined, "seal");
      return content;
    },
  };
}

function isZero(bytes: Uint8Array): boolean {
  let any = 0;
  for (const byte of bytes) any |= byte;
  return any === 0;
}

/** A sealed file as it arrives: refused when its head is not that of one of ours, or when it is longer or shorter. */
function inspected(sealed: ReadableStream<Bytes>, total: number): ReadableStream<Bytes> {
  let head: Bytes | undefined = new Uint8Array(0);
  let arrived = 0;
  const inspector = new TransformStream<Bytes, Bytes>({
    flush() {
      demand(arrived === total, "file_size");
    },
    transform(chunk, controller) {
      arrived += chunk.length;
      demand(arrived <= total, "file_size");
      if (head === undefined) {
        controller.enqueue(chunk);
        return;
      }
      head = concat(head, chunk);
      if (head.length < Math.min(HEAD_SIZE, total)) return;
      // The key was made for this file alone: a second stanza would be somebody listening in.
      demand(inspect(head, total).recipients === 1, "recipients");
      controller.enqueue(head);
      head = undefined;
    },
  });
  return sealed.pipeThrough(inspector);
}

/**
 * Open an attached file with what a verified record says of it. Comes only after everything has been found right: the
 * last chunk, size, padding and digest. The result has no type: what a file is, its content says.
 *
 * @throws EnvelopeError `file_size`, `file_padding`, `file_digest` and `recipients` when it is not what was attached,
 * `not_opened` for any other change; `file_unreadable` when the browser has no room for it
 */
export async function openFile(sealed: ReadableStream<Bytes>, attachment: SealedContent): Promise<Blob> {
  const { key, sha256: expected, size } = attachment;
  const seed = fromB64(key);
  const digest = sha256.create();
  const kept: Blob[] = [];
  let missing = size;
  await refusing("not_opened", async () => {
    const arriving = inspected(sealed, sealedSize(paddedLength(size), 1));
    const next = cutter((await openStream(arriving, seed)).getReader());
    for (let part = await next(); part !== null; part = await next()) {
      const own = part.subarray(0, missing);
      demand(isZero(part.subarray(own.length)), "file_padding");
      missing -= own.length;
      digest.update(own);
      // The browser keeps blobs where it likes: a large file need not lie in memory twice.
      if (own.length > 0) kept.push(new Blob([own]));
    }
  });
  demand(missing === 0, "file_size");
  demand(hex(digest.digest()) === expected, "file_digest");
  const opened = new Blob(kept);
  // A browser that has no room for a blob tells only when it is read.
  await readBlob(opened, size - 1, size);
  return opened;
}
