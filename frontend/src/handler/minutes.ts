/** Minutes of an oral report or a meeting, which the source checks, corrects or approves (lag 2021:890, 8 kap.). */
import { type Bench, isWritable, run, written } from "./composers";
import { offer } from "./dialogueforms";
import { byId, onSubmit, slot, text } from "./dom";
import { faultOf, stops } from "./faults";
import type { OpenedCase } from "./opened";

const MOST_TEXT = 100_000;

/** Make the section work. Gives what shows it for a case as it now is. */
export function minutesSection(bench: Bench): (opened: OpenedCase | null) => void {
  const form = byId("minutes-form", HTMLFormElement);
  const field = slot(form, "text", HTMLTextAreaElement);
  onSubmit(form, async () => {
    const { fault, text: said } = written(field, MOST_TEXT);
    if (stops(form, faultOf(field, fault))) return;
    await run(form, bench, async (desk) => {
      await offer(desk, "minutes", { text: said });
      bench.taken(field);
    });
  });

  return (opened) => {
    slot(form, "send", HTMLButtonElement).disabled = opened === null || !isWritable(opened);
    const { forms, intake } = opened?.answer.care ?? { forms: [], intake: null };
    const last = forms.filter((one) => one.form === "minutes").at(-1);
    const verdict = forms.find(({ answers }) => answers !== null && answers === last?.seq)?.verdict ?? "waits";
    const state = byId("minutes-state");
    state.hidden = last === undefined;
    state.dataset["verdict"] = verdict;
    state.textContent = text(`minutes-${verdict}`);
    byId("minutes-on-paper").hidden = intake?.code !== "given" && intake?.code !== "not_wanted";
  };
}
