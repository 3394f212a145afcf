/** Papers are typed one after the other on one page: what each adds to it. */
import { byId, text } from "../handler/dom";
import type { Papers } from "./papers";

/**
 * Take what stands in the field as one more paper: wiped from it, its holder listed as present.
 *
 * Gives what to say while more are missing, null when there are enough.
 *
 * @throws Unusable for what is no paper of theirs, with words
 */
export function takePaper(papers: Papers, typed: HTMLTextAreaElement): string | null {
  const { name } = papers.add(typed.value);
  typed.value = "";
  const line = document.createElement("li");
  line.textContent = name;
  byId("present").append(line);
  return papers.missing > 0 ? text("paper-taken", { count: papers.missing, name }) : null;
}
