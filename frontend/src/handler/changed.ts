/** Two people in one case: when the page comes to the front it asks whether the other has changed anything. */
import * as shape from "../crypto/shape";
import { explain, get, Problem } from "./api";
import type { Bench } from "./composers";
import { byId, say, slot } from "./dom";

/** Watch the case in hand. No timer asks: whoever is away is not kept signed in by it. Gives what takes the word back. */
export function watchChanges(bench: Bench): () => void {
  const banner = byId("changed");
  const fetch = slot(banner, "fetch", HTMLButtonElement);
  let asking = false;

  async function ask(): Promise<void> {
    const desk = bench.desk();
    if (desk === null || asking || document.visibilityState === "hidden") return;
    asking = true;
    const { opened } = desk;
    try {
      const answer = shape.including(await get(`cases/${desk.reference}/revision`), "revision");
      // What I did myself meanwhile has been fetched already, and is compared the next time.
      const other = shape.string(answer["revision"]) !== opened.answer.revision;
      if (bench.desk() === desk && desk.opened === opened) banner.hidden = !other;
    } catch (error) {
      // Offline for a moment, or no longer mine: the next act says so in its own words.
      if (!(error instanceof Problem)) throw error;
    } finally {
      asking = false;
    }
  }

  addEventListener("focus", () => void ask());
  document.addEventListener("visibilitychange", () => void ask());
  fetch.addEventListener("click", async () => {
    const desk = bench.desk();
    if (desk === null) return;
    fetch.disabled = true;
    try {
      await desk.refresh();
      banner.hidden = true;
      bench.shown();
      byId("case-title").tabIndex = -1;
      byId("case-title").focus({ preventScroll: true });
    } catch (error) {
      say(byId("case-status"), explain(error), "bad");
    } finally {
      fetch.disabled = false;
    }
  });
  return () => {
    banner.hidden = true;
  };
}
