/** The facts that the follow-up counts: filled in from the opened report, corrected by a person, kept in versions. */

import type { Json } from "../crypto/canonical";
import { isMembers } from "../crypto/shape";
import { Problem, post } from "./api";
import { answersOf } from "./assessing";
import { type Bench, isWritable, run } from "./composers";
import { proposeReclassifying } from "./deciding";
import { all, byId, day, onSubmit, say, slot, text } from "./dom";
import type { OpenedCase } from "./opened";
import { proposing } from "./proposing";
import { nameOf } from "./records";
import { type Facts, ONE, SEVERAL, type Triage } from "./triageanswer";

function answer(answers: Readonly<Record<string, unknown>>, name: string): string {
  const found = answers[name];
  return typeof found === "string" ? found : "";
}

/** The area that the source named: in the routing facts that were sealed with the report. */
function areaOf(opened: OpenedCase): readonly string[] {
  const facts = opened.work.entries.find(({ row }) => row.kind === "facts" && row.seq === 0);
  const area = facts?.ok && isMembers(facts.body) ? facts.body["area"] : "";
  return typeof area === "string" && area !== "" ? [area] : [];
}

/** What the opened report says, in the coarse groups of the facts; a person checks it before anything is kept. */
function suggested(opened: OpenedCase, form: HTMLElement): Facts {
  const answers = answersOf(opened);
  const told = answer(answers, "relation");
  const groups = slot(form, "relation").dataset["groups"] ?? "{}";
  const group = (JSON.parse(groups) as Readonly<Record<string, string>>)[told];
  const known = (name: string, unknown: string): string => {
    const value = answer(answers, name);
    return slot(form, name).querySelector(`option[value="${CSS.escape(value)}"]`) === null || value === ""
      ? unknown
      : value;
  };
  return {
    areas: areaOf(opened),
    heard_how: known("heard_how", "unknown"),
    named: answer(answers, "identity") === "named" ? "named" : "anonymous",
    origin: opened.answer.triaged.origin,
    reasons: [],
    relation: group ?? "not_told",
    reprisals: known("reprisals", "unknown"),
    types: [],
  };
}

function put(form: HTMLElement, facts: Facts): void {
  for (const name of ONE) slot(form, name, HTMLSelectElement).value = facts[name];
  for (const name of SEVERAL)
    for (const box of all("input", slot(form, name)) as HTMLInputElement[])
      box.checked = facts[name].includes(box.value);
}

function taken(form: HTMLElement): Facts {
  const chosen = (name: string): string[] =>
    (all("input:checked", slot(form, name)) as HTMLInputElement[]).map(({ value }) => value);
  const one = (name: string): string => slot(form, name, HTMLSelectElement).value;
  return {
    areas: chosen("areas"),
    heard_how: one("heard_how"),
    named: one("named"),
    origin: one("origin"),
    reasons: chosen("reasons"),
    relation: one("relation"),
    reprisals: one("reprisals"),
    types: chosen("types"),
  };
}

function differing(one: Facts, other: Facts): string[] {
  return [...ONE, ...SEVERAL].filter((name) => {
    const [mine, theirs] = [one[name], other[name]].map((value) =>
      typeof value === "string" ? value : [...value].sort().join(),
    );
    return mine !== theirs;
  });
}

function json(facts: Facts): Json {
  return { ...facts, areas: [...facts.areas], reasons: [...facts.reasons], types: [...facts.types] };
}

/** Make the forms work. Gives what shows them for a case as it now is. */
export function triageSection(bench: Bench): (opened: OpenedCase | null) => void {
  const form = byId("triage-form", HTMLFormElement);
  const note = byId("triage-note");
  // The version that the form was filled in from: on top of it a save is taken.
  let seen: Triage | null = null;
  let filled = false;
  const changed = document.getElementById("reclassify-form") !== null;
  const showReclassifying = changed
    ? proposing("reclassify", bench, () => ({
        payload: (reasons) => ({ kind: "reclassify", reasons }),
        send: proposeReclassifying,
      }))
    : () => {};

  const conflict = (opened: OpenedCase, mine: Facts): string => {
    const { triage } = opened.answer.triaged;
    if (triage === null) return "";
    const name = nameOf(opened, triage.member);
    const fields = differing(triage.facts, seen?.facts ?? mine).map(
      (field) => slot(form, field).dataset["label"] ?? field,
    );
    // From now on a save is on top of what they kept: the reader has been told what it changes.
    seen = triage;
    return fields.length === 0
      ? text("triage-same", { name })
      : text("triage-changed", { fields: fields.join(", "), name });
  };

  onSubmit(form, async () => {
    const facts = taken(form);
    const lacks = facts.types.length === 0;
    slot(form, "types").toggleAttribute("data-invalid", lacks);
    if (lacks) {
      say(slot(form, "status"), text("choose-type"), "bad");
      slot(form, "types").querySelector<HTMLInputElement>("input")?.focus();
      return;
    }
    await run(
      form,
      bench,
      async (desk) => {
        try {
          await post(`cases/${desk.reference}/triage`, { facts: json(facts), version: seen?.version ?? 0 });
        } catch (error) {
          if (error instanceof Problem && error.code === "triage_changed") await desk.refresh();
          throw error;
        }
        await desk.refresh();
        seen = desk.opened.answer.triaged.triage;
      },
      (error) => {
        const desk = bench.desk();
        if (desk === null || !(error instanceof Problem) || error.code !== "triage_changed") return null;
        return conflict(desk.opened, facts);
      },
    );
  });

  return (opened) => {
    slot(form, "send", HTMLButtonElement).disabled = opened === null || !isWritable(opened);
    showReclassifying(opened, opened !== null && opened.answer.triaged.reclassify === null);
    const why = document.getElementById("reclassify-why");
    if (why !== null) {
      const drawn = opened?.answer.triaged.needsPanel === true ? text("reclassify-panel") : "";
      why.textContent = opened?.answer.triaged.reclassify ?? drawn;
      why.hidden = why.textContent === "";
    }
    if (opened === null) {
      // What was filled in comes from sealed content: nothing of it stays on a locked page.
      form.reset();
      filled = false;
      seen = null;
      note.textContent = "";
      return;
    }
    const { triage } = opened.answer.triaged;
    if (!filled) {
      filled = true;
      seen = triage;
      put(form, triage?.facts ?? suggested(opened, form));
    }
    note.textContent =
      triage === null
        ? text("triage-none")
        : text("triage-version", {
            date: day(triage.on),
            name: nameOf(opened, triage.member),
            version: triage.version,
          });
  };
}
