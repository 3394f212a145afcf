/** The files that somebody has chosen, from the choice until a record that names them has been taken. */
import { type Attachment, mediaType } from "../crypto/attachment";
import { EnvelopeError } from "../crypto/errors";
import { safeName } from "../crypto/filename";
import { Lost, newUpload, type Pace, type Uploaded, type UploadServer, uploadFile } from "./upload";
import type { FileWorker } from "./worker";

/** What one record may carry. */
export interface FileLimits {
  /** Bytes of one file. */
  readonly max_file: number;
  readonly max_files: number;
}

/** A file in hand. `name` has been made safe, and is what the record will say. */
export interface Chosen {
  readonly file: File;
  readonly name: string;
}

/** Why a file was not taken: the name of a text, and what to put into it. */
export interface FileFault {
  readonly text: "file_empty" | "file_too_large" | "too_many_files";
  readonly name: string;
}

/** A file that has been sent: how the record names it, and how the request does. */
export interface Attached {
  readonly attachment: Attachment;
  readonly upload: { readonly upload: string; readonly size: number };
}

/** What somebody who waits is told: the file that is on its way, and how far it has come. */
export interface SendingWatch {
  readonly pace: Pace;
  begins(file: Chosen, place: number, of: number): void;
  sent(received: number, size: number): void;
}

/** A file whose upload has vanished is sent once more, and once more only. */
const SENDINGS = 2;

/** A file that was chosen can no longer be read: it has been moved, changed or removed since. */
export class UnreadableFile extends Error {
  constructor(readonly file: string) {
    super("file_unreadable");
    this.name = "UnreadableFile";
  }
}

interface Entry extends Chosen {
  upload: string | undefined;
  attached: Attached | undefined;
}

function same(a: File, b: File): boolean {
  return a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
}

export class ChosenFiles {
  #entries: Entry[] = [];

  constructor(
    private readonly limits: FileLimits,
    private readonly worker: FileWorker,
    private readonly server: UploadServer,
  ) {}

  get all(): readonly Chosen[] {
    return this.#entries;
  }

  /** Take files in hand; nothing is sent. Those that cannot be taken are told, the others are. */
  add(files: Iterable<File>): FileFault[] {
    const faults: FileFault[] = [];
    for (const file of files) {
      const name = safeName(file.name);
      if (this.#entries.some((entry) => same(entry.file, file))) continue;
      if (file.size === 0) faults.push({ name, text: "file_empty" });
      else if (file.size > this.limits.max_file) faults.push({ name, text: "file_too_large" });
      else if (this.#entries.length >= this.limits.max_files) faults.push({ name, text: "too_many_files" });
      else this.#entries.push({ attached: undefined, file, name, upload: undefined });
    }
    if (this.#entries.length > 0) this.worker.prepare();
    return faults;
  }

  /** Let go of a file, and of what was sent of it. */
  remove(chosen: Chosen): void {
    const gone = this.#entries.filter((entry) => entry === chosen);
    this.#entries = this.#entries.filter((entry) => entry !== chosen);
    this.#discard(gone);
  }

  /**
   * Seal and send every file that has not been sent, and give them all, in order.
   *
   * @throws as `uploadFile`, and UnreadableFile. What was sent stays sent.
   */
  async send(watch: SendingWatch): Promise<Attached[]> {
    const attached: Attached[] = [];
    for (const [place, entry] of [...this.#entries].entries()) {
      if (entry.attached === undefined) {
        watch.begins(entry, place + 1, this.#entries.length);
        entry.attached = await this.#sendOne(entry, watch);
      }
      attached.push(entry.attached);
    }
    return attached;
  }

  /** The server does not have them after all, or is not to have them: discard what stands, and send anew next time. */
  forget(): void {
    this.#discard(this.#entries);
  }

  /** A record that names them has been taken: nothing is left to do. */
  taken(): void {
    this.#entries = [];
  }

  async #sendOne(entry: Entry, watch: SendingWatch): Promise<Attached> {
    for (let left = SENDINGS; ; left -= 1) {
      // Sealed anew, it is another file to the server: it gets an id of its own.
      entry.upload = newUpload();
      try {
        const sealing = await this.worker.seal(entry.file);
        return attach(entry, await uploadFile(entry.upload, sealing, this.server, watch));
      } catch (error) {
        if (error instanceof EnvelopeError && error.reason === "file_unreadable") throw new UnreadableFile(entry.name);
        if (!(error instanceof Lost) || left === 1) throw error;
      }
    }
  }

  #discard(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.upload !== undefined) void this.server.discard(entry.upload);
      entry.upload = undefined;
      entry.attached = undefined;
    }
  }
}

function attach({ file, name }: Chosen, { content, upload }: Uploaded): Attached {
  return { attachment: { ...content, cleaned: false, name, type: mediaType(file.type) }, upload };
}
