/** The files that a source attaches: chosen in the page, sent when the source presses send, then named by a record. */
import { type Attached, type Chosen, ChosenFiles, type FileLimits, UnreadableFile } from "../files/chosen";
import type { Say } from "../files/dom";
import { type FileField, fileField } from "../files/field";
import { showProgress } from "../files/progress";
import { type Sending, withFiles } from "../files/sending";
import { Broken } from "../files/upload";
import { type FileWorker, fileWorker, type WorkerSource } from "../files/worker";
import { Refused } from "./http";
import { find, say, type Texts } from "./page";
import { sourceUploads, type UploadsOf } from "./uploads";

/** What a page hands over for its files. */
export interface FilesPage {
  readonly texts: Texts;
  readonly files: FileLimits & { readonly worker: WorkerSource };
}

export class Attaching {
  readonly worker: FileWorker;
  readonly #files: ChosenFiles;
  readonly #field: FileField;
  readonly #say: Say;

  /** `within` holds the field of type file; progress is shown in `place`, and told in `status`. */
  constructor(
    page: FilesPage,
    uploads: UploadsOf,
    token: string,
    within: ParentNode,
    private readonly place: HTMLElement,
    private readonly status: HTMLElement,
  ) {
    this.worker = fileWorker(page.files.worker);
    this.#files = new ChosenFiles(page.files, this.worker, sourceUploads(uploads, token));
    this.#say = (name, values) => say(page.texts, name, values);
    const input = find<HTMLInputElement>("input[type=file]", within);
    this.#field = fileField(input, this.#files, page.files, this.#say);
  }

  get all(): readonly Chosen[] {
    return this.#files.all;
  }

  /** Nothing is added or removed while it is not known whether a record that names the files has arrived. */
  freeze(frozen: boolean): void {
    this.#field.freeze(frozen);
  }

  /**
   * Send what has not been sent, then do `act` with what the files became.
   *
   * @throws as `withFiles`
   */
  async with<T>(act: (files: readonly Attached[]) => Promise<T>): Promise<T> {
    const done = await withFiles(this.#files, this.#sending, act);
    this.#field.show();
    return done;
  }

  /** Whether something can be done about an error where files are chosen. */
  concerns(error: unknown): boolean {
    if (error instanceof UnreadableFile) return true;
    if (!(error instanceof Refused) || this.all.length === 0) return false;
    // Where there is no room for files, there may be for what was written.
    return error.field === "files" || error.code === "storage_full";
  }

  /** What to say of an error that has to do with files; nothing when it hasn't. */
  reason(error: unknown): string | undefined {
    if (error instanceof UnreadableFile) return this.#say("file_unreadable", { name: error.file });
    return error instanceof Broken ? this.#say("offline") : undefined;
  }

  readonly #sending: Sending = {
    begins: () => {
      // What is told is also shown beside the bar: it is for those who listen.
      this.status.classList.add("govuk-visually-hidden");
      return showProgress(this.place, this.#say, (text) => {
        this.status.textContent = text;
      });
    },
    code: (error) => (error instanceof Refused ? error.code : undefined),
    ended: () => this.status.classList.remove("govuk-visually-hidden"),
  };
}
