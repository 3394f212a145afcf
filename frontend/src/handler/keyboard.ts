/** Keys of one letter, where the account has them: the page then carries their help (WCAG 2.1.4). */
import { all } from "./dom";

const WRITING = "input, textarea, select, [contenteditable], dialog";
/** Where on a case's page the two composers are. */
const PLACES: Readonly<Record<string, string>> = { a: "note", r: "message" };

function rows(): HTMLAnchorElement[] {
  return all(".case-row__reference a").filter((link): link is HTMLAnchorElement => link instanceof HTMLAnchorElement);
}

/** Go to the next row or the one before, from the one that has the focus. */
function step(by: number): void {
  const links = rows();
  const at = links.findIndex((link) => link.closest(".case-row")?.contains(document.activeElement));
  const next = at === -1 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1);
  links[next]?.focus();
  links[next]?.closest(".case-row")?.scrollIntoView({ block: "nearest" });
}

/** To a composer: of this page's case, or of the case whose row has the focus. */
function write(place: string): void {
  if (document.getElementById("case") !== null) {
    if (location.hash === `#${place}`) dispatchEvent(new HashChangeEvent("hashchange"));
    else location.hash = place;
    return;
  }
  const row = rows().find((link) => link.closest(".case-row")?.contains(document.activeElement));
  if (row !== undefined) location.assign(`${row.href.split("#")[0]}#${place}`);
}

/** Let the keys work on this page. */
export function shortcuts(): void {
  const help = document.getElementById("key-help");
  if (!(help instanceof HTMLDialogElement)) return;
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    const elsewhere = event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented;
    if (elsewhere || help.open || (target instanceof Element && target.closest(WRITING) !== null)) return;
    const place = PLACES[key];
    if (key === "j") step(1);
    else if (key === "k") step(-1);
    else if (key === "?") help.showModal();
    else if (place !== undefined && document.documentElement.dataset["locked"] === "false") write(place);
    else return;
    event.preventDefault();
  });
}
