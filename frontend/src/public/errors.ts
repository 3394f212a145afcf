/** What went wrong, first on the page, as the server's own pages show it: a summary with links, and each at its field. */
import { find, make, say, type Texts } from "./page";

/** A fault, and the field it is about if it is about one. */
export interface Fault {
  readonly field?: string;
  readonly text: string;
}

function controlOf(field: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-field="${CSS.escape(field)}"]`);
}

/** Take away all that was shown. */
export function clearFaults(): void {
  document.querySelector("#error-summary")?.remove();
  for (const message of document.querySelectorAll(".govuk-error-message[data-made]")) message.remove();
  for (const group of document.querySelectorAll(".govuk-form-group--error")) {
    group.classList.remove("govuk-form-group--error");
    for (const control of group.querySelectorAll("[aria-invalid]")) {
      control.removeAttribute("aria-invalid");
      const ids = (control.getAttribute("aria-describedby") ?? "").split(" ");
      control.setAttribute("aria-describedby", ids.filter((id) => !id.endsWith("-error")).join(" "));
    }
  }
}

function markField(field: string, text: string, texts: Texts): void {
  const control = controlOf(field);
  const group = control?.closest(".govuk-form-group");
  if (!control || !group) return;
  const id = `${field}-error`;
  const prefix = make("span", { class: "govuk-visually-hidden" }, say(texts, "error_prefix"));
  group.classList.add("govuk-form-group--error");
  control.before(make("p", { class: "govuk-error-message", "data-made": "", id }, prefix, " ", text));
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", `${control.getAttribute("aria-describedby") ?? ""} ${id}`.trim());
}

/** Show faults above the page's content and move there. `title` names the text over them. */
export function showFaults(faults: readonly Fault[], texts: Texts, title: string): void {
  clearFaults();
  const items = faults.map(({ field, text }) => {
    const control = field === undefined ? null : controlOf(field);
    if (control === null) return make("li", {}, text);
    return make("li", {}, make("a", { href: `#${control.id}` }, text));
  });
  const summary = make(
    "div",
    { class: "govuk-error-summary", id: "error-summary", tabindex: "-1" },
    make(
      "div",
      { role: "alert" },
      make("h2", { class: "govuk-error-summary__title" }, say(texts, title)),
      make(
        "div",
        { class: "govuk-error-summary__body" },
        make("ul", { class: "govuk-list govuk-error-summary__list" }, ...items),
      ),
    ),
  );
  for (const { field, text } of faults) if (field !== undefined) markField(field, text, texts);
  find("main").prepend(summary);
  summary.focus();
}
