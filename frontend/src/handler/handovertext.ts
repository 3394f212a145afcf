/** A handover as the text that is sent: made in the browser, kept in clear nowhere. */
import type { FormAnswers } from "../crypto/dialogue";
import { day, text } from "./dom";
import { fieldOf } from "./forms";

/** What the text is made of, beside what was filled in. Dates as text. */
export interface Sheet {
  readonly reference: string;
  readonly from: string;
  readonly recipient: string;
  readonly basis: string;
  readonly on: string;
}

/** The name of a recipient or a basis, as its form calls it. */
export function nameIn(list: HTMLSelectElement, word: string): string {
  return [...list.options].find(({ value }) => value === word)?.textContent?.trim() ?? word;
}

/** The text: who to whom, on what basis, and the content. The weighing of interests stays in the case. */
export function sheetText(sheet: Sheet, answers: FormAnswers): string {
  const to = [sheet.recipient, fieldOf(answers, "to")].filter((one) => one !== "").join(", ");
  return [
    `${text("handover-to")}: ${to}`,
    `${text("handover-from")}: ${sheet.from}`,
    `${text("handover-case")}: ${sheet.reference}`,
    `${text("handover-day")}: ${day(sheet.on)}`,
    `${text("handover-basis")}: ${sheet.basis}`,
    "",
    fieldOf(answers, "content"),
  ].join("\n");
}

/** Print one text alone. */
export function printSheet(sheet: HTMLElement): void {
  sheet.classList.add("sheet--printed");
  document.body.classList.add("prints-sheet");
  addEventListener(
    "afterprint",
    () => {
      sheet.classList.remove("sheet--printed");
      document.body.classList.remove("prints-sheet");
    },
    { once: true },
  );
  print();
}

/** Give a text to the browser's own way of saving. */
export function saveText(content: string, name: string): void {
  const address = URL.createObjectURL(new Blob([`${content}\n`], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // Long enough for the browser to have taken it over; nothing opens it after that.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
