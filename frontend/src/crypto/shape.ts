/** Small readers that turn parsed JSON into typed values, or refuse. */
import { type Bytes, fromB64, fromHex } from "./bytes";
import { demand } from "./errors";

const DATE = /^\d{4}-\d\d-\d\d$/;
const DIGEST = /^[0-9a-f]{64}$/;
const PSEUDONYM = /^h[1-9]\d{0,2}$/;
const TRUSTEE = /^t[1-9]\d{0,2}$/;
const REFERENCE = /^[!-~]{1,64}$/;
const SLUG = /^[a-z0-9][a-z0-9-]{0,63}$/;
const MOST = 2 ** 31 - 1;

export type Members = { readonly [key: string]: unknown };

export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object with exactly these members. */
export function exactly(value: unknown, ...keys: string[]): Members {
  demand(isMembers(value), "value");
  demand(Object.keys(value).sort().join() === keys.sort().join(), "members");
  return value;
}

/** An object with at least these members: answers of a server may learn new ones. */
export function including(value: unknown, ...keys: string[]): Members {
  demand(isMembers(value) && keys.every((key) => Object.hasOwn(value, key)), "value");
  return value;
}

export function string(value: unknown): string {
  demand(typeof value === "string", "value");
  return value;
}

/** Text that a pattern knows whole. */
export function text(value: unknown, pattern: RegExp): string {
  const read = string(value);
  demand(pattern.test(read), "value");
  return read;
}

export function filled(value: unknown): string {
  demand(typeof value === "string" && value !== "", "value");
  return value;
}

/** The name of an organisation or authority in addresses. */
export function slug(value: unknown): string {
  demand(typeof value === "string" && SLUG.test(value), "value");
  return value;
}

/** A case reference, or the id of a function or unit. */
export function reference(value: unknown): string {
  demand(typeof value === "string" && REFERENCE.test(value), "value");
  return value;
}

/** A whole number from 0. */
export function count(value: unknown): number {
  demand(Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MOST, "value");
  return value as number;
}

/** Null as it is, and anything else as `read` takes it. */
export function orNull<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null ? null : read(value);
}

/** A list of at most so many items. */
export function list<T>(value: unknown, item: (value: unknown) => T, most = MOST): T[] {
  demand(Array.isArray(value) && value.length <= most, "value");
  return value.map((one) => item(one));
}

export function oneOf<T extends string>(value: unknown, ...allowed: readonly T[]): T {
  demand((allowed as readonly unknown[]).includes(value), "value");
  return value as T;
}

/** SHA-256 in hex. */
export function digest(value: unknown): string {
  demand(typeof value === "string" && DIGEST.test(value), "value");
  return value;
}

/** A day that exists, as YYYY-MM-DD. */
export function date(value: unknown): string {
  demand(typeof value === "string" && DATE.test(value) && value > "0001", "value");
  // A day that doesn't exist is read as one of the next month, or as none at all.
  const day = Date.parse(`${value}T00:00:00Z`);
  demand(!Number.isNaN(day) && new Date(day).toISOString().startsWith(value), "value");
  return value;
}

/** A member's pseudonym in one case: h1, h2 … */
export function pseudonym(value: unknown): string {
  demand(typeof value === "string" && PSEUDONYM.test(value), "value");
  return value;
}

/** A trustee's pseudonym in one case: t1, t2 … */
export function trustee(value: unknown): string {
  demand(typeof value === "string" && TRUSTEE.test(value), "value");
  return value;
}

/** The pseudonym of a member or a trustee. */
export function signer(value: unknown): string {
  return typeof value === "string" && value.startsWith("t") ? trustee(value) : pseudonym(value);
}

/** Bytes in base64, of `length` if given. */
export function bytes(value: unknown, length?: number): Bytes {
  const read = fromB64(string(value));
  demand(length === undefined || read.length === length, "value");
  return read;
}

/** Bytes in hex, of exactly `length`. */
export function hexBytes(value: unknown, length: number): Bytes {
  return fromHex(string(value), length);
}
