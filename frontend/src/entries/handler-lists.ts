/** First screen, list of cases and approvals: rows are the server's, titles are opened here. */
import { explain } from "../handler/api";
import { all, byId, say, text } from "../handler/dom";
import { lockable } from "../handler/locking";
import { openTitles, type Title } from "../handler/titles";

const places = (): HTMLElement[] => all("[data-title-of]");

function put(place: HTMLElement, title: Title | undefined): void {
  const named = typeof title === "object";
  place.textContent = named ? title.text : text(title === "failed" ? "title-failed" : "title-none");
  place.dataset["title"] = named ? "open" : (title ?? "none");
}

void lockable({
  async opened(keys, held) {
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
    for (const place of places()) {
      place.textContent = text("title-locked");
      place.dataset["title"] = "locked";
    }
  },
});
