import { fromUtf8, same, utf8 } from "./bytes";
import { demand, EnvelopeError } from "./errors";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

// Bounds of ours, the server's as well: whoever sends JSON must not decide what reading it costs.
const MAX_DEPTH = 16;
const MAX_SIZE = 1024 * 1024;
const ASCII_KEY = /^[\x20-\x7e]+$/;
// Half a surrogate pair cannot be written as UTF-8: it would silently become another character.
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

function text(value: Json, depth: number): string {
  demand(depth <= MAX_DEPTH, "too_deep");
  if (typeof value === "string") {
    demand(!LONE_SURROGATE.test(value), "json");
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    demand(Number.isSafeInteger(value), "json");
    return JSON.stringify(value);
  }
  if (value === null || typeof value === "boolean") return String(value);
  demand(typeof value === "object", "json");
  if (Array.isArray(value)) return `[${value.map((item: Json) => text(item, depth + 1)).join(",")}]`;
  const members = Object.entries(value).map(([key, member]) => {
    demand(ASCII_KEY.test(key), "json");
    return [key, `${JSON.stringify(key)}:${text(member, depth + 1)}`] as const;
  });
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([, member]) => member).join(",")}}`;
}

/**
 * Canonical JSON in UTF-8 (RFC 8785) of strings, whole numbers, booleans, null, lists and objects with ASCII keys.
 * ECMAScript's own way to write strings and whole numbers is the one that the RFC prescribes.
 */
export function canonical(value: Json): Uint8Array<ArrayBuffer> {
  return utf8(text(value, 0));
}

/** Read canonical JSON; anything that would not be written back as the very same bytes is refused. */
export function parseCanonical(bytes: Uint8Array): Json {
  demand(bytes.length <= MAX_SIZE, "too_large");
  let value: Json;
  try {
    value = JSON.parse(fromUtf8(bytes)) as Json;
  } catch (error) {
    throw error instanceof EnvelopeError ? error : new EnvelopeError("json");
  }
  // Catches doubled keys, spaces, other orders, other spellings of numbers and of characters, all at once.
  demand(same(canonical(value), bytes), "not_canonical");
  return value;
}
