import { byId, show } from "../handler/dom";
import { Unshown } from "./errors";
import { decodeText } from "./kind";

/** Show a text as text, whatever stands in it. Raises Unshown. */
export function showText(bytes: ArrayBuffer): void {
  const content = decodeText(new Uint8Array(bytes), true);
  if (content === null) throw new Unshown("no-text");
  const place = byId("text");
  place.textContent = content;
  show(true, place);
}
