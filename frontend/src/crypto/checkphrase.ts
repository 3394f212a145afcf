/** The check phrase: six words that stand for a person's public keys, read out by one person and typed by another. */
import { RECIPIENT_SIZE } from "./age";
import { sha256, utf8 } from "./bytes";
import { type ReadWords, readWords, wordsFrom } from "./code";
import { demand } from "./errors";
import { VERIFICATION_KEY_SIZE } from "./keys";

export const CHECK_WORDS = 6;
const CONTEXT = utf8("tipportal/check/v1\0");

/** Six words with single spaces: the first 66 bits of a digest of the raw recipient and the verification key. */
export function checkPhrase(recipient: Uint8Array, verificationKey: Uint8Array): string {
  demand(recipient.length === RECIPIENT_SIZE, "recipient_length");
  demand(verificationKey.length === VERIFICATION_KEY_SIZE, "key");
  return wordsFrom(sha256(CONTEXT, recipient, verificationKey), CHECK_WORDS).join(" ");
}

/** Read a check phrase as somebody typed it. */
export function readCheckPhrase(written: string): ReadWords {
  return readWords(written, CHECK_WORDS);
}
