/** What a file is, judged by its bytes alone. Names and types are the sender's word and decide nothing here. */

export const IMAGES = ["png", "jpeg", "gif", "webp"] as const;
export type ImageKind = (typeof IMAGES)[number];
/** Kinds that the viewer draws; everything else can only be saved. */
export const SHOWN = [...IMAGES, "pdf", "text"] as const;
export type ShownKind = (typeof SHOWN)[number];
export type Kind = ShownKind | "markup" | "zip" | "ole" | "program" | "media" | "other";

/** Larger ones are saved instead: a PDF is read whole and a text is laid out whole. Bytes. */
export const MOST_BYTES: Readonly<Record<ShownKind, number>> = {
  png: 64 * 2 ** 20,
  jpeg: 64 * 2 ** 20,
  gif: 64 * 2 ** 20,
  webp: 64 * 2 ** 20,
  pdf: 64 * 2 ** 20,
  text: 2 * 2 ** 20,
};
/** Enough of the beginning to tell every kind but text, which is judged as far as this goes. */
export const BEGINNING = 64 * 1024;

const SIGNATURES: readonly (readonly [Kind, number, string])[] = [
  ["png", 0, "\x89PNG\r\n\x1a\n"],
  ["jpeg", 0, "\xff\xd8\xff"],
  ["gif", 0, "GIF87a"],
  ["gif", 0, "GIF89a"],
  ["pdf", 0, "%PDF-"],
  ["zip", 0, "PK\x03\x04"],
  ["zip", 0, "PK\x05\x06"],
  ["ole", 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"],
  ["program", 0, "MZ"],
  ["program", 0, "\x7fELF"],
  ["program", 0, "\xcf\xfa\xed\xfe"],
  ["program", 0, "#!"],
  ["media", 4, "ftyp"],
  ["media", 0, "ID3"],
  ["media", 0, "OggS"],
  ["media", 0, "fLaC"],
  ["media", 0, "\x1a\x45\xdf\xa3"],
];

function has(bytes: Uint8Array, at: number, text: string): boolean {
  return bytes.length >= at + text.length && [...text].every((one, index) => bytes[at + index] === one.charCodeAt(0));
}

function riff(bytes: Uint8Array): Kind | null {
  if (!has(bytes, 0, "RIFF")) return null;
  return has(bytes, 8, "WEBP") ? "webp" : "media";
}

/** The text of the bytes: UTF-8, UTF-16 with its mark, else Windows' western letters. Null when it is no text. */
export function decodeText(bytes: Uint8Array, whole: boolean): string | null {
  const text = decoded(bytes, whole);
  // Control characters other than tab, line feed, form feed and carriage return stand in no text.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text === null || /[\0-\x08\x0b\x0e-\x1f\x7f]/.test(text) ? null : text;
}

function decoded(bytes: Uint8Array, whole: boolean): string | null {
  for (const [mark, encoding] of [
    ["\xff\xfe", "utf-16le"],
    ["\xfe\xff", "utf-16be"],
  ] as const) {
    if (has(bytes, 0, mark)) return strictly(bytes, encoding, whole);
  }
  return strictly(bytes, "utf-8", whole) ?? strictly(bytes, "windows-1252", whole);
}

function strictly(bytes: Uint8Array, encoding: string, whole: boolean): string | null {
  try {
    // A beginning may end in the middle of a letter.
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: !whole });
  } catch {
    return null;
  }
}

/** Judge a file by its first `BEGINNING` bytes, or by all of them where `whole`. */
export function kindOf(bytes: Uint8Array, whole: boolean): Kind {
  const signed = SIGNATURES.find(([, at, text]) => has(bytes, at, text));
  const known = riff(bytes) ?? signed?.[0];
  if (known !== undefined) return known;
  const text = decodeText(bytes, whole);
  if (text === null || text.length === 0) return "other";
  // A page, a drawing or any other mark-up: text too, but a browser that opens it would run what stands in it.
  return /^\s*</.test(text) ? "markup" : "text";
}

export function isShown(kind: Kind): kind is ShownKind {
  return (SHOWN as readonly Kind[]).includes(kind);
}

export function isImage(kind: Kind): kind is ImageKind {
  return (IMAGES as readonly Kind[]).includes(kind);
}
