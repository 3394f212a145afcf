/** Links between my own cases of one authority. What they have in common is looked for here, in what I have opened. */
import { sha256Hex, utf8 } from "../crypto/bytes";
import { hkdf } from "../crypto/keys";
import * as shape from "../crypto/shape";
import { explain, post } from "./api";
import { type Bench, isWritable, run } from "./composers";
import { byId, day, fromTemplate, onSubmit, say, slot, text } from "./dom";
import { MATCHES } from "./keys";
import type { OpenedCase } from "./opened";
import { type LinkAnswer, readOther } from "./triageanswer";

const LABEL = "tipportal/v1/handler/matches";
const MOST_KEPT = 200;
const NUMBER = /(?<!\d)(\d{6})[-+ ]?(\d{4})(?!\d)/g;

/** The check digit of organisation numbers (Luhn), and a third digit of at least two, which no date has. */
function isOrganisation(digits: string): boolean {
  const sum = [...digits].reduce((total, digit, place) => {
    const doubled = Number(digit) * (place % 2 === 0 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0 && Number(digits[2]) >= 2;
}

/** Organisation numbers in a text, as ten digits, each once. */
export function organisationNumbers(content: string): string[] {
  const found = [...content.matchAll(NUMBER)].map(([, front, back]) => `${front}${back}`);
  return [...new Set(found)].filter(isOrganisation);
}

function contentOf({ dialogue, work }: OpenedCase): string {
  return [...dialogue.entries, ...work.entries]
    .map((entry) => (entry.ok && entry.row.kind !== "epoch" ? JSON.stringify(entry.body) : ""))
    .join("\n");
}

/**
 * What this tab remembers of the cases opened in it, until it is locked: organisation numbers by case, both as digests
 * under a key that only the reader has. Chromium writes it to disk, where it tells nobody else which they are.
 */
function remembered(): Map<string, readonly string[]> {
  try {
    const read: unknown = JSON.parse(sessionStorage.getItem(MATCHES) ?? "[]");
    return new Map(
      shape.list(read, (one) => {
        const known = shape.including(one, "case", "marks");
        return [shape.digest(known["case"]), shape.list(known["marks"], shape.digest)] as const;
      }),
    );
  } catch {
    // Something else wrote there, or an earlier version: then nothing is known yet.
    return new Map();
  }
}

/** Note what a case holds, and give those of `others` (references) opened in this tab with the same number in them. */
export function matches(opened: OpenedCase, seed: Uint8Array, others: readonly string[] = []): string[] {
  const key = hkdf(seed, LABEL);
  const mark = (content: string) => sha256Hex(key, utf8(content));
  const marks = organisationNumbers(contentOf(opened)).map(mark);
  const known = remembered();
  known.delete(mark(opened.answer.reference));
  const found = others.filter((one) => known.get(mark(one))?.some((theirs) => marks.includes(theirs)));
  const kept = [...known, [mark(opened.answer.reference), marks] as const]
    .filter(([, of]) => of.length > 0)
    .slice(-MOST_KEPT);
  if (kept.length > 0) {
    sessionStorage.setItem(MATCHES, JSON.stringify(kept.map(([one, of]) => ({ case: one, marks: of }))));
  }
  return found;
}

function line(link: LinkAnswer, remove: (link: LinkAnswer) => Promise<string>): HTMLElement {
  const made = fromTemplate("link-template");
  made.dataset["link"] = link.link;
  const anchor = slot(made, "reference", HTMLAnchorElement);
  anchor.textContent = link.reference;
  anchor.href = new URL(link.reference, location.href).href;
  slot(made, "kind").textContent = text(`link-${link.kind}`);
  slot(made, "about").textContent = `${day(link.receivedOn)}, ${link.stateName}`;
  const button = slot(made, "remove", HTMLButtonElement);
  slot(button, "of").textContent = link.reference;
  button.addEventListener("click", async () => {
    button.disabled = true;
    const fault = await remove(link);
    if (fault === "") return;
    button.disabled = false;
    say(slot(made, "status"), fault, "bad");
  });
  return made;
}

function option(value: string, label: string): HTMLOptionElement {
  const made = document.createElement("option");
  made.value = value;
  made.textContent = label;
  return made;
}

/** Make the section work. Gives what shows it for a case as it now is. */
export function linkingSection(bench: Bench): (opened: OpenedCase | null) => void {
  const form = byId("link-form", HTMLFormElement);
  const other = slot(form, "other", HTMLSelectElement);
  const kind = slot(form, "kind", HTMLSelectElement);
  const look = slot(form, "look", HTMLButtonElement);

  async function remove(link: LinkAnswer): Promise<string> {
    const desk = bench.desk();
    if (desk === null) return "";
    try {
      await post(`cases/${desk.reference}/links/${link.link}/remove`);
      await desk.refresh();
      if (bench.desk() === desk) bench.shown();
      return "";
    } catch (error) {
      return explain(error);
    }
  }

  look.addEventListener("click", async () => {
    const desk = bench.desk();
    if (desk === null) return;
    const status = slot(form, "status");
    try {
      const answer = shape.including(await post(`cases/${desk.reference}/linkable`), "cases");
      const cases = shape.list(answer["cases"], readOther);
      const references = cases.map(({ reference }) => reference);
      const same = matches(desk.opened, desk.keys.age, references);
      // Those with something in common first.
      const ordered = [...cases].sort(
        (a, b) => Number(same.includes(b.reference)) - Number(same.includes(a.reference)),
      );
      other.replaceChildren(
        option("", text("choose")),
        ...ordered.map(({ receivedOn, reference }) =>
          option(
            reference,
            same.includes(reference) ? text("link-match", { reference }) : `${reference}, ${day(receivedOn)}`,
          ),
        ),
      );
      slot(form, "chosen").hidden = cases.length === 0;
      const told =
        cases.length === 0
          ? text("linkable-none")
          : text(same.length === 0 ? "link-no-matches" : "link-matches", { references: same.join(", ") });
      say(status, told);
      if (cases.length > 0) other.focus();
    } catch (error) {
      say(status, explain(error), "bad");
    }
  });
  onSubmit(form, async () => {
    if (other.value === "" || kind.value === "") {
      say(slot(form, "status"), text("link-choose"), "bad");
      (other.value === "" ? other : kind).focus();
      return;
    }
    await run(form, bench, async (desk) => {
      await post(`cases/${desk.reference}/links`, { kind: kind.value, other: other.value });
      await desk.refresh();
      other.value = "";
      kind.value = "";
    });
  });

  return (opened) => {
    const able = opened !== null && isWritable(opened);
    look.disabled = !able;
    slot(form, "send", HTMLButtonElement).disabled = !able;
    if (opened === null) {
      byId("links").replaceChildren();
      other.replaceChildren(option("", text("choose")));
      slot(form, "chosen").hidden = true;
      return;
    }
    const desk = bench.desk();
    if (desk !== null) matches(opened, desk.keys.age);
    byId("links").replaceChildren(...opened.answer.links.map((one) => line(one, remove)));
    byId("links-none").hidden = opened.answer.links.length > 0;
  };
}
