/** Verified files, given to the browser's own way of saving. */
import type { Opened } from "./worker";

/** Long enough for a browser to have taken one over. */
const KEPT_MS = 30_000;
/** Browsers have room for so much and no more: beyond this the oldest are let go of at once. */
const KEPT_BYTES = 512 * 1024 * 1024;

/** Save under a name that has been made safe. */
export function saveFile({ address }: Opened, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
}

/** Files that the browser is saving. Their addresses open them, so they are closed: soon, or at once. */
export class Saved {
  readonly #files = new Set<Opened>();

  /** Close a file when the browser has had time to save it. */
  add(opened: Opened): void {
    this.#files.add(opened);
    let kept = [...this.#files].reduce((bytes, { size }) => bytes + size, 0);
    for (const older of this.#files) {
      if (kept <= KEPT_BYTES || older === opened) break;
      kept -= older.size;
      this.#close(older);
    }
    setTimeout(() => this.#close(opened), KEPT_MS);
  }

  /** Nothing opens any of them from now on. */
  clear(): void {
    for (const opened of this.#files) this.#close(opened);
  }

  #close(opened: Opened): void {
    if (this.#files.delete(opened)) opened.close();
  }
}
