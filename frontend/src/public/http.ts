/** Requests to the portal's own API. Two things can go wrong, and they are never mixed up: refused, or unanswered. */
import { isMembers } from "../crypto/shape";

const PATIENCE_MS = 60_000;
/** A part of 4 MiB over a slow line, or a whole file on its way back. */
const FILE_PATIENCE_MS = 15 * 60_000;

/** The server understood and refused: nothing was kept. `code` is stable, `detail` is in the page's language. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    /** The field that it is about, if it is about one. */
    readonly field = "",
  ) {
    super(code);
    this.name = "Refused";
  }
}

/** No answer came, or one that nobody can read: whether the request arrived is not known. */
export class Unanswered extends Error {
  constructor() {
    super("unanswered");
    this.name = "Unanswered";
  }
}

type Headers = Readonly<Record<string, string>>;

/** Ask; an answer that says yes is read with `read`, any other as a problem. */
async function ask<T>(address: string, options: RequestInit, read: (answer: Response) => Promise<T>): Promise<T> {
  let answer: Response;
  let content: unknown;
  try {
    answer = await fetch(address, {
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(PATIENCE_MS),
      ...options,
    });
    if (answer.ok) return await read(answer);
    content = await answer.json();
  } catch {
    throw new Unanswered();
  }
  const code = isMembers(content) ? content["code"] : undefined;
  const detail = isMembers(content) ? content["detail"] : undefined;
  const field = isMembers(content) ? content["field"] : undefined;
  // A fault inside the server says nothing about what it had kept by then.
  if (typeof code !== "string" || typeof detail !== "string" || code === "internal_error") throw new Unanswered();
  throw new Refused(answer.status, code, detail, typeof field === "string" ? field : "");
}

function json(answer: Response): Promise<unknown> {
  return answer.json();
}

function within(patience: number, signal?: AbortSignal): AbortSignal {
  const most = AbortSignal.timeout(patience);
  return signal === undefined ? most : AbortSignal.any([most, signal]);
}

/** Send JSON and give the JSON that comes back. */
export async function post(address: string, body: object, headers: Headers = {}): Promise<unknown> {
  const sent = { ...headers, "Content-Type": "application/json" };
  return ask(address, { body: JSON.stringify(body), headers: sent, method: "POST" }, json);
}

/** Fetch JSON. */
export async function get(address: string, headers: Headers, signal?: AbortSignal): Promise<unknown> {
  return ask(address, { headers, signal: within(PATIENCE_MS, signal) }, json);
}

/** Send a part of a sealed file. */
export async function postBytes(
  address: string,
  bytes: Uint8Array<ArrayBuffer>,
  headers: Headers,
  signal?: AbortSignal,
): Promise<unknown> {
  const sent = { ...headers, "Content-Type": "application/octet-stream" };
  return ask(address, { body: bytes, headers: sent, method: "POST", signal: within(FILE_PATIENCE_MS, signal) }, json);
}

/** Fetch a sealed file, piece by piece. */
export async function getStream(address: string, headers: Headers): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const pieces = async ({ body }: Response) => body ?? new Blob().stream();
  return ask(address, { headers, signal: AbortSignal.timeout(FILE_PATIENCE_MS) }, pieces);
}

/** Ask the server to remove something. */
export async function remove(address: string, headers: Headers): Promise<void> {
  await ask(address, { headers, keepalive: true, method: "DELETE" }, async () => undefined);
}

/** A fresh form token, after one has expired. */
export async function newToken(address: string, purpose: string, organisation: string | null): Promise<string> {
  const answer = await post(address, { organisation, purpose });
  const token = isMembers(answer) ? answer["csrf_token"] : undefined;
  if (typeof token !== "string") throw new Unanswered();
  return token;
}
