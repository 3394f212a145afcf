const MAX_NAME = 150;
const MAX_EXTENSION = 16;
const NAMELESS = "fil";
// Control, format, surrogate, line and paragraph: nothing that shows, and what turns a name round or breaks it. The
// joiner that makes one emoji of several stays.
const DROPPED = /(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const DEVICE = /^(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])$/;
const EDGES = /^[ .]+|[ .]+$/g;

function shortened(name: string): string {
  // Characters, not the halves of some that a string's length counts.
  const characters = [...name];
  if (characters.length <= MAX_NAME) return name;
  const dot = characters.lastIndexOf(".");
  const extension = characters.slice(dot + 1);
  if (dot > 0 && extension.length > 0 && extension.length <= MAX_EXTENSION) {
    const stem = characters.slice(0, dot).slice(0, MAX_NAME - 1 - extension.length);
    return `${stem.join("")}.${extension.join("")}`;
  }
  return characters.slice(0, MAX_NAME).join("").replace(EDGES, "");
}

/**
 * A name that can be shown and saved anywhere, from whatever a stranger's system called the file: no folders, no
 * invisible or turning characters, nothing that Windows keeps for itself, at most 150 characters with a short extension
 * kept; never empty. Letters of every language and emoji stay. Safe names stay as they are.
 *
 * The server's `domain.files.safe_name` does the same; `tests/vectors/names.json` holds both to it.
 */
export function safeName(name: string): string {
  const last = name.normalize("NFC").replaceAll("\\", "/").split("/").at(-1) as string;
  const kept = last
    .replace(DROPPED, "")
    .replace(/\p{Zs}+/gu, " ")
    .replace(/[<>:"|?*]/g, "_");
  // What was dropped may have stood between a letter and its accent.
  const clean = kept.normalize("NFC").replace(EDGES, "");
  const device = DEVICE.test((clean.split(".")[0] as string).replace(/ +$/, "").toUpperCase());
  return shortened(device ? `_${clean}` : clean) || NAMELESS;
}
