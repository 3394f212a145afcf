/** Meeting times offered to the source, and meetings that were held. */
import { post } from "./api";
import { type Bench, isWritable, run } from "./composers";
import { offer } from "./dialogueforms";
import { byId, day, onSubmit, say, slot, text } from "./dom";
import type { OpenedCase } from "./opened";

const MOST_SLOTS = 10;

/** Make the section work. Gives what shows it for a case as it now is. */
export function meetingsSection(bench: Bench): (opened: OpenedCase | null) => void {
  const slots = byId("slots-form", HTMLFormElement);
  const times = slot(slots, "slots", HTMLTextAreaElement);
  const about = slot(slots, "text", HTMLTextAreaElement);
  const mode = slot(slots, "mode", HTMLSelectElement);
  onSubmit(slots, async () => {
    const offered = times.value
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
    if (offered.length === 0 || offered.length > MOST_SLOTS) {
      say(slot(slots, "status"), text("slots-count", { most: MOST_SLOTS }), "bad");
      times.focus();
      return;
    }
    const answers = { mode: mode.value, slots: offered, text: about.value.trim() };
    await run(slots, bench, async (desk) => {
      await offer(desk, "slots", answers, { mode: mode.value });
      bench.taken(times);
      bench.taken(about);
    });
  });

  const held = byId("held-form", HTMLFormElement);
  onSubmit(held, () =>
    run(held, bench, async (desk) => {
      const body = {
        held_on: slot(held, "held_on", HTMLInputElement).value.trim(),
        mode: slot(held, "mode", HTMLSelectElement).value,
        offer: desk.opened.answer.care.forms.filter(({ form }) => form === "slots").at(-1)?.seq ?? null,
      };
      await post(`cases/${desk.reference}/meetings`, body);
      await desk.refresh();
    }),
  );

  return (opened) => {
    const able = opened !== null && isWritable(opened);
    for (const form of [slots, held]) slot(form, "send", HTMLButtonElement).disabled = !able;
    const day_ = slot(held, "held_on", HTMLInputElement);
    if (opened !== null && day_.value === "") day_.value = opened.answer.date;
    const lines = (opened?.answer.care.meetings ?? []).map(({ heldOn, mode: how }) =>
      text("meeting-was", { date: day(heldOn), mode: text(`mode-${how}`) }),
    );
    byId("meetings").textContent = lines.join("\n");
    byId("meetings").hidden = lines.length === 0;
  };
}
