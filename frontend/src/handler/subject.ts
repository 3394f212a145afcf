/** The rights of whoever the case is about: how each was handled, with the reason sealed for the members alone. */
import { type Bench, isWritable, run, written } from "./composers";
import { all, byId, day, fromTemplate, onSubmit, slot, text } from "./dom";
import { faultOf, stops } from "./faults";
import { answersOf, fieldOf, formEntry } from "./forms";
import type { OpenedCase } from "./opened";

const MOST_TEXT = 100_000;
const FORM = "subject_right";

/** Make the section work. Gives what shows it for a case as it now is. */
export function subjectSection(bench: Bench): (opened: OpenedCase | null) => void {
  const form = byId("subject-form", HTMLFormElement);
  const right = slot(form, "right", HTMLSelectElement);
  const decision = slot(form, "decision", HTMLSelectElement);
  const reasons = slot(form, "text", HTMLTextAreaElement);
  const review = slot(form, "review_on", HTMLInputElement);

  /** Only the decisions that there are for the right, and a day only where one is put off. */
  function arrange(): void {
    for (const option of all("option", decision) as HTMLOptionElement[]) {
      const fits = (option.dataset["of"] ?? "").split(" ").includes(right.value);
      option.hidden = !fits;
      option.disabled = !fits;
    }
    if (decision.selectedOptions[0]?.disabled !== false) {
      decision.value = (all("option:not([disabled])", decision)[0] as HTMLOptionElement | undefined)?.value ?? "";
    }
    slot(form, "review").hidden = decision.value !== "deferred";
  }
  right.addEventListener("change", arrange);
  decision.addEventListener("change", arrange);
  arrange();

  onSubmit(form, async () => {
    const { fault, text: said } = written(reasons, MOST_TEXT);
    if (stops(form, faultOf(reasons, fault))) return;
    const deferred = decision.value === "deferred" ? review.value.trim() : null;
    const counted = { decision: decision.value, review_on: deferred, right: right.value };
    await run(form, bench, async (desk) => {
      await desk.fill(`cases/${desk.reference}/subject-rights`, FORM, { text: said }, counted);
      bench.taken(reasons);
    });
  });

  return (opened) => {
    slot(form, "send", HTMLButtonElement).disabled = opened === null || !isWritable(opened);
    const rights = opened?.answer.care.rights ?? [];
    byId("rights").replaceChildren(
      ...rights.map((one) => {
        const made = fromTemplate("right-template");
        made.dataset["right"] = one.right;
        slot(made, "what").textContent = `${text(`right-${one.right}`)}: ${text(`decision-${one.decision}`)}`;
        const again = one.reviewOn === null ? "" : ` ${text("right-review", { date: day(one.reviewOn) })}`;
        slot(made, "when").textContent = day(one.on) + again;
        const entry = opened === null ? null : formEntry(opened, one.record, FORM);
        slot(made, "why").textContent = fieldOf(answersOf(entry), "text") || text("right-unread");
        return made;
      }),
    );
  };
}
