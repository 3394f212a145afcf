/**
 * A change that has been checked and is not proposed yet: this page shows what will be signed, signs it with the
 * administrator's own key, and sends it. The server has only written the words around it.
 */
import { hex } from "../crypto/bytes";
import type { Json } from "../crypto/canonical";
import { type ChangeAct, changePayloadDigest, readChange, signChange } from "../crypto/change";
import type { HandlerKeys } from "../crypto/identity";
import { randomBytes } from "../crypto/keys";
import * as shape from "../crypto/shape";
import { explain, post } from "../handler/api";
import { byId, onSubmit, say, slot, text } from "../handler/dom";
import { exact } from "./exact";

const NONCE_SIZE = 16;

/** The act about the payload that the page holds. Raises EnvelopeError when the page holds no such thing. */
function actOf(place: HTMLElement, payload: Json): ChangeAct {
  const { installation, kind, base, expires } = place.dataset;
  return readChange({
    base: Number(base),
    expires,
    installation,
    kind,
    nonce: hex(randomBytes(NONCE_SIZE)),
    payload: changePayloadDigest(payload),
  });
}

/** Let the draft on this page be signed and proposed while the keys are there. */
export function draft(place: HTMLElement, keysNow: () => HandlerKeys | null): void {
  const payload = JSON.parse(place.dataset["payload"] ?? "null") as Json;
  slot(place, "exact").textContent = exact(payload);
  const form = byId("draft-form", HTMLFormElement);
  const status = slot(form, "status");
  onSubmit(form, async () => {
    const keys = keysNow();
    if (keys === null) return say(status, text("unlock-first"), "bad");
    say(status, text("signing"));
    try {
      const act = actOf(place, payload);
      const answer = await post("changes", { act: { ...act }, payload, signature: signChange(act, keys.signing) });
      const id = shape.reference(shape.including(answer, "id")["id"]);
      location.assign(`${place.dataset["changes"] ?? ""}${id}`);
    } catch (error) {
      say(status, explain(error), "bad");
    }
  });
}
