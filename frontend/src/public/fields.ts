/** The fields of a sealing form: they have no name, so nothing but this script can send what is in them. */
import { countOf, type Field, normalText } from "./answers";
import { find, make, say, type Texts } from "./page";

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function controls(within: ParentNode): Map<string, Control[]> {
  const found = new Map<string, Control[]>();
  for (const control of within.querySelectorAll<Control>("[data-field]:not([type=file])")) {
    const name = control.dataset["field"] ?? "";
    found.set(name, [...(found.get(name) ?? []), control]);
  }
  return found;
}

function read(name: string, [first, ...others]: readonly Control[]): Field {
  if (first instanceof HTMLTextAreaElement) return { kind: "lines", name, values: [first.value] };
  if (first instanceof HTMLSelectElement) return { kind: "choice", name, values: [first.value] };
  if (first?.type !== "checkbox") return { kind: "line", name, values: [first?.value ?? ""] };
  const boxes = [first, ...others].filter((box) => box instanceof HTMLInputElement && box.checked);
  return { kind: "choices", name, values: boxes.map((box) => box.value) };
}

/** All fields as they stand, in the order of the page. */
export function readFields(within: ParentNode): Field[] {
  return [...controls(within)].map(([name, group]) => read(name, group));
}

function labelOf(control: Control): string {
  const legend = control.closest("fieldset")?.querySelector("legend");
  const label = control.type === "checkbox" ? legend : control.labels?.[0];
  // The mark of what may be left out belongs to the question, not to the answer.
  const text = label?.cloneNode(true) as HTMLElement | undefined;
  text?.querySelector(".optional")?.remove();
  return text?.textContent?.trim() ?? "";
}

/** A question and its answer in the words of the page. */
export interface Line {
  readonly name: string;
  readonly label: string;
  readonly value: string;
}

/** The answers in the words of the page, for those who check before they send. */
export function readLines(within: ParentNode, answers: Readonly<Record<string, string | readonly string[]>>): Line[] {
  return [...controls(within)].flatMap(([name, group]) => {
    const [first] = group;
    const answer = answers[name];
    if (first === undefined || answer === undefined) return [];
    let value = String(answer);
    if (first instanceof HTMLSelectElement) value = first.selectedOptions[0]?.text ?? "";
    if (Array.isArray(answer)) {
      const chosen = group.filter((box) => answer.includes(box.value));
      value = chosen.map((box) => box.labels?.[0]?.textContent?.trim() ?? "").join("\n");
    }
    return [{ label: labelOf(first), name, value }];
  });
}

/** From how much of a limit the count is shown where the page does not tell the limit from the start. */
const NEAR = 0.8;

/** Count while somebody writes, so that a limit is never met first when all is written. */
export function countAsWritten(within: ParentNode, limits: Readonly<Record<string, number>>, texts: Texts): void {
  for (const [name, limit] of Object.entries(limits)) {
    const field = find<HTMLInputElement | HTMLTextAreaElement>(`[data-field="${name}"]`, within);
    const standing = within.querySelector<HTMLElement>(`[data-counter-for="${field.id}"]`);
    const counter = standing ?? make("p", { class: "counter govuk-hint" });
    const told = counter.textContent;
    if (standing === null) field.after(counter);
    field.addEventListener("input", () => {
      const count = countOf(normalText(field.value, false));
      const shown = standing === null ? count > limit * NEAR : count > 0;
      counter.textContent = shown ? say(texts, "count", { count, limit }) : told;
      counter.toggleAttribute("data-over", count > limit);
    });
  }
}

/** Tell at once what a choice means, where it means something: that 112 is quicker, say. */
export function noticeChoices(
  within: ParentNode,
  notices: Readonly<Record<string, Readonly<Record<string, string>>>>,
): void {
  for (const [name, texts] of Object.entries(notices)) {
    const choice = find<HTMLSelectElement>(`[data-field="${name}"]`, within);
    const place = make("p", { class: "callout", role: "status" });
    place.hidden = true;
    choice.after(place);
    choice.addEventListener("change", () => {
      const text = texts[choice.value];
      place.hidden = text === undefined;
      place.textContent = text ?? "";
    });
  }
}
