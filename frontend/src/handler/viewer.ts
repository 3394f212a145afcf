/** The frame around a file that somebody sent: made for one file, handed it once, and gone when it is closed. */

import type { Handed } from "../viewer/message";
import { text } from "./dom";
import { ACTIVE } from "./locking";

/** Put the frame into `place` and hand it what to show. `closed`: its reader wants out of it. Gives what takes it away. */
export function frameOf(
  address: string,
  place: HTMLElement,
  name: string,
  handed: Handed,
  closed: () => void,
): () => void {
  const frame = document.createElement("iframe");
  let left: Handed | null = handed;
  const hear = ({ data, origin, source }: MessageEvent): void => {
    // Without an origin of its own, and nobody else's window.
    if (source !== frame.contentWindow || origin !== "null") return;
    if (data === "close") closed();
    // Whoever reads in the frame is at work; what is done in it cannot be seen from here.
    if (data === "active") document.dispatchEvent(new Event(ACTIVE));
    if (data !== "ready" || left === null) return;
    const { bytes } = left;
    // To nobody in particular, since the frame has no origin to name. It can have gone nowhere: its policy forbids it.
    frame.contentWindow?.postMessage(left, "*", [bytes]);
    left = null;
  };
  frame.className = "shown-file__frame";
  frame.setAttribute("sandbox", "allow-scripts");
  frame.referrerPolicy = "no-referrer";
  frame.title = text("viewer-title", { name });
  frame.src = address;
  addEventListener("message", hear);
  place.replaceChildren(frame);
  place.hidden = false;
  return () => {
    removeEventListener("message", hear);
    left = null;
    frame.remove();
    place.hidden = true;
  };
}
