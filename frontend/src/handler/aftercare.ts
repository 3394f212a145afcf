/** Reprisals that the source fears or meets, and asking how it goes after the case is closed. */
import { explain, post } from "./api";
import { type Bench, isWritable, run } from "./composers";
import { all, byId, day, fromTemplate, onSubmit, say, slot, text } from "./dom";
import type { OpenedCase } from "./opened";

/** Make the section work. Gives what shows it for a case as it now is. */
export function afterCareSection(bench: Bench): (opened: OpenedCase | null) => void {
  const form = byId("reprisal-form", HTMLFormElement);
  onSubmit(form, () =>
    run(form, bench, async (desk) => {
      await post(`cases/${desk.reference}/reprisals`, { phase: slot(form, "phase", HTMLSelectElement).value });
      await desk.refresh();
    }),
  );

  async function done(made: HTMLElement, months: number): Promise<void> {
    const desk = bench.desk();
    if (desk === null) return;
    const buttons = all("button", made) as HTMLButtonElement[];
    for (const one of buttons) one.disabled = true;
    try {
      const found = slot(made, "found", HTMLSelectElement).value;
      await post(`cases/${desk.reference}/after-care`, { found, months });
      await desk.refresh();
      if (bench.desk() === desk) bench.shown();
    } catch (error) {
      for (const one of buttons) one.disabled = false;
      say(slot(made, "status"), explain(error), "bad");
    }
  }

  return (opened) => {
    slot(form, "send", HTMLButtonElement).disabled = opened === null || !isWritable(opened);
    const { afterCare, reprisals } = opened?.answer.care ?? { afterCare: [], reprisals: [] };
    byId("reprisals").textContent = reprisals
      .map(({ on, phase }) => text(`reprisal-${phase}`, { date: day(on) }))
      .join("\n");
    byId("reprisals").hidden = reprisals.length === 0;
    byId("reprisal-follow").hidden = reprisals.length === 0;
    byId("after-care").replaceChildren(
      ...afterCare.map((one) => {
        const made = fromTemplate("after-care-template");
        made.dataset["months"] = String(one.months);
        slot(made, "what").textContent = text("after-care-of", { date: day(one.dueOn), months: one.months });
        slot(made, "state").textContent =
          one.found === null
            ? text(one.due ? "after-care-due" : "after-care-later")
            : text(`after-care-${one.found}`, { date: day(one.doneOn ?? one.dueOn) });
        const act = slot(made, "act");
        act.hidden = !one.due;
        slot(act, "send", HTMLButtonElement).addEventListener("click", () => void done(made, one.months));
        return made;
      }),
    );
  };
}
