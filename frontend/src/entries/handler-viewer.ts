/**
 * The frame in which a file is shown. Its page has no origin: it can reach neither the portal's page around it nor
 * anything that the portal keeps, load nothing and go nowhere. It takes one message and shows what came with it.
 */
import { byId, painted, say, text } from "../handler/dom";
import { Unshown } from "../viewer/errors";
import { showImage } from "../viewer/image";
import { isImage, kindOf } from "../viewer/kind";
import { type Handed, readHanded, type Said } from "../viewer/message";
import { showPdf } from "../viewer/pdf";
import { showText } from "../viewer/text";

const status = byId("status");

function tell(said: Said): void {
  parent.postMessage(said, location.origin);
}

async function present({ bytes, kind }: Handed): Promise<void> {
  // Judged once more where it is shown: the page around could be mistaken.
  if (kindOf(new Uint8Array(bytes), true) !== kind) throw new Unshown("damaged");
  if (isImage(kind)) await showImage(bytes, kind);
  else if (kind === "pdf") await showPdf(bytes);
  else showText(bytes);
}

async function hear(event: MessageEvent): Promise<void> {
  if (event.source !== parent || event.origin !== location.origin) return;
  const handed = readHanded(event.data);
  if (handed === null) return;
  removeEventListener("message", hear);
  say(status, text("opening"));
  await painted();
  try {
    await present(handed);
    if (status.textContent === text("opening")) say(status, "");
    document.documentElement.dataset["shown"] = handed.kind;
  } catch (error) {
    say(status, text(error instanceof Unshown ? error.reason : "damaged"), "bad");
    document.documentElement.dataset["shown"] = "failed";
  }
}

/** So often, in milliseconds, the page around is told that somebody reads here. */
const TOLD_MS = 10_000;
let told = 0;

function active({ timeStamp }: Event): void {
  if (told !== 0 && timeStamp - told < TOLD_MS) return;
  told = timeStamp;
  tell("active");
}

addEventListener("message", hear);
for (const kind of ["keydown", "pointerdown", "wheel"]) addEventListener(kind, active, { passive: true });
addEventListener("keydown", ({ key }) => {
  if (key === "Escape") tell("close");
});
tell("ready");
