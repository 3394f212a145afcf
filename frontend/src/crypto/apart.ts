/** Texts that are no records, because not everybody who reads the case may read them (`docs/protocol.md`, section 5). */
import { openWith, sealTo } from "./age";
import { type Bytes, concat, sha256Hex, u32 } from "./bytes";
import { canonical, type Json, parseCanonical } from "./canonical";
import { demand } from "./errors";
import { pad, unpad } from "./padding";
import * as shape from "./shape";

const LENGTH_SIZE = 4;

/** Why somebody is asked to leave a case, for the eyes of those who decide. */
export interface Concern {
  readonly case: string;
  /** The pseudonym of the one concerned. */
  readonly member: string;
  readonly text: string;
}

/** Seal the reason to those who decide, in the order in which they are named. `digest`: what the act refers to. */
export async function sealConcern(
  concern: Concern,
  deciders: readonly Uint8Array[],
): Promise<{ readonly file: Bytes; readonly digest: string }> {
  const body = canonical({ case: concern.case, member: concern.member, text: concern.text, v: 1 });
  const file = await sealTo(pad(concat(u32(body.length), body)), deciders);
  return { digest: sha256Hex(file), file };
}

/** Open a text of this form: `u32 length ‖ canonical JSON ‖ zeros`. */
export async function openApart(file: Uint8Array, seed: Uint8Array): Promise<Json> {
  const plain = await openWith(file, seed);
  demand(plain.length > LENGTH_SIZE, "record_truncated");
  const length = new DataView(plain.buffer, plain.byteOffset).getUint32(0);
  demand(length <= plain.length - LENGTH_SIZE, "record_truncated");
  return parseCanonical(unpad(plain, LENGTH_SIZE + length).slice(LENGTH_SIZE));
}

/** Open a reason with a decider's identity seed; the act that it belongs to says what it must be about. */
export async function openConcern(
  file: Uint8Array,
  seed: Uint8Array,
  expected: { readonly case: string; readonly member: string; readonly digest: string },
): Promise<string> {
  demand(sha256Hex(file) === expected.digest, "reasons");
  const read = shape.exactly(await openApart(file, seed), "v", "case", "member", "text");
  demand(read["v"] === 1 && read["case"] === expected.case && read["member"] === expected.member, "reasons");
  return shape.string(read["text"]);
}

/** JSON of one object that the server sealed when it took a decision, filled up with zeros. */
export async function openPadded(file: Uint8Array, seed: Uint8Array): Promise<Json> {
  const plain = await openWith(file, seed);
  // JSON ends with a character that is no zero.
  let end = plain.length;
  while (end > 0 && plain[end - 1] === 0) end -= 1;
  return parseCanonical(plain.slice(0, end));
}
