/** What folds away on the case page, so that its state is read first: nothing that was written is lost or forgotten there. */
import { all } from "./dom";

/** Open whatever is folded around a place, and the place itself. */
export function unfold(place: Element): void {
  let around = place.closest("details");
  while (around !== null) {
    around.open = true;
    around = around.parentElement?.closest("details") ?? null;
  }
}

function isBegun(folded: HTMLDetailsElement): boolean {
  const fields = all("[data-draft], input[type='file']", folded) as (HTMLInputElement | HTMLTextAreaElement)[];
  return fields.some((field) => field.value.trim() !== "");
}

/** From now on a form that is folded with something in it says so. */
export function folding(): void {
  for (const mark of all("[data-slot='begun']")) {
    const folded = mark.closest("details");
    folded?.addEventListener("toggle", () => {
      mark.hidden = folded.open || !isBegun(folded);
    });
  }
}
