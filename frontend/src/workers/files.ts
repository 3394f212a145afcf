// The worker that seals and opens files, so that a page stays alive while 100 MB are on their way.
import type { Bytes } from "../crypto/bytes";
import { EnvelopeError } from "../crypto/errors";
import { openFile, readBlob, type SealingFile, sealFile } from "../crypto/files";
import type { Answer, Question } from "../files/worker";

const sealings = new Map<number, SealingFile>();
// A worker opens one file and ends with it: browsers keep what any page or worker can still reach, and count it.
const arriving = new TransformStream<Bytes, Bytes>();
const arrived = arriving.writable.getWriter();
let opened: Blob | undefined;

function sealing(id: number): SealingFile {
  const found = sealings.get(id);
  if (found === undefined) throw new Error("sealing");
  return found;
}

async function beginning(bytes: number): Promise<Bytes> {
  if (opened === undefined) throw new Error("opened");
  const { size } = opened;
  return readBlob(opened, 0, Math.min(bytes, size));
}

async function answered(question: Question): Promise<unknown> {
  switch (question.do) {
    case "seal": {
      const begun = await sealFile(question.file);
      sealings.set(question.id, begun);
      return { sealedSize: begun.sealedSize, sealing: question.id };
    }
    case "next":
      return sealing(question.sealing).next();
    case "finished":
      return sealing(question.sealing).finished();
    case "drop":
      return sealings.delete(question.sealing);
    case "open":
      opened = await openFile(arriving.readable, question.attachment);
      return URL.createObjectURL(opened.slice(0, opened.size, "application/octet-stream"));
    case "feed":
      return question.part === null ? arrived.close() : arrived.write(question.part);
    case "beginning":
      return beginning(question.bytes);
  }
}

function faultOf(id: number, error: unknown): Answer {
  if (error instanceof EnvelopeError) return { fault: "envelope", id, reason: error.reason };
  return { fault: "unexpected", id, reason: "" };
}

async function answer(question: Question): Promise<void> {
  try {
    const value = await answered(question);
    // A part is handed over, not copied.
    const handed = value instanceof Uint8Array ? [(value as Bytes).buffer] : [];
    postMessage({ id: question.id, value } satisfies Answer, { transfer: handed });
  } catch (error) {
    postMessage(faultOf(question.id, error));
  }
}

addEventListener("message", (event: MessageEvent<Question>) => void answer(event.data));
