/** Requests to the portal's own API. Two things can go wrong, and they are never mixed up: refused, or unanswered. */
import { isMembers } from "../crypto/shape";

const PATIENCE_MS = 60_000;

/** The server understood and refused: nothing was kept. `code` is stable, `detail` is in the page's language. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
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

async function ask(address: string, options: RequestInit): Promise<unknown> {
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
    content = await answer.json();
  } catch {
    throw new Unanswered();
  }
  if (answer.ok) return content;
  const code = isMembers(content) ? content["code"] : undefined;
  const detail = isMembers(content) ? content["detail"] : undefined;
  // A fault inside the server says nothing about what it had kept by then.
  if (typeof code !== "string" || typeof detail !== "string" || code === "internal_error") throw new Unanswered();
  throw new Refused(answer.status, code, detail);
}

/** Send JSON and give the JSON that comes back. */
export async function post(address: string, body: object, headers: Record<string, string> = {}): Promise<unknown> {
  return ask(address, {
    body: JSON.stringify(body),
    headers: { ...headers, "Content-Type": "application/json" },
    method: "POST",
  });
}

/** Fetch JSON. */
export async function get(address: string, headers: Record<string, string>): Promise<unknown> {
  return ask(address, { headers });
}

/** A fresh form token, after one has expired. */
export async function newToken(address: string, purpose: string, organisation: string | null): Promise<string> {
  const answer = await post(address, { organisation, purpose });
  const token = isMembers(answer) ? answer["csrf_token"] : undefined;
  if (typeof token !== "string") throw new Unanswered();
  return token;
}
