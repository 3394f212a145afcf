/** Leaving a case, asking that a colleague leaves it, letting somebody in, ending an exclusion: each its own form. */
import { RECIPIENT_SIZE } from "../crypto/age";
import type { OfferedMember } from "../crypto/genesis";
import { VERIFICATION_KEY_SIZE } from "../crypto/keys";
import * as shape from "../crypto/shape";
import { isExcluded } from "./admissible";
import { explain, post } from "./api";
import { type Bench, isWritable, run, written } from "./composers";
import { propose, proposeAddition, proposeExclusion } from "./deciding";
import { partyDigest } from "./decision";
import { byId, onSubmit, say, slot, text } from "./dom";
import { faultOf, stops } from "./faults";
import { partyName, placeName } from "./group";
import { type OpenedCase, present } from "./opened";
import { nameOf } from "./records";

const MOST_TEXT = 100_000;

interface Candidate extends Omit<OfferedMember, "role"> {
  readonly name: string;
  readonly place: string;
}

interface Reasoned {
  readonly form: HTMLFormElement;
  readonly choice: HTMLSelectElement;
  readonly reasons: HTMLTextAreaElement;
}

function reasoned(id: string): Reasoned {
  const form = byId(id, HTMLFormElement);
  return {
    choice: slot(form, "choice", HTMLSelectElement),
    form,
    reasons: slot(form, "reasons", HTMLTextAreaElement),
  };
}

/** Send a form that has a choice and reasons; what is missing is said where it is. */
function submitting(
  { choice, form, reasons }: Reasoned,
  bench: Bench,
  act: (desk: NonNullable<ReturnType<Bench["desk"]>>, chosen: string, reasons: string) => Promise<void>,
): void {
  onSubmit(form, async () => {
    const { fault, text: said } = written(reasons, MOST_TEXT);
    const missing = faultOf(choice, choice.value === "" ? text("choose-something") : "");
    if (stops(form, missing, faultOf(reasons, fault))) return;
    await run(form, bench, async (desk) => {
      await act(desk, choice.value, said);
      bench.taken(reasons);
    });
  });
}

function readCandidate(id: string): (value: unknown) => Candidate {
  return (value) => {
    const read = shape.including(
      value,
      ...["name", "function", "function_name", "unit", "unit_name", "recipient", "verification_key"],
    );
    return {
      function: shape.reference(read["function"]),
      id,
      name: shape.string(read["name"]),
      place: `${shape.string(read["function_name"])}, ${shape.string(read["unit_name"])}`,
      recipient: shape.bytes(read["recipient"], RECIPIENT_SIZE),
      unit: shape.reference(read["unit"]),
      verificationKey: shape.bytes(read["verification_key"], VERIFICATION_KEY_SIZE),
    };
  };
}

async function candidatesOf(reference: string): Promise<Candidate[]> {
  const read = shape.including(await post(`cases/${reference}/candidates`), "next", "candidates");
  return shape.list(read["candidates"], readCandidate(shape.pseudonym(read["next"])));
}

function option(value: string, label: string): HTMLOptionElement {
  const made = document.createElement("option");
  made.value = value;
  made.textContent = label;
  return made;
}

/** Offer choices, and keep what was chosen if it is still among them. */
function offer(choice: HTMLSelectElement, options: readonly (readonly [string, string])[]): void {
  const { value } = choice;
  choice.replaceChildren(option("", text("choose")), ...options.map(([key, label]) => option(key, label)));
  choice.value = options.some(([key]) => key === value) ? value : "";
}

function leaving(reference: string, gone: () => void): void {
  const form = byId("recuse-form", HTMLFormElement);
  const ground = slot(form, "choice", HTMLSelectElement);
  const sure = slot(form, "sure", HTMLInputElement);
  const status = slot(form, "status");
  onSubmit(form, async () => {
    const missing = faultOf(ground, ground.value === "" ? text("recuse-ground") : "");
    if (stops(form, missing, faultOf(sure, sure.checked ? "" : text("recuse-sure")))) return;
    try {
      await post(`cases/${reference}/recuse`, { ground: ground.value });
      gone();
    } catch (error) {
      say(status, explain(error), "bad");
    }
  });
}

/** Make the forms work. `gone`: I have left the case. Gives what shows them for a case as it now is. */
export function separations(reference: string, bench: Bench, gone: () => void): (opened: OpenedCase | null) => void {
  const exclude = reasoned("exclude_member-form");
  const add = reasoned("add_member-form");
  const end = reasoned("end_exclusion-form");
  const look = slot(add.form, "look", HTMLButtonElement);
  let candidates: readonly Candidate[] = [];

  leaving(reference, gone);
  submitting(exclude, bench, (desk, member, said) => proposeExclusion(desk, member, said));
  submitting(add, bench, async (desk, chosen, said) => {
    const candidate = candidates[Number(chosen)];
    if (candidate === undefined) return;
    const role = slot(add.form, "role", HTMLSelectElement).value === "standby" ? "standby" : "panel";
    const { function: group, id, recipient, unit, verificationKey } = candidate;
    await proposeAddition(desk, { function: group, id, recipient, role, unit, verificationKey }, said);
  });
  submitting(end, bench, async (desk, party, said) => {
    const { decision } = desk.opened.decided;
    if (decision === null) return;
    const digest = partyDigest(decision, party);
    await propose(desk, (reasons) => ({ kind: "end_exclusion", party: digest, reasons }), said);
  });
  look.addEventListener("click", async () => {
    try {
      const desk = bench.desk();
      if (desk === null) return;
      const { opened } = desk;
      const all = await candidatesOf(reference);
      candidates = all.filter((one) => !isExcluded(one, opened));
      const kept = all.length - candidates.length;
      offer(
        add.choice,
        candidates.map(({ name, place }, index) => [String(index), `${name} (${place})`]),
      );
      slot(add.form, "chosen").hidden = false;
      say(
        slot(add.form, "status"),
        [
          ...(candidates.length === 0 ? [text("no-candidates")] : []),
          ...(kept > 0 ? [text("kept-out", { count: kept })] : []),
        ].join(" "),
      );
      add.choice.focus();
    } catch (error) {
      say(slot(add.form, "status"), explain(error), "bad");
    }
  });

  return (opened) => {
    const writable = opened !== null && isWritable(opened);
    for (const { form } of [exclude, add, end]) slot(form, "send", HTMLButtonElement).disabled = !writable;
    look.disabled = !writable;
    // Whoever wants to leave may, whatever else is wrong with the case.
    slot(byId("recuse-form"), "send", HTMLButtonElement).disabled = opened === null;
    if (opened === null) {
      candidates = [];
      for (const { choice } of [exclude, add, end]) offer(choice, []);
      slot(add.form, "chosen").hidden = true;
      return;
    }
    const others = [...opened.answer.deciders.keys()];
    offer(
      exclude.choice,
      others.map((id) => [id, nameOf(opened, id)]),
    );
    byId("step-exclude_member").hidden = others.length === 0;
    const units = (opened.decided.decision?.concerns ?? []).filter((party) => party.startsWith("unit:"));
    offer(
      end.choice,
      units.map((party) => [party, partyName(opened, party)]),
    );
    byId("step-end_exclusion").hidden = units.length === 0;
    slot(exclude.form, "deciders").textContent = others
      .map((id) => text("exclude-deciders", { deciders: decidersOf(opened, id), name: nameOf(opened, id) }))
      .join(" ");
  };
}

function decidersOf(opened: OpenedCase, member: string): string {
  const ids = opened.answer.deciders.get(member) ?? [];
  const panel = new Set(present(opened.work).members.flatMap(({ id, role }) => (role === "panel" ? [id] : [])));
  const shown = (id: string) =>
    panel.has(id) ? nameOf(opened, id) : text("a-standby", { name: nameOf(opened, id), unit: unitOf(opened, id) });
  return ids.map(shown).join(", ");
}

function unitOf(opened: OpenedCase, id: string): string {
  const member = present(opened.work).members.find((one) => one.id === id);
  return member === undefined ? "" : placeName(opened, member.unit);
}
