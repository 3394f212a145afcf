/** What came of a handover, sealed to the members of the case by whoever it was handed to (`docs/protocol.md`, 7c). */
import { sealTo } from "./age";
import { type Bytes, concat, hex, sha256, u32 } from "./bytes";
import { canonical } from "./canonical";
import { demand } from "./errors";
import { pad } from "./padding";

const TOKEN_SIZE = 32;
const LINK = /^[A-Za-z0-9_-]{86}$/;

/** A link's two halves: what fetches the question, and the digest of the key that may be sealed to. */
export interface Link {
  readonly token: Bytes;
  readonly keys: string;
}

/** What an answer is about, as the question told it. */
export interface About {
  readonly case: string;
  readonly handover: string;
  readonly months: number;
}

/** Read what stands after the # of a link. @throws EnvelopeError for what is none */
export function readLink(fragment: string): Link {
  demand(LINK.test(fragment), "value");
  const raw = Uint8Array.from(atob(fragment.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  return { keys: hex(raw.subarray(TOKEN_SIZE)), token: raw.slice(0, TOKEN_SIZE) };
}

/** Seal an answer to a case's work recipient. @throws EnvelopeError unless it is the one that the link names */
export async function sealAnswer(link: Link, work: Uint8Array, about: About, text: string): Promise<Bytes> {
  demand(hex(sha256(work)) === link.keys, "recipient");
  const body = canonical({ ...about, answers: { text }, v: 1 });
  return sealTo(pad(concat(u32(body.length), body)), [work]);
}
