/** Tabs after the ARIA pattern: one is chosen, arrows move between them, the address names the chosen one. */
import { all, byId } from "./dom";

/** Make `#tabs` work. `onShow` is told the id of each panel as it comes up. */
export function tabs(onShow: (panel: string) => void): void {
  const list = all("[role='tab']", byId("tabs"));
  const panelOf = (tab: HTMLElement) => tab.getAttribute("aria-controls") ?? "";

  const choose = (chosen: HTMLElement, focus: boolean): void => {
    for (const tab of list) {
      const selected = tab === chosen;
      tab.setAttribute("aria-selected", String(selected));
      tab.tabIndex = selected ? 0 : -1;
      byId(panelOf(tab)).hidden = !selected;
    }
    if (focus) chosen.focus();
    // Replaced, not pushed: going back leads to the list and not through the tabs. The name of a tab tells nothing.
    history.replaceState(null, "", `#${panelOf(chosen)}`);
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
  const named = () => list.find((tab) => `#${panelOf(tab)}` === location.hash);
  addEventListener("hashchange", () => {
    const tab = named();
    if (tab !== undefined) choose(tab, false);
  });
  const first = named() ?? list[0];
  if (first !== undefined) choose(first, false);
}
