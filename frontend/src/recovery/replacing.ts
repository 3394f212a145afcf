/** A lost administrator is replaced: trustees sign the proposal of the one who is left, with the keys of their papers. */
import { exact } from "../administration/exact";
import { said } from "../administration/said";
import { readSigned, type SignedChange, verify } from "../administration/signed";
import type { Json } from "../crypto/canonical";
import { signChange } from "../crypto/change";
import { EnvelopeError } from "../crypto/errors";
import * as shape from "../crypto/shape";
import { explain, post } from "../handler/api";
import { byId, onSubmit, say, show, slot, text } from "../handler/dom";
import { type Holder, Papers, Unusable } from "./papers";
import { takePaper } from "./present";

function readTrustees(place: HTMLElement): { readonly papers: Papers; readonly ids: ReadonlyMap<Holder, string> } {
  const read = shape.including(JSON.parse(place.dataset["trustees"] ?? "null"), "threshold", "trustees");
  const ids = new Map<Holder, string>();
  const holders = shape.list(read["trustees"], (value) => {
    const one = shape.including(value, "id", "name", "recipient", "verification_key");
    const holder = {
      id: `t${ids.size + 1}`,
      name: shape.string(one["name"]),
      recipient: shape.bytes(one["recipient"]),
      verificationKey: shape.bytes(one["verification_key"]),
    };
    ids.set(holder, shape.reference(one["id"]));
    return holder;
  });
  return { ids, papers: new Papers(holders, shape.count(read["threshold"])) };
}

function wire(place: HTMLElement, change: SignedChange): void {
  const { ids, papers } = readTrustees(place);
  const form = byId("paper-form", HTMLFormElement);
  const typed = byId("paper", HTMLTextAreaElement);
  const status = byId("paper-status");
  // The six words of new keys, as each trustee has heard them: nobody hears them for another.
  const phrases: Record<string, Json> = {};
  const forget = (): void => {
    papers.forget();
    for (const trustee of Object.keys(phrases)) delete phrases[trustee];
    byId("present").replaceChildren();
  };
  onSubmit(form, async () => {
    const more = said(place, change.payload);
    if (typeof more === "string") return say(status, more, "bad");
    try {
      const waits = takePaper(papers, typed);
      const holder = papers.present.at(-1)?.holder;
      if (more !== null && holder !== undefined) {
        phrases[ids.get(holder) ?? ""] = more["check_phrase"] ?? "";
        byId("check-phrase", HTMLInputElement).value = "";
      }
      if (waits !== null) return say(status, waits, "good");
      say(status, text("signing"));
      const signatures = papers.present.map(({ holder, keys }) => ({
        signature: signChange(change.act, keys.signingSeed),
        trustee: ids.get(holder) ?? "",
      }));
      papers.forget();
      const heard = more === null ? {} : { said: { check_phrases: { ...phrases } } };
      await post(`changes/${change.id}/trustees`, { ...heard, signatures });
      place.dataset["done"] = "yes";
      say(status, text("replaced"), "good");
    } catch (error) {
      if (error instanceof Unusable) return say(status, error.message, "bad");
      forget();
      say(status, explain(error), "bad");
    }
  });
  show(true, form);
  addEventListener("pagehide", forget);
}

/** Check the change on this page, and let trustees sign it. */
export function replacing(place: HTMLElement): void {
  const verdict = slot(place, "verdict");
  try {
    const change = readSigned(place);
    verify(change);
    slot(place, "exact").textContent = exact(change.payload);
    say(verdict, text("change-signed"), "good");
    wire(place, change);
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    place.dataset["fault"] = error.reason;
    say(verdict, text("change-unsigned", { reason: error.reason }), "bad");
  }
}
