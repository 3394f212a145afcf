/** What an approver says besides the signature: the check phrase of new keys, as their owner read it out. */
import { sha256Hex } from "../crypto/bytes";
import type { Json } from "../crypto/canonical";
import { checkPhrase, readCheckPhrase } from "../crypto/checkphrase";
import * as shape from "../crypto/shape";
import { text } from "../handler/dom";
import { fieldFault } from "../handler/faults";

function wrong(message: string): string {
  fieldFault("check-phrase", message);
  return message;
}

/** The members of `said`; null when the kind asks for nothing, and a text when what was typed is not right. */
export function said(place: HTMLElement, payload: Json): Record<string, Json> | null | string {
  const field = document.getElementById("check-phrase");
  if (!(field instanceof HTMLInputElement)) return null;
  const typed = readCheckPhrase(field.value);
  if (!typed.ok) {
    const words = typed.unknown.join(", ");
    return wrong(text(words === "" ? "phrase-count" : "phrase-unknown", { words }));
  }
  const { recipient: digest, verification_key: key } = shape.including(payload, "recipient", "verification_key");
  const recipient = shape.bytes(place.dataset["recipient"]);
  // The words are of the keys that the signature is about, and of no others that the server may show beside them.
  const right = sha256Hex(recipient) === digest && checkPhrase(recipient, shape.bytes(key)) === typed.text;
  if (!right) return wrong(text("phrase-wrong"));
  fieldFault("check-phrase", "");
  return { check_phrase: typed.text };
}
