/** A masked copy of what somebody asks for: made from opened content, in this page alone, and kept sealed. */
import type { Entry } from "../crypto/chain";
import { type Bench, isWritable, run } from "./composers";
import { formName, formOf, formText } from "./dialogueforms";
import { all, day, onSubmit, say, slot, text } from "./dom";
import { printSheet, saveText } from "./handovertext";
import { type OpenedCase, textOf } from "./opened";
import { answersUnder, nameOf, routingOf } from "./records";

/** As long for one letter as for a name: the mask tells nothing of what was there. */
export const MASK = "█████";

/** The text with everything between two places masked. */
export function masked(content: string, start: number, end: number): string {
  const [before, after] = [content.slice(0, start), content.slice(end)];
  // Masks that meet are one, so that nobody counts words.
  return `${before}${MASK}${after}`.replace(/█[█\s]*█/gu, MASK);
}

interface Released {
  /** What the copy calls the record. */
  readonly label: string;
  readonly author: string;
  readonly said: string;
}

/** A record as the page shows it; null for what nobody has written. */
function released(opened: OpenedCase, entry: Entry): Released | null {
  if (!entry.ok) return null;
  const { at, from, kind } = entry.header;
  const form = formOf(entry);
  // A form of the work is shown where it is worked with; a masked copy is one, too.
  const dialogue = form !== null && entry.header.stream === "dialogue";
  if (!dialogue && !["feedback", "message", "note", "notice", "report"].includes(kind)) return null;
  const said =
    form !== null
      ? formText(form)
      : kind === "report"
        ? answersUnder(entry, routingOf(opened)[0])
            .map(({ answer, question }) => `${question}\n${answer}`)
            .join("\n\n")
        : (textOf(entry) ?? "");
  const called = form === null ? text(`kind-${kind}`) : formName(form.name);
  return said === "" ? null : { author: nameOf(opened, from), label: `${day(at)} ${called}`, said };
}

/** Make the section work. Gives what shows it for a case as it now is. */
export function releasingSection(bench: Bench): (opened: OpenedCase | null) => void {
  const found = document.getElementById("masking-form");
  if (!(found instanceof HTMLFormElement)) return () => {};
  const form = found;
  const area = slot(form, "text", HTMLTextAreaElement);
  const list = slot(form, "records");
  const status = slot(form, "status");
  const requests = slot(form, "request", HTMLSelectElement);
  const send = slot(form, "send", HTMLButtonElement);
  const earlier: string[] = [];
  let texts: readonly Released[] = [];

  function chosen(): void {
    const boxes = all("input", list) as HTMLInputElement[];
    const parts = texts.filter((_, index) => boxes[index]?.checked === true);
    earlier.length = 0;
    area.value = parts.map(({ label, said }) => `${label}\n${said}`).join("\n\n");
  }

  function box(label: string, index: number): HTMLElement {
    const item = document.createElement("div");
    item.className = "govuk-checkboxes__item";
    const input = document.createElement("input");
    input.className = "govuk-checkboxes__input";
    input.type = "checkbox";
    input.id = `masking-record-${index}`;
    const named = document.createElement("label");
    named.className = "govuk-label govuk-checkboxes__label";
    named.htmlFor = input.id;
    named.textContent = label;
    input.addEventListener("change", chosen);
    item.append(input, named);
    return item;
  }

  slot(form, "mask", HTMLButtonElement).addEventListener("click", () => {
    const { scrollTop, selectionEnd, selectionStart, value } = area;
    if (selectionStart === selectionEnd) {
      say(status, text("masking-nothing"), "bad");
      area.focus();
      return;
    }
    earlier.push(value);
    area.value = masked(value, selectionStart, selectionEnd);
    area.focus();
    area.setSelectionRange(selectionStart + MASK.length, selectionStart + MASK.length);
    // The reader goes on where they were.
    area.scrollTop = scrollTop;
    say(status, "");
  });
  slot(form, "undo", HTMLButtonElement).addEventListener("click", () => {
    area.value = earlier.pop() ?? area.value;
  });
  slot(form, "save", HTMLButtonElement).addEventListener("click", () => {
    if (area.value !== "") saveText(area.value, `${text("masking-file")}.txt`);
  });
  slot(form, "print", HTMLButtonElement).addEventListener("click", () => {
    const sheet = slot(form, "sheet");
    sheet.textContent = area.value;
    sheet.hidden = false;
    printSheet(sheet);
    sheet.hidden = true;
  });
  onSubmit(form, async () => {
    const answered = slot(form, "answer", HTMLSelectElement).value;
    const provisions = (all("[data-provision]", form) as HTMLInputElement[])
      .filter((one) => one.checked)
      .map((one) => one.value);
    if (area.value === "") {
      say(status, text("masking-empty"), "bad");
      return;
    }
    const withheld = provisions.length > 0 || (answered === "granted" && area.value.includes(MASK));
    if ((answered === "granted") === withheld) {
      say(status, text("masking-provisions"), "bad");
      return;
    }
    await run(form, bench, async (desk) => {
      const path = `disclosures/${requests.value}/decide`;
      await desk.fill(path, "masked_copy", { text: area.value }, { answered, provisions: provisions.join(" ") });
      area.value = "";
    });
    if (area.value !== "") return;
    for (const one of all("input", list) as HTMLInputElement[]) one.checked = false;
    requests.selectedOptions[0]?.remove();
    send.disabled = requests.options.length === 0;
    say(status, text("masking-done"), "good");
  });
  return (opened) => {
    send.disabled = opened === null || !isWritable(opened) || requests.options.length === 0;
    const entries = opened === null ? [] : [...opened.dialogue.entries, ...opened.work.entries];
    const found = entries.flatMap((entry) => (opened === null ? [] : (released(opened, entry) ?? [])));
    // The case is fetched again after each act in it: what has been masked stays, unless there is more to choose from.
    if (JSON.stringify(found) === JSON.stringify(texts)) return;
    texts = found;
    list.replaceChildren(...texts.map(({ author, label }, index) => box(`${label}, ${author}`, index)));
    area.value = "";
  };
}
