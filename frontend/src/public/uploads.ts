/** Uploads of a source: parts go with the page's form token, and with a new one when that has grown old. */
import type { UploadServer } from "../files/upload";
import { type UploadRequest, uploadsOf } from "../files/uploads";
import { get, newToken, postBytes, Refused, remove, Unanswered } from "./http";

/** Where uploads go, and what a form token is for. */
export interface UploadsOf {
  readonly uploads: string;
  readonly token: string;
  readonly purpose: string;
  readonly organisation: string | null;
}

/** Uploads with `token` until the server wants a newer one. */
export function sourceUploads(of: UploadsOf, token: string): UploadServer {
  let held = token;

  function asked({ headers, method, part, signal }: UploadRequest): Promise<unknown> {
    if (method === "GET") return get(of.uploads, headers, signal);
    const sent = { ...headers, "Tipportal-CSRF": held };
    return part === undefined ? remove(of.uploads, sent) : postBytes(of.uploads, part, sent, signal);
  }

  return uploadsOf({
    async ask(request) {
      try {
        return await asked(request);
      } catch (error) {
        if (!(error instanceof Refused) || error.code !== "token_expired") throw error;
      }
      held = await newToken(of.token, of.purpose, of.organisation);
      return asked(request);
    },

    refusal(error) {
      if (error instanceof Unanswered) return { code: "", status: 0 };
      return error instanceof Refused ? error : undefined;
    },
  });
}
