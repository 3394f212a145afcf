/** Trustees: the ceremony, drills, what administrators propose about them, and the recovery of one case. */
import { EnvelopeError } from "../crypto/errors";
import type { HandlerKeys } from "../crypto/identity";
import { explain, post } from "../handler/api";
import { byId, onSubmit, say, text } from "../handler/dom";
import { lockable } from "../handler/locking";
import { ceremony } from "../recovery/ceremony";
import { drill } from "../recovery/drill";
import { Papers, Unusable } from "../recovery/papers";
import { takePaper } from "../recovery/present";
import { proposing } from "../recovery/proposing";
import { type Bundle, readBundle, recover } from "../recovery/recover";
import { replacing } from "../recovery/replacing";

/** The page where one case is recovered. Whoever leaves it has changed nothing, and may begin anew. */
function recovering(place: HTMLElement): void {
  const id = place.dataset["recovery"] ?? "";
  const form = byId("paper-form", HTMLFormElement);
  const typed = byId("paper", HTMLTextAreaElement);
  const status = byId("paper-status");
  let bundle: Bundle | null = null;
  let papers: Papers | null = null;
  const forget = (): void => {
    papers?.forget();
    papers = null;
    byId("present").replaceChildren();
  };
  onSubmit(form, async () => {
    try {
      bundle ??= readBundle(await post(`recoveries/${id}`));
      papers ??= new Papers(bundle.holders, bundle.threshold);
      const waits = takePaper(papers, typed);
      if (waits !== null) return say(status, waits, "good");
      say(status, text("recovering"));
      await recover(id, bundle, papers);
      forget();
      form.hidden = false;
      place.dataset["done"] = "yes";
      say(status, text("recovered"), "good");
    } catch (error) {
      if (error instanceof Unusable) return say(status, error.message, "bad");
      bundle = null;
      forget();
      const failed = error instanceof EnvelopeError;
      say(status, failed ? text("case-failed", { reason: error.reason }) : explain(error), "bad");
    }
  });
  addEventListener("pagehide", forget);
}

const place = document.getElementById("recovery");
const asked = document.getElementById("replacing");
if (place) {
  recovering(place);
} else if (asked) {
  replacing(asked);
} else {
  let keys: HandlerKeys | null = null;
  ceremony();
  drill();
  proposing(() => keys);
  void lockable({
    async opened(unlocked) {
      keys = unlocked;
    },
    async closed() {
      keys = null;
    },
  });
}
