// Takes out of a style sheet what no page can use: rules of govuk-frontend for classes that stand in no template and
// no script of ours. A page is held to 14 kB before its script, and a source's connection may be slow.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SOURCES = /\.(?:html|ts)$/;
const CLASS = /govuk-[\w-]+/g;
/** The modifier that templates put together with the name of a block (`tipportal/web/drawing.py`). */
const COMPOSED = /--error$/;

/** Every name of govuk-frontend's that stands in the files of these folders. */
function namesIn(folders) {
  const names = new Set();
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !SOURCES.test(entry.name)) continue;
      const text = readFileSync(join(entry.parentPath ?? entry.path, entry.name), "utf8");
      for (const [name] of text.matchAll(CLASS)) names.add(name);
    }
  }
  return names;
}

/** The place after the brace that closes the one before `at`. No text in our styles has a brace in it. */
function closing(css, at) {
  let depth = 1;
  let place = at;
  for (; depth > 0 && place < css.length; place += 1) {
    if (css[place] === "{") depth += 1;
    else if (css[place] === "}") depth -= 1;
  }
  return place;
}

/** Whether every class that a selector asks for is used; what stands in brackets may be unknown. */
function reachable(selector, used) {
  return (selector.replace(/:(?:not|is|where|has)\([^)]*\)/g, "").match(CLASS) ?? []).every(used);
}

/** Commas between selectors; those inside `:is(…)` and the like are not. */
const BETWEEN = /,(?![^(]*\))/;

function pruned(css, used) {
  let out = "";
  for (let at = 0; at < css.length; ) {
    const open = css.indexOf("{", at);
    if (open < 0) return out + css.slice(at);
    // Statements such as @charset end with a semicolon and stand before the rule.
    const start = Math.max(at, css.lastIndexOf(";", open) + 1);
    const head = css.slice(start, open);
    const end = closing(css, open + 1);
    const body = css.slice(open + 1, end - 1);
    out += css.slice(at, start);
    if (/^\s*@(?:media|supports)/.test(head)) {
      const kept = pruned(body, used);
      if (kept !== "") out += `${head}{${kept}}`;
    } else if (head.trimStart().startsWith("@")) {
      out += css.slice(start, end);
    } else {
      const kept = head.split(BETWEEN).filter((selector) => reachable(selector, used));
      if (kept.length > 0) out += `${kept.join(",")}{${body}}`;
    }
    at = end;
  }
  return out;
}

/** The style sheet without what the sources in `folders` never name. */
export function prune(css, folders) {
  const names = namesIn(folders);
  const used = (name) => names.has(name) || (COMPOSED.test(name) && names.has(name.replace(COMPOSED, "")));
  return pruned(css, used);
}
