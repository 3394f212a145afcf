/** Whether a report is covered by the act: the gates, the ground, and what is said to whoever reported what is not. */
import { type ActPayload, type AssessmentGround, COVERED_GROUNDS, NOT_COVERED_GROUNDS } from "../crypto/act";
import { isMembers } from "../crypto/shape";
import { explain } from "./api";
import { type Bench, isWritable, run, written } from "./composers";
import { propose } from "./deciding";
import { all, byId, onSubmit, say, slot, text } from "./dom";
import { doAtOnce } from "./duties";
import { faultOf, stops } from "./faults";
import type { OpenedCase } from "./opened";

const MOST_TEXT = 100_000;

function isCovered(ground: string): boolean {
  return (COVERED_GROUNDS as readonly string[]).includes(ground);
}

/** The answers of the report that a verified case holds; empty where it did not open. */
export function answersOf(opened: OpenedCase): Readonly<Record<string, unknown>> {
  const report = opened.dialogue.entries.find(({ row }) => row.kind === "report");
  const body = report?.ok && isMembers(report.body) ? report.body : {};
  return isMembers(body["answers"]) ? body["answers"] : {};
}

/** What the gates say, for the sealed reasons: only those that were answered. */
function gateLines(gates: readonly HTMLSelectElement[]): string {
  return gates
    .filter(({ value }) => value !== "")
    .map((gate) => text("gate-line", { answer: text(`gate-${gate.value}`), gate: gate.dataset["name"] ?? "" }))
    .join("\n");
}

/** The ground that two agreed on, by the verified proposal; null where there is none. */
export function groundOf(opened: OpenedCase): AssessmentGround | null {
  const decided = opened.proposals.filter(
    ({ answer, fault }) => answer.state === "approved" && answer.kind === "assess" && fault === null,
  );
  const payload = decided.at(-1)?.answer.payload;
  return payload?.kind === "assess" ? payload.ground : null;
}

/** Tell whoever reported that it is not covered, and where else to turn: a draft in the composer, to be changed. */
function draftFeedback(opened: OpenedCase): void {
  const ground = groundOf(opened);
  const status = byId("not-covered-status");
  const fields = [byId("feedback-measure", HTMLTextAreaElement), byId("feedback", HTMLTextAreaElement)];
  if (ground === null) return;
  if (fields.some((field) => field.value.trim() !== "")) {
    say(status, text("draft-kept"), "bad");
    return;
  }
  const report = opened.dialogue.entries.find(({ row }) => row.kind === "report");
  const body = report?.ok && isMembers(report.body) ? report.body : {};
  const language = body["language"] === "en" ? "en" : "sv";
  const drafts = byId("drafts", HTMLTemplateElement).content;
  const parts = [`[data-draft-measure="${language}"]`, `[data-draft-text="${ground}-${language}"]`];
  for (const [place, field] of fields.entries())
    field.value = drafts.querySelector(parts[place] ?? "")?.textContent?.trim() ?? "";
  say(status, text("draft-taken"), "good");
  fields[0]?.focus();
}

/** Make the form work. Gives what shows it for a case as it now is. */
export function assessSection(bench: Bench): (opened: OpenedCase | null) => void {
  byId("not-covered-draft", HTMLButtonElement).addEventListener("click", () => {
    const desk = bench.desk();
    if (desk !== null) draftFeedback(desk.opened);
  });
  const showDraft = (opened: OpenedCase | null): void => {
    const ground = opened === null ? null : groundOf(opened);
    byId("not-covered").hidden =
      ground === null ||
      isCovered(ground) ||
      opened?.answer.steps.feedback !== null ||
      opened.answer.state === "closed";
  };
  const found = document.getElementById("assess-form");
  if (!(found instanceof HTMLFormElement)) return showDraft;
  const form = found;
  const ground = slot(form, "ground", HTMLSelectElement);
  const gates = all("[data-gate]", form) as HTMLSelectElement[];
  const reasons = slot(form, "reasons", HTMLTextAreaElement);
  const classified = slot(form, "classified");
  const quarantine = slot(form, "quarantine", HTMLButtonElement);
  // What was chosen here follows the gates until the reader has chosen otherwise.
  let suggested = "";

  const showClassified = (): void => {
    classified.hidden = ground.value !== "security_classified";
  };
  ground.addEventListener("change", showClassified);
  for (const gate of gates) {
    gate.addEventListener("change", () => {
      const no = gates.find(({ value }) => value === "no");
      const all = gates.every(({ value }) => value === "yes");
      const next = no?.dataset["no"] ?? (all ? "public_interest" : "");
      if (ground.value === suggested) ground.value = next;
      suggested = next;
      showClassified();
    });
  }
  quarantine.addEventListener("click", async () => {
    const desk = bench.desk();
    if (desk === null) return;
    quarantine.disabled = true;
    const status = slot(form, "quarantine-status");
    try {
      await doAtOnce(desk, "quarantine", "");
      say(status, text("quarantined-now"), "good");
      if (bench.desk() === desk) bench.shown();
    } catch (error) {
      quarantine.disabled = false;
      say(status, explain(error), "bad");
    }
  });
  onSubmit(form, async () => {
    const { fault, text: said } = written(reasons, MOST_TEXT);
    const chosen = ground.value;
    if (stops(form, faultOf(ground, chosen === "" ? text("choose-ground") : ""), faultOf(reasons, fault))) return;
    const why = [gateLines(gates), said].filter((part) => part !== "").join("\n\n");
    const on = [...COVERED_GROUNDS, ...NOT_COVERED_GROUNDS].find((one) => one === chosen);
    if (on === undefined) return;
    const make = (digest: string): ActPayload => ({
      covered: isCovered(on),
      ground: on,
      kind: "assess",
      reasons: digest,
    });
    await run(form, bench, async (desk) => {
      await propose(desk, make, why);
      bench.taken(reasons);
      for (const field of [ground, ...gates]) field.value = "";
      suggested = "";
    });
  });

  return (opened) => {
    showDraft(opened);
    showClassified();
    const held = opened?.answer.restrictions.has("quarantine") === true;
    quarantine.disabled = opened === null || !isWritable(opened) || held;
    const told = opened === null ? undefined : answersOf(opened)["relation"];
    const known = byId("questions", HTMLTemplateElement).content.querySelector(
      `[data-question="relation"] [data-value="${typeof told === "string" ? CSS.escape(told) : ""}"]`,
    );
    const line = slot(form, "relation");
    line.hidden = known === null;
    line.textContent = known === null ? "" : text("relation-answer", { answer: known.textContent?.trim() ?? "" });
  };
}
