/** Where files that somebody sent are fetched, opened, judged and shown. Nothing of them is shown before it is verified. */
import { Saved, saveFile } from "../files/save";
import type { FileWorker, Opened } from "../files/worker";
import { lies } from "../viewer/claims";
import { BEGINNING, isShown, type Kind, kindOf, MOST_BYTES } from "../viewer/kind";
import { postForBytes } from "./api";
import { type FileActions, type Placed, sizeOfFile } from "./attached";
import { byId, say, show, slot, text } from "./dom";
import { frameOf } from "./viewer";

/** A file that has been opened and verified to its last byte. */
interface OpenedFile {
  readonly file: Placed;
  readonly content: Opened;
  readonly kind: Kind;
}

async function judged(content: Opened): Promise<Kind> {
  const beginning = await content.beginning(BEGINNING);
  return kindOf(beginning, beginning.length === content.size);
}

export class FileRoom implements FileActions {
  private readonly dialog = byId("shown-file", HTMLDialogElement);
  private readonly saved = new Saved();
  private leaving = new AbortController();
  private removeFrame: () => void = () => {};
  private now: OpenedFile | null = null;
  private isSaved = false;
  private from: HTMLElement | null = null;

  constructor(
    private readonly reference: string,
    private readonly viewer: string,
    private readonly worker: FileWorker,
  ) {
    slot(this.dialog, "close").addEventListener("click", () => this.dialog.close());
    slot(this.dialog, "warn").addEventListener("click", () => this.warn());
    slot(this.dialog, "save").addEventListener("click", () => this.keep());
    slot(this.dialog, "lock").addEventListener("click", () => byId("lock").click());
    this.dialog.addEventListener("close", () => this.closed());
  }

  async show(file: Placed, from: HTMLElement): Promise<void> {
    await this.present(await this.open(file), true, from);
  }

  async save(file: Placed, from: HTMLElement): Promise<void> {
    await this.present(await this.open(file), false, from);
  }

  /** Take everything that was opened off the page, and end whatever is under way. */
  clear(): void {
    this.leaving.abort();
    this.leaving = new AbortController();
    this.from = null;
    // The dialogue tells that it has been closed a moment later; nothing may stay until then.
    this.dialog.close();
    this.reset();
    this.saved.clear();
    this.worker.close();
  }

  private async open(file: Placed): Promise<OpenedFile> {
    const { signal } = this.leaving;
    const { attachment, position, seq, stream } = file;
    const sealed = await postForBytes(`cases/${this.reference}/files`, { position, seq, stream }, signal);
    const content = await this.worker.open(sealed, attachment);
    try {
      const kind = await judged(content);
      // Locked meanwhile: what has been opened is let go of.
      signal.throwIfAborted();
      return { content, file, kind };
    } catch (error) {
      content.close();
      throw error;
    }
  }

  private async present(opened: OpenedFile, look: boolean, from: HTMLElement): Promise<void> {
    const { content, file, kind } = opened;
    const { signal } = this.leaving;
    const shown = look && isShown(kind) && content.size <= MOST_BYTES[kind];
    let bytes: ArrayBuffer | null = null;
    try {
      if (shown) bytes = (await content.beginning(content.size)).buffer;
      signal.throwIfAborted();
    } catch (error) {
      content.close();
      throw error;
    }
    // Another one may have been asked for first, and come up meanwhile.
    this.dialog.close();
    this.reset();
    this.from = from;
    this.now = opened;
    const { dialog } = this;
    slot(dialog, "name").textContent = file.name;
    slot(dialog, "content").textContent = text("file-content", {
      kind: text(`content-${kind}`),
      size: sizeOfFile(file),
    });
    const lying = lies(file.name, file.attachment.type, kind);
    say(slot(dialog, "lies"), lying ? text("file-lies", { kind: text(`content-${kind}`) }) : "");
    say(
      slot(dialog, "unshown"),
      look && !shown ? text(isShown(kind) ? "file-too-large-to-show" : "file-not-shown") : "",
    );
    show(shown, slot(dialog, "warn"));
    show(!shown, slot(dialog, "warning"));
    say(slot(dialog, "status"), "");
    dialog.showModal();
    slot(dialog, "name").focus();
    if (bytes === null || !isShown(kind)) return;
    this.removeFrame = frameOf(this.viewer, slot(dialog, "frame"), file.name, { bytes, kind }, () => dialog.close());
  }

  private warn(): void {
    show(true, slot(this.dialog, "warning"));
    show(false, slot(this.dialog, "warn"));
    slot(this.dialog, "save").focus();
  }

  private keep(): void {
    if (this.now === null) return;
    saveFile(this.now.content, this.now.file.name);
    this.isSaved = true;
    say(slot(this.dialog, "status"), text("file-saved"), "good");
  }

  private closed(): void {
    if (this.dialog.open) return;
    this.from?.focus();
    this.from = null;
    this.reset();
  }

  private reset(): void {
    this.removeFrame();
    this.removeFrame = () => {};
    if (this.isSaved && this.now !== null) this.saved.add(this.now.content);
    else this.now?.content.close();
    this.isSaved = false;
    this.now = null;
    for (const name of ["name", "content", "lies", "unshown"]) slot(this.dialog, name).textContent = "";
  }
}
