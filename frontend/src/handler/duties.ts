/** What one member does at once: noted with or without sealed words, and reviewed by another. */

import type { Duty } from "./answer";
import { explain, post } from "./api";
import { type Bench, isWritable, run } from "./composers";
import { all, byId, day, fromTemplate, onSubmit, say, slot, text } from "./dom";
import type { OpenedCase } from "./opened";
import { nameOf } from "./records";
import type { Desk } from "./writing";
import { ATTEMPTS } from "./writing";

const forms = () => all("form[data-duty]") as HTMLFormElement[];

/** Note that a duty has been done. @throws Problem, EnvelopeError; nothing is lost */
export async function doAtOnce(desk: Desk, kind: string, note: string): Promise<void> {
  const path = `cases/${desk.reference}/duties`;
  if (note === "") {
    await post(path, { kind });
  } else {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const { fileDigest, record } = await desk.seal("note", note);
      if (await desk.sent(path, { kind, record }, fileDigest, attempt)) break;
    }
  }
  await desk.refresh();
}

function line(opened: OpenedCase, duty: Duty, review: (duty: Duty, verdict: string) => Promise<string>): HTMLElement {
  const made = fromTemplate("duty-template");
  made.dataset["duty"] = duty.id;
  made.dataset["verdict"] = duty.verdict ?? "none";
  slot(made, "what").textContent = text(`duty-${duty.kind}`);
  slot(made, "who").textContent = text("duty-done-by", { name: nameOf(opened, duty.member) });
  slot(made, "state").textContent =
    duty.verdict === null
      ? text("duty-waits", { date: day(duty.reviewBy) })
      : text(`duty-${duty.verdict}`, { name: nameOf(opened, duty.reviewed ?? "") });
  const row = slot(made, "review");
  row.hidden = !duty.mayReview;
  for (const verdict of ["upheld", "objected"]) {
    const button = slot(row, verdict, HTMLButtonElement);
    button.addEventListener("click", async () => {
      const buttons = all("button", row) as HTMLButtonElement[];
      for (const one of buttons) one.disabled = true;
      const fault = await review(duty, verdict);
      if (fault === "") return;
      for (const one of buttons) one.disabled = false;
      say(slot(made, "status"), fault, "bad");
    });
  }
  return made;
}

/** Make the section work. Gives what shows it for a case as it now is. */
export function dutiesSection(bench: Bench): (opened: OpenedCase | null) => void {
  for (const form of forms()) {
    const kind = form.dataset["duty"] ?? "";
    const field = slot(form, "note", HTMLTextAreaElement);
    onSubmit(form, () =>
      run(form, bench, async (desk) => {
        await doAtOnce(desk, kind, field.value.trim());
        bench.taken(field);
      }),
    );
  }

  async function review(duty: Duty, verdict: string): Promise<string> {
    const desk = bench.desk();
    if (desk === null) return "";
    try {
      await post(`duties/${duty.id}/review`, { verdict });
      await desk.refresh();
      if (bench.desk() === desk) bench.shown();
      return "";
    } catch (error) {
      return explain(error);
    }
  }

  return (opened) => {
    const able = opened !== null && isWritable(opened);
    for (const form of forms()) {
      const begun = form.dataset["duty"] === "quarantine" && opened?.answer.restrictions.has("quarantine") === true;
      slot(form, "send", HTMLButtonElement).disabled = !able || begun;
    }
    const done = opened?.answer.duties ?? [];
    byId("duties").replaceChildren(...(opened === null ? [] : done.map((one) => line(opened, one, review)).reverse()));
    byId("duties-heading").hidden = done.length === 0;
  };
}
