/** Tabs after the ARIA pattern: one is chosen, arrows move between them, the address names it or a place within it. */
import { all, byId } from "./dom";
import { unfold } from "./folding";

/**
 * Make `#tabs` work. `onShow` is told the id of each panel as it comes up. Gives what goes to the place that the
 * address names: it can be seen only once the page is unlocked.
 */
export function tabs(onShow: (panel: string) => void): () => void {
  const list = all("[role='tab']", byId("tabs"));
  const panelOf = (tab: HTMLElement) => tab.getAttribute("aria-controls") ?? "";

  const choose = (chosen: HTMLElement, focus: boolean, place = panelOf(chosen)): void => {
    for (const tab of list) {
      const selected = tab === chosen;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
      byId(panelOf(tab)).hidden = !selected;
    }
    if (focus) chosen.focus();
    // Replaced, not pushed: going back leads to the list and not through the tabs. The name of a tab tells nothing.
    history.replaceState(null, "", `#${place}`);
    onShow(panelOf(chosen));
  };

  for (const [index, tab] of list.entries()) {
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      choose(tab, false);
    });
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowLeft: index - 1, ArrowRight: index + 1, End: list.length - 1, Home: 0 }[event.key];
      const other = to === undefined ? undefined : list[(to + list.length) % list.length];
      if (other === undefined) return;
      event.preventDefault();
      choose(other, true);
    });
  }
  /** What the address names, with the tab that holds it. */
  const named = () => {
    const place = document.getElementById(location.hash.slice(1));
    const panel = place?.closest("[role='tabpanel']");
    const tab = list.find((one) => panelOf(one) === panel?.id);
    return place === null || tab === undefined ? null : { inside: place !== panel, place, tab };
  };
  const reveal = (): void => {
    const found = named();
    if (found === null || (!found.inside && found.tab.getAttribute("aria-selected") === "true")) return;
    choose(found.tab, false, found.place.id);
    if (!found.inside) return;
    unfold(found.place);
    if (found.place.checkVisibility?.() === false) return;
    found.place.scrollIntoView({ block: "start" });
    const heading = found.place.closest("summary") ?? found.place.querySelector<HTMLElement>(":scope > summary");
    const stop = heading ?? found.place;
    // What can be reached with the keyboard anyway stays so.
    if (stop.tabIndex < 0) stop.tabIndex = -1;
    stop.focus({ preventScroll: true });
  };
  // A link to where the page already is changes no address: it leads there all the same.
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href^='#']") : null;
    if (link === null || link.getAttribute("role") === "tab" || link.getAttribute("href") !== location.hash) return;
    event.preventDefault();
    reveal();
  });
  addEventListener("hashchange", reveal);
  const found = named();
  const first = found?.tab ?? list[0];
  if (first !== undefined) choose(first, false, found?.place.id);
  return reveal;
}
