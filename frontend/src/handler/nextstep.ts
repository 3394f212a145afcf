/** The next step of a case, named first where everything is done. */
import { byId, slot } from "./dom";
import type { OpenedCase } from "./opened";

/** Gives what shows the next step for a case as it now is. */
export function nextStep(): (opened: OpenedCase | null) => void {
  const line = byId("next-step");
  const place = slot(line, "place", HTMLAnchorElement);
  return (opened) => {
    const next = opened?.answer.next;
    line.hidden = next === undefined;
    const leads = next !== undefined && next.place !== "" && document.getElementById(next.place) !== null;
    place.hidden = !leads;
    place.textContent = leads ? next.words : "";
    if (leads) place.href = `#${next.place}`;
    slot(line, "words").textContent = leads ? "" : (next?.words ?? "");
    slot(line, "by").textContent = next?.by ?? "";
  };
}
