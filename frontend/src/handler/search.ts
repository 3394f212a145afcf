/**
 * Search in my own cases. The server has nothing to search in: titles are opened here, and contents only when asked for,
 * case by case, each opening logged as any other. The index lives in memory and goes when the page is locked.
 */
import type { HandlerKeys } from "../crypto/identity";
import * as shape from "../crypto/shape";
import { readAnswer } from "./answer";
import { explain, get, post } from "./api";
import { byId, fromTemplate, onSubmit, say, slot, text } from "./dom";
import type { Lockable } from "./locking";
import { type OpenedCase, openCase } from "./opened";
import { openTitles } from "./titles";

const AROUND = 60;
const LEAST = 2;

/** What is known of a case: its title, and its contents once they have been opened. */
interface Indexed {
  readonly title: string;
  readonly contents: readonly string[] | null;
}

/** Every text in something that was opened. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function contentsOf({ dialogue, work }: OpenedCase): readonly string[] {
  const entries = [...dialogue.entries, ...work.entries];
  return entries.flatMap((entry) => (entry.ok && entry.row.kind !== "epoch" ? textsIn(entry.body) : []));
}

/** The words around the first place where something is found, or null where it is not. */
export function around(content: string, wanted: string): string | null {
  const at = content.toLowerCase().indexOf(wanted.toLowerCase());
  if (at === -1) return null;
  const [from, to] = [Math.max(0, at - AROUND), Math.min(content.length, at + wanted.length + AROUND)];
  const cut = content.slice(from, to).replace(/\s+/g, " ").trim();
  return `${from > 0 ? "… " : ""}${cut}${to < content.length ? " …" : ""}`;
}

async function myReferences(): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const page = shape.including(await get(`cases${after === "" ? "" : `?after=${after}`}`), "references", "next");
    found.push(...shape.list(page["references"], shape.reference));
    after = shape.orNull(page["next"], shape.string);
  }
  return found;
}

class Search implements Lockable {
  private readonly form = byId("search", HTMLFormElement);
  private readonly status = slot(this.form, "status");
  private readonly progress = slot(this.form, "progress", HTMLProgressElement);
  private readonly cancel = slot(this.form, "cancel", HTMLButtonElement);
  private readonly whole = byId("search-contents", HTMLButtonElement);
  private readonly index = new Map<string, Indexed>();
  private keys: HandlerKeys | null = null;
  private stopped = false;

  constructor() {
    onSubmit(this.form, () => this.run(false));
    this.whole.addEventListener("click", () => void this.run(true));
    this.cancel.addEventListener("click", () => {
      this.stopped = true;
    });
  }

  async opened(keys: HandlerKeys): Promise<void> {
    this.keys = keys;
  }

  async closed(): Promise<void> {
    this.keys = null;
    this.stopped = true;
    this.index.clear();
    byId("search-q", HTMLInputElement).value = "";
    byId("search-hits").replaceChildren();
    say(this.status, "");
  }

  private async run(contents: boolean): Promise<void> {
    const wanted = byId("search-q", HTMLInputElement).value.trim();
    if ([...wanted].length < LEAST) return say(this.status, text("search-short"), "bad");
    const keys = this.keys;
    if (keys === null) return;
    this.stopped = false;
    this.whole.disabled = true;
    try {
      await this.read(keys, contents);
      if (this.keys === keys) this.show(wanted, contents);
    } catch (error) {
      say(this.status, explain(error), "bad");
    } finally {
      this.whole.disabled = false;
      this.progress.hidden = true;
      this.cancel.hidden = true;
    }
  }

  /** Open what is not in the index yet, until it is cancelled or the page is locked. */
  private async read(keys: HandlerKeys, contents: boolean): Promise<void> {
    say(this.status, text("search-titles"));
    const references = await myReferences();
    const missing = references.filter((reference) => !this.index.has(reference));
    const titles = await openTitles(missing, keys.age);
    if (this.keys !== keys) return;
    for (const reference of missing) {
      const title = titles.get(reference);
      this.index.set(reference, { contents: null, title: typeof title === "object" ? title.text : "" });
    }
    if (!contents) return;
    const closed = references.filter((reference) => this.index.get(reference)?.contents === null);
    this.progress.max = Math.max(1, closed.length);
    this.progress.hidden = false;
    this.cancel.hidden = false;
    for (const [done, reference] of closed.entries()) {
      if (this.stopped || this.keys !== keys) return;
      this.progress.value = done;
      say(this.status, text("search-opening", { all: closed.length, done: done + 1 }));
      const opened = await openCase(readAnswer(await post(`cases/${reference}/open`)), keys).then(
        contentsOf,
        // One case that does not open must not hide the others; its own page says what is wrong with it.
        (): readonly string[] => [],
      );
      if (this.keys !== keys) return;
      this.index.set(reference, { contents: opened, title: this.index.get(reference)?.title ?? "" });
    }
  }

  private show(wanted: string, contents: boolean): void {
    const hits = [...this.index].flatMap(([reference, { contents: content, title }]) => {
      const inTitle = around(title, wanted) !== null;
      const inside = (content ?? []).map((one) => around(one, wanted)).find((one) => one !== null);
      return inTitle || inside !== undefined ? [this.hit(reference, title, inside ?? "")] : [];
    });
    byId("search-hits").replaceChildren(...hits);
    const known = [...this.index.values()];
    const read = known.filter((one) => one.contents !== null).length;
    const values = { all: known.length, hits: hits.length, read };
    say(this.status, text(contents || read > 0 ? "search-done-contents" : "search-done-titles", values));
  }

  private hit(reference: string, title: string, excerpt: string): HTMLElement {
    const made = fromTemplate("hit-template");
    const link = slot(made, "case", HTMLAnchorElement);
    link.textContent = title === "" ? reference : title;
    link.href = `${byId("search-hits").dataset["cases"] ?? ""}/${reference}`;
    slot(made, "reference").textContent = title === "" ? "" : reference;
    slot(made, "excerpt").textContent = excerpt;
    return made;
  }
}

/** Search on this page; null where the page has none. */
export function search(): Lockable | null {
  return document.getElementById("search") === null ? null : new Search();
}
