/** Files of the dialogue: listed with their records; fetched, opened and verified whole before they are saved. */
import { sealedSize } from "../crypto/age";
import type { Attachment } from "../crypto/attachment";
import type { Bytes } from "../crypto/bytes";
import { EnvelopeError } from "../crypto/errors";
import { safeName } from "../crypto/filename";
import { paddedLength } from "../crypto/padding";
import { element, nameAndSize, smallButton } from "../files/dom";
import { Saved, saveFile } from "../files/save";
import { sizeText } from "../files/size";
import { Broken } from "../files/upload";
import { LATER } from "../files/uploads";
import type { Opened } from "../files/worker";
import { getStream, Refused, Unanswered } from "./http";
import { say, type Texts } from "./page";

/** Opens one file of the case: where it stands, and what the record says of it. */
export type OpenFile = (seq: number, position: number, attachment: Attachment) => Promise<Opened>;

const saved = new Saved();

/** Fetch a sealed file of the case that `headers` lead to. */
export function fetchFile(
  api: string,
  headers: Record<string, string>,
  seq: number,
  position: number,
): Promise<ReadableStream<Bytes>> {
  return getStream(`${api}/files/${seq}/${position}`, headers);
}

function fault(error: unknown): string {
  // Refused for now only, as long as others move files, is no more than a connection that failed.
  const later = error instanceof Refused && LATER.includes(error.status);
  if (later || error instanceof Unanswered || error instanceof Broken) return "file_offline";
  // Nothing is wrong with the file: the browser keeps what it opens, and has no more room for it.
  if (error instanceof EnvelopeError && error.reason === "file_unreadable") return "file_no_room";
  return error instanceof Refused ? "file_missing" : "file_failed";
}

/** Whether the server has a file of the size that the record's file must have, sealed. */
function stands(attachment: Attachment, sealed: number | undefined): boolean {
  return sealed === sealedSize(paddedLength(attachment.size), 1);
}

/**
 * The files of one verified record. `sizes`: those that the server says it has for it. One that is missing, or fails when
 * it is opened, is shown as such in its place.
 */
export function fileList(
  seq: number,
  attachments: readonly Attachment[],
  sizes: readonly number[],
  texts: Texts,
  open: OpenFile,
): HTMLElement {
  function shown(attachment: Attachment, position: number): HTMLElement {
    const name = safeName(attachment.name);
    const size = sizeText(attachment.size, document.documentElement.lang);
    const state = element("p", { class: "file-state", role: "status" });
    const item = element("li", {}, nameAndSize(name, size));
    const failed = (text: string) => {
      state.textContent = say(texts, text);
      item.dataset["state"] = "failed";
    };

    async function save(button: HTMLButtonElement): Promise<void> {
      button.disabled = true;
      delete item.dataset["state"];
      state.textContent = say(texts, "file_opening");
      try {
        const opened = await open(seq, position, attachment);
        saveFile(opened, name);
        saved.add(opened);
        state.textContent = say(texts, "file_saved");
      } catch (error) {
        failed(fault(error));
      }
      button.disabled = false;
      // Turned off it lost the focus; whoever has gone on to something else meanwhile is left alone.
      if (document.activeElement === document.body) button.focus();
    }

    if (stands(attachment, sizes[position])) {
      const button = smallButton(say(texts, "file_save"), () => void save(button), name);
      item.append(button);
    } else {
      failed("file_missing");
    }
    item.append(state);
    return item;
  }
  return element("ul", { "aria-label": say(texts, "files"), class: "files" }, ...attachments.map(shown));
}
