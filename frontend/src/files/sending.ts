/** Files that were chosen become files of a record: sent, named by it, and only then out of hand. */
import type { Attached, ChosenFiles } from "./chosen";
import type { Progress } from "./progress";
import { Stopped } from "./upload";

/** What a face shows meanwhile, and how it reads its refusals. */
export interface Sending {
  /** Files begin to be sent: how far they have come is shown by what this gives. */
  begins(): Progress;
  /** They have been sent, or not: what was shown is gone. */
  ended(): void;
  /** The code of a refusal by the server, undefined for any other error. */
  code(error: unknown): string | undefined;
}

async function send(files: ChosenFiles, sending: Sending): Promise<readonly Attached[]> {
  if (files.all.length === 0) return [];
  const progress = sending.begins();
  try {
    return await files.send(progress);
  } catch (error) {
    if (error instanceof Stopped) files.forget();
    throw error;
  } finally {
    progress.end();
    sending.ended();
  }
}

/**
 * Send what has not been sent, then do `act` with what the files became. Where the server has them no longer, both
 * are done once more. When `act` is done the files are out of hand.
 *
 * @throws Stopped after everything sent has been taken back; what `ChosenFiles.send` and `act` throw
 */
export async function withFiles<T>(
  files: ChosenFiles,
  sending: Sending,
  act: (files: readonly Attached[]) => Promise<T>,
): Promise<T> {
  for (let again = false; ; again = true) {
    const attached = await send(files, sending);
    try {
      const done = await act(attached);
      files.taken();
      return done;
    } catch (error) {
      if (again || sending.code(error) !== "upload_unknown") throw error;
      files.forget();
    }
  }
}
