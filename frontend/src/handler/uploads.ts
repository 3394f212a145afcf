/** Uploads of a handler: as a source's, but with the session's own token. */
import type { Bytes } from "../crypto/bytes";
import { demand, EnvelopeError } from "../crypto/errors";
import * as shape from "../crypto/shape";
import { Broken, Lost, type UploadServer } from "../files/upload";
import { Problem, transfer } from "./api";

/** No answer, too much at once, or a queue: what was asked may be asked again. */
const LATER: readonly number[] = [0, 429, 503];

function received(answer: unknown): number {
  const count = shape.including(answer, "received")["received"];
  demand(Number.isSafeInteger(count), "value");
  return count as number;
}

/** Any error as those that `uploadFile` tells apart. */
function told(error: unknown): unknown {
  // An answer that nobody can read is none.
  if (error instanceof EnvelopeError) return new Broken();
  if (!(error instanceof Problem)) return error;
  if (LATER.includes(error.status)) return new Broken();
  return error.code === "part_missing" ? new Lost() : error;
}

export const uploads: UploadServer = {
  async send(upload: string, offset: number, size: number, part: Bytes, signal: AbortSignal): Promise<void> {
    const headers = {
      "Tipportal-Offset": String(offset),
      "Tipportal-Size": String(size),
      "Tipportal-Upload": upload,
    };
    try {
      demand(received(await transfer("POST", headers, signal, part)) >= offset + part.length, "value");
    } catch (error) {
      throw told(error);
    }
  },

  async received(upload: string, signal: AbortSignal): Promise<number> {
    try {
      return received(await transfer("GET", { "Tipportal-Upload": upload }, signal));
    } catch (error) {
      throw told(error);
    }
  },

  async discard(upload: string): Promise<void> {
    try {
      await transfer("DELETE", { "Tipportal-Upload": upload });
    } catch {
      // What cannot be removed now is swept within a day; nobody knows its name or its key.
    }
  },
};
