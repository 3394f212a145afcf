/** What holds a case back: a restricted dialogue, a quarantine, and lifting them by two; and leaving because of a threat. */
import type { Bench } from "./composers";
import { all, byId, slot, text } from "./dom";
import { unfold } from "./folding";
import type { OpenedCase } from "./opened";
import { proposing } from "./proposing";

/** Dates as text compare as they follow one another. */
function isDayWithin(day: string, first: string, last: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(day) && first <= day && day <= last;
}

/** Make the forms work. Gives what shows them for a case as it now is. */
export function restrictingSection(bench: Bench): (opened: OpenedCase | null) => void {
  const showRestricting = proposing("restrict_dialogue", bench, (form) => {
    const field = slot(form, "review_on", HTMLInputElement);
    const date = field.value.trim();
    if (!isDayWithin(date, field.dataset["first"] ?? "", field.dataset["last"] ?? ""))
      return { field, why: text("review-date") };
    return { payload: (reasons) => ({ kind: "restrict_dialogue", reasons, review_on: date }) };
  });
  const showLifting = proposing("lift_restriction", bench, () => ({
    payload: (reasons) => ({ kind: "lift_restriction", reasons }),
  }));
  const showLiftingQuarantine = proposing("lift_quarantine", bench, () => ({
    payload: (reasons) => ({ kind: "lift_quarantine", reasons }),
  }));

  return (opened) => {
    const held = opened?.answer.restrictions ?? new Set<string>();
    const quarantined = held.has("quarantine");
    showRestricting(opened, opened !== null && !held.has("dialogue"));
    showLifting(opened, held.has("dialogue"));
    showLiftingQuarantine(opened, quarantined);
    for (const one of all("[data-in-quarantine]")) one.hidden = !quarantined;
    for (const one of all("[data-out-of-quarantine]")) one.hidden = quarantined;
    byId("restricted").hidden = !held.has("dialogue");
  };
}

/** The way out for somebody who is threatened: the form for leaving, with its ground chosen; leaving is still asked about. */
export function threatened(): void {
  byId("threat-leave", HTMLButtonElement).addEventListener("click", () => {
    const form = byId("recuse-form");
    slot(form, "choice", HTMLSelectElement).value = "threat";
    const sure = slot(form, "sure", HTMLInputElement);
    unfold(form);
    sure.focus({ preventScroll: true });
    byId("step-recuse").scrollIntoView({ block: "center" });
  });
}
