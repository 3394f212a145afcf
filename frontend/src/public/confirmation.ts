/** The confirmation: what the server has acknowledged, and the code that exists nowhere else. */
import type { Receipt } from "./delivery";
import { copyOf, day, find, make, slot } from "./page";

/** Put the confirmation in place of the form, and ask before the page is left until the code has been saved. */
export function confirm(receipt: Receipt): void {
  const page = copyOf("#confirmation");
  const words = receipt.code.split(" ").flatMap((word) => [make("span", {}, word), " "]);
  slot(page, "code").append(...words);
  slot(page, "reference").textContent = receipt.reference;
  slot(page, "received_on").append(day(receipt.receivedOn));
  slot(page, "feedback_by").append(day(receipt.feedbackBy));
  const functions = slot(page, "functions");
  functions.textContent = receipt.functions.join(", ");
  if (receipt.functions.length === 0) functions.parentElement?.remove();
  const fingerprint = slot(page, "fingerprint");
  fingerprint.textContent = receipt.fingerprint.join(" ");
  if (receipt.fingerprint.length === 0) fingerprint.closest("div")?.remove();
  const saved = slot<HTMLInputElement>(page, "saved");
  slot(page, "print").addEventListener("click", () => print());
  addEventListener("beforeunload", (event) => {
    // Whoever leaves in a hurry by the quick exit is never held back: the page is hidden by then.
    if (!saved.checked && !document.documentElement.hidden) event.preventDefault();
  });
  const main = find("main");
  // What was written goes from the page now that it is acknowledged, and not a moment before.
  main.replaceChildren(page);
  const heading = find("h1", main);
  document.title = heading.textContent?.trim() ?? document.title;
  scrollTo(0, 0);
  heading.focus({ preventScroll: true });
}
