/** What the parts of a page that concern files share. */

/** The words of the page: a text by its name, with values put in. */
export type Say = (name: string, values?: Readonly<Record<string, string | number>>) => string;

/** A new element with text in it. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A quiet button that does one thing. `about`: what it concerns, for those who meet it without what stands around. */
export function smallButton(label: string, act: () => void, about = ""): HTMLButtonElement {
  const button = element(
    "button",
    { class: "govuk-button govuk-button--secondary file-button", type: "button" },
    label,
  );
  if (about !== "") button.append(element("span", { class: "govuk-visually-hidden" }, ` ${about}`));
  button.addEventListener("click", act);
  return button;
}

/** A file's name, kept in its own direction whatever letters are in it, and its size. */
export function nameAndSize(name: string, size: string): HTMLElement {
  return element(
    "span",
    {},
    element("bdi", { class: "file-name" }, name),
    " ",
    element("span", { class: "quiet" }, size),
  );
}
