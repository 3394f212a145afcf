/**
 * What somebody is writing. It stays in its field until the server has taken it. When the page is locked it is sealed
 * to the writer's own key and leaves the page, so that a locked screen shows nothing and nothing is lost either.
 */
import { openWith, recipientOf, sealTo } from "../crypto/age";
import { fromUtf8, utf8 } from "../crypto/bytes";
import type { HandlerKeys } from "../crypto/identity";
import { all } from "./dom";
import { unfold } from "./folding";

type Field = HTMLTextAreaElement | HTMLInputElement;

function fields(): Field[] {
  return all("[data-draft]") as Field[];
}

export class Drafts {
  private readonly sealed = new Map<string, Uint8Array>();
  private recipient: Uint8Array | null = null;

  constructor() {
    addEventListener("beforeunload", (event) => {
      if (this.sealed.size > 0 || fields().some((field) => field.value.trim() !== "")) event.preventDefault();
    });
  }

  /** Put back what was sealed when the page was locked, unless it has been locked again meanwhile. */
  async restore(keys: HandlerKeys, held: () => boolean): Promise<void> {
    this.recipient = recipientOf(keys.age);
    const opened: [string, string][] = [];
    for (const [id, kept] of this.sealed) opened.push([id, fromUtf8(await openWith(kept, keys.age))]);
    if (!held()) return;
    for (const [id, text] of opened) {
      const field = fields().find((one) => one.id === id);
      if (field === undefined || !this.sealed.delete(id)) continue;
      field.value = text;
      unfold(field);
    }
  }

  /** The server has taken what stood in a field: neither the field nor a draft sealed meanwhile keeps it. */
  taken(field: Field): void {
    field.value = "";
    this.sealed.delete(field.id);
  }

  /** Let go of everything: there is nowhere left to send it. */
  drop(): void {
    this.sealed.clear();
    for (const field of fields()) field.value = "";
  }

  /** Seal every draft and empty its field. Sealing takes the public key only: the secret one may be gone already. */
  async seal(): Promise<void> {
    for (const field of fields()) {
      if (field.value !== "" && this.recipient !== null) {
        this.sealed.set(field.id, await sealTo(utf8(field.value), [this.recipient]));
      }
      field.value = "";
    }
  }
}
