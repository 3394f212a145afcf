/**
 * A proposed change: this page checks that the act names the payload and that the proposer's key signed it, before it
 * lets anybody approve. What the server says about signatures is not asked.
 */
import { signChange } from "../crypto/change";
import { EnvelopeError } from "../crypto/errors";
import type { HandlerKeys } from "../crypto/identity";
import { explain, post } from "../handler/api";
import { byId, onSubmit, say, show, slot, text } from "../handler/dom";
import { exact } from "./exact";
import { said } from "./said";
import { approvedAsShown, checkProposer, readSigned, type SignedChange, verify } from "./signed";

function wire(place: HTMLElement, change: SignedChange, keysNow: () => HandlerKeys | null): void {
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

/** A decided change: whether its signatures hold against the keys that their owners have today. */
function judgeDecided(place: HTMLElement, change: SignedChange): void {
  if (change.state !== "approved") return;
  const holds = approvedAsShown(change);
  place.dataset["signatures"] = holds ? "hold" : "unknown";
  // Somebody who was given new keys since has signed with the old ones, which this page does not know.
  say(slot(place, "verdict"), text(holds ? "change-both-signed" : "change-old-keys"), holds ? "good" : "bad");
}

/** Check the change on this page, and let it be decided where the reader may. */
export async function change(place: HTMLElement, keysNow: () => HandlerKeys | null): Promise<void> {
  const verdict = slot(place, "verdict");
  try {
    const read = readSigned(place);
    slot(place, "exact").textContent = exact(read.payload);
    if (read.state !== "open") return judgeDecided(place, read);
    verify(read);
    await checkProposer(read);
    say(verdict, text("change-signed"), "good");
    if (document.getElementById("decide-form")) wire(place, read, keysNow);
  } catch (error) {
    if (!(error instanceof EnvelopeError)) return say(verdict, explain(error), "bad");
    place.dataset["fault"] = error.reason;
    const unlisted = error.reason === "administrator_unlisted";
    say(verdict, text(unlisted ? "change-unlisted" : "change-unsigned", { reason: error.reason }), "bad");
  }
}
