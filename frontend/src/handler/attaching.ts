/** The files that a handler attaches in one form: chosen there, sent when the text is, named by its record. */
import { type Attached, ChosenFiles, type FileLimits, UnreadableFile } from "../files/chosen";
import { type FileField, fileField } from "../files/field";
import { type Progress, showProgress } from "../files/progress";
import { type Sending, withFiles } from "../files/sending";
import { Broken, Stopped } from "../files/upload";
import type { FileWorker } from "../files/worker";
import { Problem } from "./api";
import { say, slot, text } from "./dom";
import { uploads } from "./uploads";

export class Attaching {
  private readonly files: ChosenFiles;
  private readonly field: FileField;
  private sending: Progress | null = null;

  /** `form` holds the field of type file, and a place where progress is shown. */
  constructor(
    private readonly form: HTMLFormElement,
    limits: FileLimits,
    worker: FileWorker,
  ) {
    this.files = new ChosenFiles(limits, worker, uploads);
    this.field = fileField(slot(form, "files", HTMLInputElement), this.files, limits, text);
    addEventListener("beforeunload", (event) => {
      if (this.files.all.length > 0) event.preventDefault();
    });
  }

  /** Whether files have been chosen. */
  get any(): boolean {
    return this.files.all.length > 0;
  }

  /**
   * Send what has not been sent, then do `act` with what the files became.
   *
   * @throws as `withFiles`
   */
  async with(act: (files: readonly Attached[]) => Promise<void>): Promise<void> {
    this.field.freeze(true);
    try {
      await withFiles(this.files, this.watch, act);
    } finally {
      this.field.freeze(false);
    }
  }

  /** What to say of an error that has to do with files; null when it hasn't. */
  reason(error: unknown): string | null {
    if (error instanceof UnreadableFile) return text("file_unreadable", { name: error.file });
    if (error instanceof Stopped) return text("files_stopped");
    return error instanceof Broken ? text("offline") : null;
  }

  /** Let go of all files, and of whatever of them is on its way. */
  clear(): void {
    this.sending?.pace.stop();
    for (const chosen of this.files.all) this.files.remove(chosen);
    this.field.show();
  }

  private readonly watch: Sending = {
    begins: () => {
      const status = slot(this.form, "status");
      this.sending = showProgress(slot(this.form, "progress"), text, (told) => say(status, told));
      return this.sending;
    },
    code: (error) => (error instanceof Problem ? error.code : undefined),
    ended: () => {
      this.sending = null;
    },
  };
}
