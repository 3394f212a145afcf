/** The handler face's JSON API (`docs/protocol.md`, section 7). */
import type { Json } from "../crypto/canonical";
import { EnvelopeError } from "../crypto/errors";
import { isMembers } from "../crypto/shape";
import { hasText, text } from "./dom";

/** A refusal with its stable code, or code `offline` when nothing was answered. `message` may be shown. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly field: string | null,
  ) {
    super(detail);
    this.name = "Problem";
  }
}

function meta(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="tipportal-${name}"]`)?.content ?? "";
}

async function problem(response: Response): Promise<Problem> {
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    body = null;
  }
  const read = isMembers(body) ? body : {};
  const code = typeof read["code"] === "string" ? read["code"] : "unexpected";
  const detail = typeof read["detail"] === "string" ? read["detail"] : text("unexpected");
  const field = typeof read["field"] === "string" ? read["field"] : null;
  return new Problem(response.status, code, detail, field);
}

async function request(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${meta("api")}${path}`, {
      ...init,
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
    });
  } catch {
    // The browser's own message names the address and helps nobody.
    throw new Problem(0, "offline", text("offline"), null);
  }
}

let token: string | null = null;

function send(path: string, body: Json, signal: AbortSignal | null = null): Promise<Response> {
  const headers = {
    Accept: "application/json",
    "Content-Type": "application/json",
    "Tipportal-CSRF": token ?? meta("csrf"),
  };
  return request(path, { body: JSON.stringify(body), headers, method: "POST", signal });
}

/** Whether the person of this page has signed in again meanwhile; then the page goes on with the new session's token. */
async function sameReader(): Promise<boolean> {
  const response = await request("csrf-token", { headers: { Accept: "application/json" } });
  const answer: unknown = response.ok ? await response.json() : null;
  if (!isMembers(answer) || typeof answer["csrf_token"] !== "string" || answer["who"] !== meta("who")) return false;
  token = answer["csrf_token"];
  return true;
}

/** Ask, and once more with a new session's token where its reader has signed in again. Raises Problem. */
async function answered(ask: () => Promise<Response>): Promise<Response> {
  let response = await ask();
  if (!response.ok) {
    const refused = await problem(response);
    if (refused.code !== "token_invalid" || meta("who") === "" || !(await sameReader())) throw refused;
    // Refused before anything was done, so asking again does it once.
    response = await ask();
    if (!response.ok) throw await problem(response);
  }
  return response;
}

/** Post to `path` below the API's address and give the JSON answer (null when it is empty). */
export async function post(path: string, body: Json = {}): Promise<unknown> {
  const response = await answered(() => send(path, body));
  return response.status === 204 ? null : response.json();
}

/** Ask for the JSON at `path` below the API's address. Raises Problem. */
export async function get(path: string): Promise<unknown> {
  const response = await answered(() => request(path, { headers: { Accept: "application/json" } }));
  return response.json();
}

/** Post to `path` and give the bytes that come back, piece by piece. */
export async function postForBytes(
  path: string,
  body: Json,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const response = await answered(() => send(path, body, signal));
  return response.body ?? new Blob().stream();
}

/** A request about an upload: what concerns it stands in the headers, the bytes in the body. */
export async function transfer(
  method: "GET" | "POST" | "DELETE",
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | null = null,
  body: Uint8Array<ArrayBuffer> | null = null,
): Promise<unknown> {
  const response = await answered(() => {
    const sent = { Accept: "application/json", ...headers, "Tipportal-CSRF": token ?? meta("csrf") };
    const type = body === null ? {} : { "Content-Type": "application/octet-stream" };
    // What is not wanted after all is taken back even while the page goes away.
    const keepalive = method === "DELETE";
    return request("uploads", { body, headers: { ...sent, ...type }, keepalive, method, signal });
  });
  if (response.status === 204) return null;
  try {
    return await response.json();
  } catch {
    throw new Problem(0, "offline", text("offline"), null);
  }
}

/** What to tell somebody about an error of any kind. Nothing of the content goes into it. */
export function explain(error: unknown): string {
  if (error instanceof Problem) return hasText(error.code) ? text(error.code) : error.detail;
  // What did not hold has a text of its own where a person can do something about it.
  if (error instanceof EnvelopeError && hasText(`refused-${error.reason}`)) return text(`refused-${error.reason}`);
  return text("unexpected");
}
