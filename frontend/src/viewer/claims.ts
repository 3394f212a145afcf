/** What a file's name and type claim it to be, for a note where its bytes say otherwise. */
import type { Kind } from "./kind";

const BY_ENDING: Readonly<Record<string, Kind>> = {
  ...named("png", "png apng"),
  ...named("jpeg", "jpg jpeg jpe jfif"),
  ...named("gif", "gif"),
  ...named("webp", "webp"),
  ...named("pdf", "pdf"),
  ...named("text", "txt csv tsv log md ini eml"),
  ...named("markup", "html htm xhtml svg xml mht"),
  ...named("zip", "zip docx docm xlsx xlsm pptx pptm odt ods odp epub jar apk"),
  ...named("ole", "doc xls ppt msg msi"),
  ...named("program", "exe dll com scr sys"),
  ...named("media", "mp3 mp4 m4a m4v mov avi wav ogg oga ogv webm mkv flac heic heif avif"),
  ...named("other", "bmp tif tiff ico psd rar 7z gz iso lnk"),
};

const BY_TYPE: Readonly<Record<string, Kind>> = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/svg+xml": "markup",
  "image/heic": "media",
  "image/heif": "media",
  "image/avif": "media",
  "application/pdf": "pdf",
  "application/xhtml+xml": "markup",
  "application/xml": "markup",
  "application/zip": "zip",
  "text/html": "markup",
  "text/xml": "markup",
};
/** What one system names a file that another names otherwise: spreadsheets' programs claim plain tables. */
const SAYS_NOTHING: readonly string[] = ["", "application/octet-stream", "application/vnd.ms-excel"];

function named(kind: Kind, endings: string): Record<string, Kind> {
  return Object.fromEntries(endings.split(" ").map((one) => [one, kind]));
}

/** The ending of a file's name in lower case, without the dot; empty when it has none. */
export function endingOf(name: string): string {
  const at = name.lastIndexOf(".");
  return at <= 0 ? "" : name.slice(at + 1).toLowerCase();
}

function claims(name: string, type: string): { ending: Kind | undefined; type: Kind | undefined } {
  const family = type.split("/")[0] ?? "";
  const byFamily = { audio: "media", text: "text", video: "media" }[family] as Kind | undefined;
  return {
    ending: BY_ENDING[endingOf(name)],
    type: SAYS_NOTHING.includes(type) ? undefined : (BY_TYPE[type] ?? byFamily),
  };
}

/** Whether the name's ending or the type claims another kind than the bytes are. No claim is no lie. */
export function lies(name: string, type: string, kind: Kind): boolean {
  const claimed = claims(name, type);
  return [claimed.ending, claimed.type].some((claim) => claim !== undefined && claim !== kind);
}

/** Whether it is worth offering to show it before anybody has seen its bytes. */
export function mayShow(name: string, type: string): boolean {
  const claimed = claims(name, type);
  const shown: readonly (Kind | undefined)[] = ["png", "jpeg", "gif", "webp", "pdf", "text"];
  if (claimed.ending === undefined && claimed.type === undefined)
    return type === "" || !type.startsWith("application/");
  return shown.includes(claimed.ending) || shown.includes(claimed.type);
}
