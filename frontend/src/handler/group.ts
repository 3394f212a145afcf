/** Who is in the case and why: members, those who have left, and the decision about who receives it. */
import { openApart } from "../crypto/apart";
import { EnvelopeError } from "../crypto/errors";
import type { Member } from "../crypto/genesis";
import * as shape from "../crypto/shape";
import type { Separation } from "./answer";
import { byId, day, fromTemplate, hasText, slot, text } from "./dom";
import { type OpenedCase, present } from "./opened";
import { nameOf } from "./records";

/** The name of a unit or function, or its id where the server has none. */
export function placeName(opened: OpenedCase, id: string): string {
  return opened.answer.places.get(id) ?? id;
}

/** How the source's choice names a party: `unit:<id>` or `function:<id>`. */
export function partyName(opened: OpenedCase, party: string): string {
  return placeName(opened, party.slice(party.indexOf(":") + 1));
}

function roleOf(opened: OpenedCase, member: Member): string {
  if (member.role === "panel") return "panel";
  return opened.answer.released.has(member.id) ? "released" : "standby";
}

function memberLine(opened: OpenedCase, member: Member): HTMLElement {
  const line = fromTemplate("member-template");
  const role = roleOf(opened, member);
  line.dataset["member"] = member.id;
  line.dataset["role"] = role;
  slot(line, "name").textContent = nameOf(opened, member.id);
  slot(line, "id").textContent = member.id;
  slot(line, "function").textContent = placeName(opened, member.function);
  slot(line, "unit").textContent = placeName(opened, member.unit);
  slot(line, "role").textContent = text(`member-${role}`);
  return line;
}

async function groundOf(opened: OpenedCase, { epoch, reasons }: Separation): Promise<string> {
  const seed = opened.seeds.get(epoch) ?? null;
  if (reasons === null || seed === null) return "";
  try {
    const read = shape.including(await openApart(reasons, seed), "ground");
    const ground = `ground-${shape.string(read["ground"])}`;
    return hasText(ground) ? text(ground) : "";
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    return text("ground-failed", { reason: error.reason });
  }
}

async function leftLine(opened: OpenedCase, separation: Separation): Promise<HTMLElement> {
  const { kind, member, on } = separation;
  const line = fromTemplate("event-template");
  const ground = await groundOf(opened, separation);
  line.textContent = [text(`left-${kind}`, { date: day(on), name: nameOf(opened, member) }), ground].join(" ").trim();
  return line;
}

function sentences(opened: OpenedCase): string[] {
  const { decision, fault } = opened.decided;
  if (fault !== null) return [text("why-failed", { reason: fault })];
  if (decision === null) return [text("why-none")];
  const { because, firmAlone, passedOver, policy, rule, rungs } = decision;
  const told = [
    text(rule === null ? "why-default" : "why-rule", { because, number: (rule ?? 0) + 1, version: policy }),
    ...(rungs > 0 ? [text("why-rungs", { count: rungs })] : []),
    ...(firmAlone ? [text("why-firm")] : []),
  ];
  for (const why of ["concerned", "conflict", "rule", "not_serving"] as const) {
    const count = passedOver.filter((one) => one === why).length;
    if (count > 0) told.push(text(`why-passed-${why}`, { count }));
  }
  return [...told, text("why-checked")];
}

/** Put who is in the case, who has left and why it was these on the page. */
export async function showGroup(opened: OpenedCase): Promise<void> {
  const { members } = present(opened.work);
  const left = await Promise.all(opened.answer.separations.map((one) => leftLine(opened, one)));
  byId("members").replaceChildren(...members.map((member) => memberLine(opened, member)));
  byId("left").replaceChildren(...left);
  const why = byId("why");
  why.dataset["fault"] = opened.decided.fault ?? "";
  why.replaceChildren(
    ...sentences(opened).map((sentence) => {
      const line = fromTemplate("why-template");
      line.textContent = sentence;
      return line;
    }),
  );
}

/** Take it off the page again. */
export function clearGroup(): void {
  for (const id of ["members", "left", "why"]) byId(id).replaceChildren();
}
