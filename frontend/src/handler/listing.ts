/** Lists of cases: rows are the server's, titles are opened here. */
import { explain } from "./api";
import { all, byId, say, text } from "./dom";
import { type Lockable, lockable } from "./locking";
import { openTitles, type Title } from "./titles";

const places = (): HTMLElement[] => all("[data-title-of]");

function put(place: HTMLElement, title: Title | undefined): void {
  const named = typeof title === "object";
  place.textContent = named ? title.text : text(title === "failed" ? "title-failed" : "title-none");
  place.dataset["title"] = named ? "open" : (title ?? "none");
}

/** Open the titles of a page when it is unlocked. `more`: what else is done with the keys. */
export function listing(more: readonly (Lockable | null)[] = []): void {
  void lockable({
    async opened(keys, held) {
      for (const one of more) void one?.opened(keys, held);
      const references = [...new Set(places().map((place) => place.dataset["titleOf"] ?? ""))];
      try {
        const titles = await openTitles(references, keys.age);
        if (!held()) return;
        for (const place of places()) put(place, titles.get(place.dataset["titleOf"] ?? ""));
      } catch (error) {
        say(byId("unlock-status"), explain(error), "bad");
      }
    },
    async closed() {
      for (const one of more) await one?.closed();
      for (const place of places()) {
        place.textContent = text("title-locked");
        place.dataset["title"] = "locked";
      }
    },
  });
}
