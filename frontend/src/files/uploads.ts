/** Parts of sealed files on their way over HTTP (`docs/protocol.md`, section 6): the same for both faces. */
import type { Bytes } from "../crypto/bytes";
import { demand, EnvelopeError } from "../crypto/errors";
import * as shape from "../crypto/shape";
import { Broken, Lost, type UploadServer } from "./upload";

/** A request about an upload: what concerns it stands in the headers, the bytes in the body. */
export interface UploadRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly part?: Bytes;
  readonly signal?: AbortSignal;
}

/** How a face asks its server, and reads what it throws. */
export interface UploadFace {
  /** Give the JSON of an answer that says yes, anything for `DELETE`. */
  ask(request: UploadRequest): Promise<unknown>;
  /** The refusal in an error, with status 0 where nothing was answered; undefined for an error of any other kind. */
  refusal(error: unknown): { readonly status: number; readonly code: string } | undefined;
}

/** No answer, too much at once, or a queue: what was asked may be asked again. */
export const LATER: readonly number[] = [0, 429, 503];

function count(answer: unknown): number {
  const received = shape.including(answer, "received")["received"];
  demand(Number.isSafeInteger(received), "value");
  return received as number;
}

/** Where `face` sends its uploads. */
export function uploadsOf(face: UploadFace): UploadServer {
  /** Any error as those that `uploadFile` tells apart. */
  function told(error: unknown): unknown {
    // An answer that nobody can read is none.
    if (error instanceof EnvelopeError) return new Broken();
    const refusal = face.refusal(error);
    if (refusal === undefined) return error;
    if (LATER.includes(refusal.status)) return new Broken();
    return refusal.code === "part_missing" ? new Lost() : error;
  }

  async function received(request: UploadRequest): Promise<number> {
    try {
      return count(await face.ask(request));
    } catch (error) {
      throw told(error);
    }
  }

  return {
    async send(upload, offset, size, part, signal) {
      const headers = {
        "Tipportal-Offset": String(offset),
        "Tipportal-Size": String(size),
        "Tipportal-Upload": upload,
      };
      // Less than what was just sent would be an answer to something else.
      if ((await received({ headers, method: "POST", part, signal })) < offset + part.length) throw new Broken();
    },

    async received(upload, signal) {
      return received({ headers: { "Tipportal-Upload": upload }, method: "GET", signal });
    },

    async discard(upload) {
      try {
        await face.ask({ headers: { "Tipportal-Upload": upload }, method: "DELETE" });
      } catch {
        // What cannot be removed now is swept within a day; nobody knows its name or its key.
      }
    },
  };
}
