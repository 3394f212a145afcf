/** The size of an image as its header tells it, read before anything decodes it: a small file may hold a huge picture. */
import type { ImageKind } from "./kind";

/** 50 million pixels are 200 MB once decoded. */
const MOST_PIXELS = 50_000_000;
const MOST_SIDE = 30_000;

/** Width and height in pixels. */
export interface Dimensions {
  readonly width: number;
  readonly height: number;
}

function pngSize(view: DataView): Dimensions {
  return { height: view.getUint32(20), width: view.getUint32(16) };
}

/** The screen of a GIF or its first picture, whichever is larger: browsers take the larger too. */
function gifSize(view: DataView): Dimensions {
  let width = view.getUint16(6, true);
  let height = view.getUint16(8, true);
  const flags = view.getUint8(10);
  let at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  while (view.getUint8(at) === 0x21) {
    at += 2;
    while (view.getUint8(at) !== 0) at += view.getUint8(at) + 1;
    at += 1;
  }
  if (view.getUint8(at) === 0x2c) {
    width = Math.max(width, view.getUint16(at + 1, true) + view.getUint16(at + 5, true));
    height = Math.max(height, view.getUint16(at + 3, true) + view.getUint16(at + 7, true));
  }
  return { height, width };
}

/** The first frame header (SOF) of a JPEG; what stands before it, thumbnails too, is stepped over by its length. */
function jpegSize(view: DataView): Dimensions {
  let at = 2;
  for (;;) {
    while (view.getUint8(at) !== 0xff) at += 1;
    while (view.getUint8(at) === 0xff) at += 1;
    const marker = view.getUint8(at);
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (frame) return { height: view.getUint16(at + 4), width: view.getUint16(at + 6) };
    const bare = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += bare ? 1 : 1 + view.getUint16(at + 1);
  }
}

function webpSize(view: DataView): Dimensions {
  const chunk = view.getUint32(12);
  if (chunk === 0x56503858) {
    const three = (at: number) => 1 + (view.getUint16(at, true) | (view.getUint8(at + 2) << 16));
    return { height: three(27), width: three(24) };
  }
  if (chunk === 0x5650384c) {
    const bits = view.getUint32(21, true);
    return { height: 1 + ((bits >>> 14) & 0x3fff), width: 1 + (bits & 0x3fff) };
  }
  return { height: view.getUint16(28, true) & 0x3fff, width: view.getUint16(26, true) & 0x3fff };
}

const READERS = { gif: gifSize, jpeg: jpegSize, png: pngSize, webp: webpSize };

/** What the header of a whole image file tells, or null when it tells nothing. */
export function sizeOf(bytes: Uint8Array, kind: ImageKind): Dimensions | null {
  try {
    return READERS[kind](new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    // Beyond the end of what is there.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Whether a picture of this size may be decoded. */
export function bounded({ height, width }: Dimensions): boolean {
  return width > 0 && height > 0 && width <= MOST_SIDE && height <= MOST_SIDE && width * height <= MOST_PIXELS;
}
