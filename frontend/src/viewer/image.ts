/** A picture, drawn anew: what stands on the page are pixels, never the file that somebody sent. */
import { byId, show, text } from "../handler/dom";
import { bounded, type Dimensions, sizeOf } from "./dimensions";
import { Unshown } from "./errors";
import type { ImageKind } from "./kind";

/** The longest side that is drawn, in pixels: more than a screen shows, and little enough to keep. */
const MOST_DRAWN = 4096;

function drawnSize({ height, width }: Dimensions): Dimensions {
  const scale = Math.min(1, MOST_DRAWN / Math.max(width, height));
  return { height: Math.max(1, Math.round(height * scale)), width: Math.max(1, Math.round(width * scale)) };
}

async function decode(bytes: ArrayBuffer, kind: ImageKind): Promise<ImageBitmap> {
  const size = sizeOf(new Uint8Array(bytes), kind);
  if (size === null) throw new Unshown("damaged");
  if (!bounded(size)) throw new Unshown("too-many-pixels");
  let bitmap: ImageBitmap;
  try {
    // The type is what the bytes say. Of one that moves this is its first picture.
    bitmap = await createImageBitmap(new Blob([bytes], { type: `image/${kind}` }));
  } catch {
    // The browser's own message helps nobody: what it can't decode is damaged for whoever looks.
    throw new Unshown("damaged");
  }
  if (!bounded(bitmap)) throw new Unshown("too-many-pixels");
  return bitmap;
}

/** Blurred until somebody asks for it: nobody must see what they were not ready for. */
function blurring(canvas: HTMLCanvasElement): void {
  const button = byId("reveal", HTMLButtonElement);
  const set = (blurred: boolean): void => {
    canvas.dataset["blurred"] = String(blurred);
    button.textContent = text(blurred ? "reveal" : "blur");
    canvas.setAttribute("aria-label", text(blurred ? "picture-blurred" : "picture"));
  };
  const turn = (): void => set(canvas.dataset["blurred"] !== "true");
  button.addEventListener("click", turn);
  canvas.addEventListener("click", turn);
  set(true);
}

/** Decode, draw and show. Raises Unshown. */
export async function showImage(bytes: ArrayBuffer, kind: ImageKind): Promise<void> {
  const bitmap = await decode(bytes, kind);
  const canvas = byId("picture", HTMLCanvasElement);
  Object.assign(canvas, drawnSize(bitmap));
  blurring(canvas);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  show(true, byId("image"));
}
