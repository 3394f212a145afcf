/** Opening a closed case again, declining to, and how long a question to the source is waited for. */
import { type Bench, isWritable, run, written } from "./composers";
import { byId, day, onSubmit, slot, text } from "./dom";
import { faultOf, stops } from "./faults";
import type { OpenedCase } from "./opened";
import { proposing } from "./proposing";

const MOST_TEXT = 100_000;
/** Unanswered for thirty whole days a question permits closing (`domain/dialogue_rules.py`). */
const UNANSWERED_DAYS = 30;

function later(iso: string, days: number): string {
  const date = new Date(`${iso}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** The date of the members' last message when nothing from the source has come since, else null. */
export function unansweredSince({ dialogue }: Pick<OpenedCase, "dialogue">): string | null {
  const said = dialogue.entries.filter(({ row }) => ["message", "form", "report"].includes(row.kind));
  const last = said.at(-1);
  return last?.ok && last.header.kind === "message" && last.header.from !== "source" ? last.header.at : null;
}

/** Make the section work. Gives what shows it for a case as it now is. */
export function reopeningSection(bench: Bench): (opened: OpenedCase | null) => void {
  const showReopening = proposing("reopen", bench, () => ({ payload: (reasons) => ({ kind: "reopen", reasons }) }));
  const form = byId("reopening_declined-form", HTMLFormElement);
  const reasons = slot(form, "reasons", HTMLTextAreaElement);
  onSubmit(form, async () => {
    const { fault, text: said } = written(reasons, MOST_TEXT);
    if (stops(form, faultOf(reasons, fault))) return;
    await run(form, bench, async (desk) => {
      const upto = desk.opened.answer.work.reopening?.upto ?? 0;
      const path = `cases/${desk.reference}/reopening/decline`;
      await desk.fill(path, "reopening_declined", { reasons: said }, { upto });
      bench.taken(reasons);
    });
  });

  function showUnanswered(opened: OpenedCase | null): void {
    const place = document.getElementById("unanswered");
    if (place === null) return;
    const asked = opened === null ? null : unansweredSince(opened);
    place.hidden = asked === null;
    if (opened === null || asked === null) return;
    const until = later(asked, UNANSWERED_DAYS);
    const may = opened.answer.date > until;
    place.dataset["may"] = String(may);
    place.textContent = text(may ? "unanswered-may" : "unanswered-waits", { asked: day(asked), date: day(until) });
  }

  return (opened) => {
    const work = opened?.answer.work ?? null;
    showReopening(opened, work !== null && work.reopen === null);
    const asked = work?.reopening ?? null;
    const place = byId("reopening");
    place.hidden = asked === null;
    place.textContent =
      asked === null ? "" : text("reopening-asked", { asked: day(asked.askedOn), date: day(asked.strict) });
    byId("step-reopening_declined").hidden = asked === null;
    slot(form, "send", HTMLButtonElement).disabled = opened === null || !isWritable(opened);
    showUnanswered(opened);
  };
}
