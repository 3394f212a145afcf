/** The files that a handler attaches in one form: chosen there, sent when the text is, named by its record. */
import { type Attached, ChosenFiles, type FileLimits, UnreadableFile } from "../files/chosen";
import { type FileField, fileField } from "../files/field";
import { type Progress, showProgress } from "../files/progress";
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
   * Send what has not been sent, then do `act` with what the files became. Where the server has them no longer, both
   * are done once more. When `act` is done the files are out of hand.
   */
  async with(act: (files: readonly Attached[]) => Promise<void>): Promise<void> {
    this.field.freeze(true);
    try {
      for (let again = false; ; again = true) {
        try {
          await act(await this.send());
          break;
        } catch (error) {
          if (again || !(error instanceof Problem) || error.code !== "upload_unknown") throw error;
          this.files.forget();
        }
      }
      this.files.taken();
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

  private async send(): Promise<readonly Attached[]> {
    if (this.files.all.length === 0) return [];
    const status = slot(this.form, "status");
    const progress = showProgress(slot(this.form, "progress"), text, (told) => say(status, told));
    this.sending = progress;
    try {
      return await this.files.send(progress);
    } catch (error) {
      if (error instanceof Stopped) this.files.forget();
      throw error;
    } finally {
      this.sending = null;
      progress.end();
    }
  }
}
