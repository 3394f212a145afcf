/**
 * A proposed change: this page checks that the act names the payload and that the proposer's key signed it, before it
 * lets anybody approve. What the server says about signatures is not asked.
 */
import type { Json } from "../crypto/canonical";
import { type ChangeAct, changePayloadDigest, changeSignedBy, readChange, signChange } from "../crypto/change";
import { EnvelopeError } from "../crypto/errors";
import type { HandlerKeys } from "../crypto/identity";
import * as shape from "../crypto/shape";
import { explain, post } from "../handler/api";
import { byId, onSubmit, say, show, slot, text } from "../handler/dom";
import { exact } from "./exact";
import { said } from "./said";

interface Shown {
  readonly id: string;
  readonly act: ChangeAct;
  readonly payload: Json;
}

/** Read the change of the page. Raises EnvelopeError when act, payload and signature do not belong together. */
function verified(place: HTMLElement): Shown {
  const read = shape.including(
    JSON.parse(place.dataset["answer"] ?? "null"),
    ...["id", "act", "kind", "payload", "proposer_signature", "proposer_key", "approver_signature"],
  );
  const act = readChange(read["act"]);
  const payload = read["payload"] as Json;
  const signature = shape.string(read["proposer_signature"]);
  if (act.kind !== read["kind"] || act.installation !== place.dataset["installation"]) throw new EnvelopeError("act");
  if (changePayloadDigest(payload) !== act.payload) throw new EnvelopeError("payload");
  if (!changeSignedBy(act, signature, shape.string(read["proposer_key"]))) throw new EnvelopeError("signature");
  return { act, id: shape.reference(read["id"]), payload };
}

function wire(place: HTMLElement, change: Shown, keysNow: () => HandlerKeys | null): void {
  const form = byId("decide-form", HTMLFormElement);
  const status = slot(form, "status");
  const approve = slot(form, "approve", HTMLButtonElement);
  const decline = slot(form, "decline", HTMLButtonElement);
  const decided = (words: string): void => {
    say(status, text(words), "good");
    place.dataset["decided"] = words;
    show(false, approve, decline);
  };
  onSubmit(form, async () => {
    const keys = keysNow();
    if (keys === null) return say(status, text("unlock-first"), "bad");
    const more = said(place, change.payload);
    if (typeof more === "string") return say(status, more, "bad");
    say(status, text("signing"));
    try {
      const signature = signChange(change.act, keys.signing);
      await post(`changes/${change.id}/approve`, more === null ? { signature } : { said: more, signature });
      decided("change-approved");
    } catch (error) {
      say(status, explain(error), "bad");
    }
  });
  decline.addEventListener("click", async () => {
    decline.disabled = true;
    try {
      await post(`changes/${change.id}/decline`);
      decided("change-declined");
    } catch (error) {
      say(status, explain(error), "bad");
      decline.disabled = false;
    }
  });
  approve.disabled = place.dataset["mayApprove"] !== "true";
  decline.disabled = place.dataset["mayDecline"] !== "true";
}

/** Check the change on this page, and let it be decided where the reader may. */
export function change(place: HTMLElement, keysNow: () => HandlerKeys | null): void {
  const verdict = slot(place, "verdict");
  try {
    const read = verified(place);
    slot(place, "exact").textContent = exact(read.payload);
    say(verdict, text("change-signed"), "good");
    if (document.getElementById("decide-form")) wire(place, read, keysNow);
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    place.dataset["fault"] = error.reason;
    say(verdict, text("change-unsigned", { reason: error.reason }), "bad");
  }
}
