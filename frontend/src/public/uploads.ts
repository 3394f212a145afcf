/** Uploads of a source: parts go with the page's form token, and with a new one when that has grown old. */
import type { Bytes } from "../crypto/bytes";
import { demand, EnvelopeError } from "../crypto/errors";
import * as shape from "../crypto/shape";
import { Broken, Lost, type UploadServer } from "../files/upload";
import { get, LATER, newToken, postBytes, Refused, remove, Unanswered } from "./http";

/** Where uploads go, and what a form token is for. */
export interface UploadsOf {
  readonly uploads: string;
  readonly token: string;
  readonly purpose: string;
  readonly organisation: string | null;
}

function received(answer: unknown): number {
  const count = shape.including(answer, "received")["received"];
  demand(Number.isSafeInteger(count), "value");
  return count as number;
}

/** Any error as those that `uploadFile` tells apart. */
function told(error: unknown): unknown {
  // An answer that nobody can read is none.
  if (error instanceof Unanswered || error instanceof EnvelopeError) return new Broken();
  if (!(error instanceof Refused)) return error;
  if (LATER.has(error.status)) return new Broken();
  return error.code === "part_missing" ? new Lost() : error;
}

export class Uploads implements UploadServer {
  constructor(
    private readonly of: UploadsOf,
    private token: string,
  ) {}

  async send(upload: string, offset: number, size: number, part: Bytes, signal: AbortSignal): Promise<void> {
    const headers = {
      "Tipportal-Offset": String(offset),
      "Tipportal-Size": String(size),
      "Tipportal-Upload": upload,
    };
    try {
      const answer = await this.#withToken((csrf) => {
        return postBytes(this.of.uploads, part, { ...headers, ...csrf }, signal);
      });
      demand(received(answer) >= offset + part.length, "value");
    } catch (error) {
      throw told(error);
    }
  }

  async received(upload: string, signal: AbortSignal): Promise<number> {
    try {
      return received(await get(this.of.uploads, { "Tipportal-Upload": upload }, signal));
    } catch (error) {
      throw told(error);
    }
  }

  async discard(upload: string): Promise<void> {
    try {
      await this.#withToken((csrf) => remove(this.of.uploads, { ...csrf, "Tipportal-Upload": upload }));
    } catch {
      // What cannot be removed now is swept within a day; nobody knows its name or its key.
    }
  }

  async #withToken<T>(ask: (csrf: Record<string, string>) => Promise<T>): Promise<T> {
    try {
      return await ask({ "Tipportal-CSRF": this.token });
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== "token_expired") throw error;
    }
    this.token = await newToken(this.of.token, this.of.purpose, this.of.organisation);
    return ask({ "Tipportal-CSRF": this.token });
  }
}
