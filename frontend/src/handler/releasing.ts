/** A masked copy of what somebody asks for: made from opened content, in this page alone, and kept sealed. */
import type { Entry } from "../crypto/chain";
import { type Bench, isWritable, run } from "./composers";
import { all, byId, day, onSubmit, say, slot, text } from "./dom";
import { printSheet, saveText } from "./handovertext";
import { type OpenedCase, textOf } from "./opened";

/** As long for one letter as for a name: the mask tells nothing of what was there. */
export const MASK = "█████";

/** The text with everything between two places masked. */
export function masked(content: string, start: number, end: number): string {
  const [before, after] = [content.slice(0, start), content.slice(end)];
  // Masks that meet are one, so that nobody counts words.
  const joined = `${before}${MASK}${after}`;
  return joined.replace(/█{5}(?:\s*█{5})+/gu, MASK);
}

function readable(entry: Entry): string | null {
  if (!entry.ok || !["message", "feedback", "note", "report", "notice"].includes(entry.row.kind)) return null;
  try {
    return textOf(entry);
  } catch {
    // A report is answers to questions, each a text of its own.
    const { answers } = entry.body as { answers?: Record<string, unknown> };
    const said = Object.values(answers ?? {}).filter((one) => typeof one === "string" && one !== "");
    return said.length === 0 ? null : said.join("\n\n");
  }
}

/** Make the section work. Gives what shows it for a case as it now is. */
export function releasingSection(bench: Bench): (opened: OpenedCase | null) => void {
  const found = document.getElementById("masking-form");
  if (!(found instanceof HTMLFormElement)) return () => {};
  const form = found;
  const area = slot(form, "text", HTMLTextAreaElement);
  const list = slot(form, "records");
  const status = slot(form, "status");
  const earlier: string[] = [];
  let texts: readonly { readonly label: string; readonly said: string }[] = [];

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
    const { selectionEnd, selectionStart, value } = area;
    if (selectionStart === selectionEnd) {
      say(status, text("masking-nothing"), "bad");
      area.focus();
      return;
    }
    earlier.push(value);
    area.value = masked(value, selectionStart, selectionEnd);
    area.focus();
    area.setSelectionRange(selectionStart + MASK.length, selectionStart + MASK.length);
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
    if ((answered === "granted") === provisions.length > 0) {
      say(status, text("masking-provisions"), "bad");
      return;
    }
    await run(form, bench, async (desk) => {
      const path = `disclosures/${slot(form, "request", HTMLSelectElement).value}/decide`;
      await desk.fill(path, "masked_copy", { text: area.value }, { answered, provisions: provisions.join(" ") });
      area.value = "";
    });
    if (area.value === "") say(status, text("masking-done"), "good");
  });
  return (opened) => {
    slot(form, "send", HTMLButtonElement).disabled = opened === null || !isWritable(opened);
    const entries = opened === null ? [] : [...opened.dialogue.entries, ...opened.work.entries];
    texts = entries.flatMap((entry) => {
      const said = readable(entry);
      if (said === null || !entry.ok) return [];
      const kind = byId("texts", HTMLTemplateElement).content.querySelector(`[data-text="kind-${entry.row.kind}"]`);
      return [{ label: `${day(entry.header.at)} ${kind?.textContent?.trim() ?? entry.row.kind}`, said }];
    });
    list.replaceChildren(...texts.map(({ label }, index) => box(label, index)));
    area.value = "";
  };
}
