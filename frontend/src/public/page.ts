/** What a page hands its script: addresses and words, as JSON that the server wrote. The scripts hold no words. */

export type Texts = Readonly<Record<string, string>>;

/** The page's data. Its shape is the server's; a page and its script come from the same build. */
export function pageData<T>(): T {
  return JSON.parse(find("#page-data").textContent ?? "") as T;
}

/** A text with its values put in: `%(name)s` or `%(name)d`. An unknown name of a text is a fault of the page. */
export function say(texts: Texts, name: string, values: Readonly<Record<string, string | number>> = {}): string {
  const text = texts[name];
  if (text === undefined) throw new Error(`no text: ${name}`);
  return text.replace(/%\((\w+)\)[sd]/g, (_, key: string) => {
    const value = values[key] ?? "";
    return typeof value === "number" ? value.toLocaleString(document.documentElement.lang) : value;
  });
}

/** The one element that must be there; a page without it is broken, and then nothing is enabled. */
export function find<E extends HTMLElement = HTMLElement>(selector: string, within: ParentNode = document): E {
  const found = within.querySelector<E>(selector);
  if (found === null) throw new Error(`no element: ${selector}`);
  return found;
}

/** A new element. Text becomes text, never markup. */
export function make(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElement {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A copy of what a template of the page holds. */
export function copyOf(template: string): DocumentFragment {
  return document.importNode(find<HTMLTemplateElement>(`template${template}`).content, true);
}

/** The element of a copied template that takes a value. */
export function slot<E extends HTMLElement = HTMLElement>(within: ParentNode, name: string): E {
  return find<E>(`[data-slot="${name}"]`, within);
}

/** A day as people write it, with the machine's own form beside it. */
export function day(value: string): HTMLElement {
  const { lang } = document.documentElement;
  // In English too the day comes first here.
  const language = lang === "en" ? "en-GB" : lang;
  const words = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
  return make("time", { datetime: value }, words.format(new Date(`${value}T00:00:00Z`)));
}

/** Put a heading in view and let a screen reader begin there. */
export function moveTo(heading: HTMLElement): void {
  heading.focus({ preventScroll: true });
  scrollTo(0, 0);
}
