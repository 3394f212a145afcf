/** The files of a record, listed with it. One that is missing, or fails when it is opened, is shown as such. */
import { sealedSize } from "../crypto/age";
import type { Attachment } from "../crypto/attachment";
import type { Entry } from "../crypto/chain";
import { EnvelopeError } from "../crypto/errors";
import { safeName } from "../crypto/filename";
import { paddedLength } from "../crypto/padding";
import { sizeText } from "../files/size";
import { Broken } from "../files/upload";
import { mayShow } from "../viewer/claims";
import { placeOf } from "./answer";
import { explain } from "./api";
import { fromTemplate, say, slot, text } from "./dom";
import type { OpenedCase } from "./opened";

/** One file of the case: where it stands, and what its record says of it. */
export interface Placed {
  readonly stream: "dialogue" | "work";
  readonly seq: number;
  readonly position: number;
  readonly attachment: Attachment;
  /** Made safe. */
  readonly name: string;
}

/** What can be done with a file, from the button that asked for it. Each returns when the file is on the page. */
export interface FileActions {
  show(file: Placed, from: HTMLElement): Promise<void>;
  save(file: Placed, from: HTMLElement): Promise<void>;
}

/** What a handler is told of a size. */
export function sizeOfFile({ attachment }: Placed): string {
  return sizeText(attachment.size, document.documentElement.lang);
}

function fault(error: unknown): string {
  // Nothing is wrong with the file: the browser keeps what it opens, and has no more room for it.
  if (error instanceof EnvelopeError && error.reason === "file_unreadable") return text("file-no-room");
  if (error instanceof EnvelopeError) return text("file-failed", { reason: error.reason });
  return error instanceof Broken ? text("offline") : explain(error);
}

function line(file: Placed, sealed: number | undefined, actions: FileActions): HTMLElement {
  const { attachment, name } = file;
  const item = fromTemplate("file-template");
  const status = slot(item, "status");
  slot(item, "name").textContent = name;
  slot(item, "size").textContent = sizeOfFile(file);
  slot(item, "uncleaned").hidden = attachment.cleaned;
  const buttons = [slot(item, "show", HTMLButtonElement), slot(item, "save", HTMLButtonElement)];
  for (const whose of item.querySelectorAll("[data-slot='of']")) whose.textContent = name;
  const [show, save] = buttons as [HTMLButtonElement, HTMLButtonElement];
  if (sealed !== sealedSize(paddedLength(attachment.size), 1)) {
    for (const button of buttons) button.hidden = true;
    item.dataset["state"] = "missing";
    say(status, text("file-missing"), "bad");
    return item;
  }
  show.hidden = !mayShow(name, attachment.type);
  const on = (button: HTMLButtonElement, act: FileActions["show"]): void =>
    button.addEventListener("click", async () => {
      for (const one of buttons) one.disabled = true;
      say(status, text("file-opening"));
      try {
        await act(file, button);
        say(status, "");
      } catch (error) {
        item.dataset["state"] = "failed";
        say(status, fault(error), "bad");
      }
      for (const one of buttons) one.disabled = false;
    });
  on(show, (...asked) => actions.show(...asked));
  on(save, (...asked) => actions.save(...asked));
  return item;
}

/** Fill the list `place` with the files of a verified record; it stays hidden when there are none. */
export function listFiles(
  place: HTMLElement,
  opened: OpenedCase,
  entry: Entry & { readonly ok: true },
  actions: FileActions,
): void {
  const { attachments } = entry.header;
  const sizes = opened.answer.files.get(placeOf(entry.row)) ?? [];
  const { seq, stream } = entry.row;
  place.hidden = attachments.length === 0;
  place.replaceChildren(
    ...attachments.map((attachment, position) => {
      const file = { attachment, name: safeName(attachment.name), position, seq, stream };
      return line(file, sizes[position], actions);
    }),
  );
}
