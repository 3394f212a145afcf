/**
 * Small hands on the page. Everything is made by cloning the page's own templates and by `textContent`: no text ever
 * becomes markup, which `require-trusted-types-for 'script'` would refuse as well.
 */

type Kind<T extends HTMLElement> = new () => T;

/** The element with this id, which the page must have. */
export function byId<T extends HTMLElement = HTMLElement>(id: string, kind?: Kind<T>): T {
  const found = document.getElementById(id);
  if (!(found instanceof (kind ?? HTMLElement))) throw new TypeError(`#${id}`);
  return found as T;
}

/** The element inside `root` that carries `data-slot="name"`. */
export function slot<T extends HTMLElement = HTMLElement>(root: ParentNode, name: string, kind?: Kind<T>): T {
  const found = root.querySelector(`[data-slot="${name}"]`);
  if (!(found instanceof (kind ?? HTMLElement))) throw new TypeError(`[data-slot=${name}]`);
  return found as T;
}

/** All elements that match, as a list. */
export function all(selector: string, root: ParentNode = document): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>(selector)];
}

/** A fresh copy of the only element in `<template id>`. */
export function fromTemplate(id: string): HTMLElement {
  const copy = document.importNode(byId(id, HTMLTemplateElement).content, true).firstElementChild;
  if (!(copy instanceof HTMLElement)) throw new TypeError(`template #${id}`);
  return copy;
}

/** A text of the page's language from `<template id="texts">`, with `{name}` places filled in. */
export function text(key: string, values: Readonly<Record<string, string | number>> = {}): string {
  const found = byId("texts", HTMLTemplateElement).content.querySelector(`[data-text="${key}"]`);
  const pattern = found?.textContent?.trim() ?? key;
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Whether the page has such a text. */
export function hasText(key: string): boolean {
  return byId("texts", HTMLTemplateElement).content.querySelector(`[data-text="${key}"]`) !== null;
}

/** Show or hide elements. */
export function show(visible: boolean, ...elements: HTMLElement[]): void {
  for (const element of elements) element.hidden = !visible;
}

/** Say something in a place that assistive technology listens to; nothing clears it. */
export function say(place: HTMLElement, message: string, mood: "good" | "bad" | "plain" = "plain"): void {
  place.textContent = message;
  place.dataset["mood"] = mood;
  place.hidden = message === "";
}

/** A day as people here write it. */
export function day(iso: string): string {
  const { lang } = document.documentElement;
  // In English too the day comes first here, as in the dates that the server writes.
  const language = lang === "en" ? "en-GB" : lang || "sv";
  const format = new Intl.DateTimeFormat(language, { day: "numeric", month: "long", timeZone: "UTC", year: "numeric" });
  return format.format(new Date(`${iso}T00:00:00Z`));
}

/** Let the browser paint before a step that keeps it busy. */
export function painted(): Promise<void> {
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
}

/** Listen to a form's submission; what it holds never leaves by the browser's own way of sending forms. */
export function onSubmit(form: HTMLFormElement, act: () => Promise<void>): void {
  let busy = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    form.setAttribute("aria-busy", "true");
    void act().finally(() => {
      busy = false;
      form.removeAttribute("aria-busy");
    });
  });
}
