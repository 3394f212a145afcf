/** Preserving or disposing of a closed case, by two. */
import type { Bench } from "./composers";
import { byId, show, slot, text } from "./dom";
import type { OpenedCase } from "./opened";
import { proposing } from "./proposing";

/** Make the section work. Gives what shows it for a case as it now is. */
export function retentionSection(bench: Bench): (opened: OpenedCase | null) => void {
  const form = byId("retain-form", HTMLFormElement);
  const choice = slot(form, "choice", HTMLSelectElement);
  const number = slot(form, "number", HTMLInputElement);
  const sure = slot(form, "sure", HTMLInputElement);
  const disposes = () => choice.value === "dispose";
  const arrange = () => {
    show(disposes(), slot(form, "disposing"));
    show(!disposes(), slot(form, "preserving"));
  };
  choice.addEventListener("change", arrange);
  arrange();
  const showRetaining = proposing("retain", bench, () => {
    const named = disposes() ? (choice.selectedOptions[0]?.dataset["number"] ?? "") : number.value.trim();
    if (named === "") return { field: number, why: text("retain-number") };
    if (disposes() && !sure.checked) return { field: sure, why: text("retain-sure") };
    const decision = disposes() ? "dispose" : "preserve";
    return { payload: (reasons) => ({ decision, decision_number: named, kind: "retain", reasons }) };
  });
  const send = slot(form, "send", HTMLButtonElement);
  return (opened) => {
    const locked = opened?.answer.state === "locked";
    showRetaining(opened, opened !== null && (locked || opened.answer.state === "closed"));
    // A locked case takes nothing more but this, once two have opened it.
    if (locked && !form.hidden) send.disabled = opened.doubts.length > 0;
  };
}
