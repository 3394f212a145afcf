// Builds scripts and styles into ../tipportal/static/dist, the same bytes every time.
//
//   src/entries/*.ts   → <name>-<hash>.js    one script per page kind
//   src/workers/*.ts   → <name>-<hash>.js    Web Workers
//   styles/*.scss      → <name>-<hash>.css   files that do not begin with _
//   manifest.json      logical name → { file, sri, bytes }
//
// `node build.mjs [--out DIR]`. A test bundle: `node build.mjs --tests DIR`.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import * as sass from "sass";
import { base, lean, terse } from "./lean.mjs";
import { pdf } from "./pdf.mjs";
import { prune } from "./prune.mjs";
import { tables } from "./tables.mjs";
import { wordlist } from "./wordlist.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = join(HERE, "..", "tipportal", "static", "dist");

/** Files of one ending directly in a folder, in an order that no file system decides. */
function sources(folder, ending) {
  const path = join(HERE, folder);
  const names = existsSync(path) ? readdirSync(path) : [];
  return names.filter((name) => name.endsWith(ending) && !name.startsWith("_")).sort();
}

/** Style sheets that are cut down to what these folders name, and the folders. */
const PRUNED = {
  "public.scss": ["../tipportal/public", "../tipportal/web", "src/public", "src/files"],
};

const COMMON = {
  absWorkingDir: HERE,
  bundle: true,
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
  target: "es2022",
  write: false,
};

/** Bundle one script for browsers; a warning is an error. */
async function script(folder, name) {
  const made = await build({
    ...COMMON,
    entryPoints: [join(folder, name)],
    format: "iife",
    minify: true,
    platform: "browser",
    plugins: [wordlist(), base(), tables(), lean({ passphrases: name.startsWith("handler") }), pdf(), terse()],
  });
  if (made.warnings.length > 0) throw new Error(`${name}: esbuild warned`);
  return made.outputFiles[0].contents;
}

/** Compile one style sheet. */
function style(name) {
  const made = sass.compile(join(HERE, "styles", name), {
    loadPaths: [join(HERE, "node_modules")],
    quietDeps: true,
    fatalDeprecations: [],
    style: "compressed",
  });
  const folders = PRUNED[name]?.map((folder) => join(HERE, folder));
  const css = folders === undefined ? made.css : prune(made.css, folders);
  return new TextEncoder().encode(`${css}\n`);
}

/** Everything that pages load, as [logical name, bytes]. */
async function assets() {
  const found = [];
  for (const folder of ["src/entries", "src/workers"]) {
    for (const name of sources(folder, ".ts")) {
      found.push([`${basename(name, ".ts")}.js`, await script(folder, name)]);
    }
  }
  for (const name of sources("styles", ".scss")) found.push([`${basename(name, ".scss")}.css`, style(name)]);
  return found;
}

/** Write the assets and the manifest that the server reads names and integrity values from. */
async function buildPages(out) {
  const made = await assets();
  const manifest = {};
  rmSync(out, { force: true, recursive: true });
  mkdirSync(out, { recursive: true });
  for (const [name, bytes] of made) {
    if (name in manifest) throw new Error(`two sources make ${name}`);
    const [stem, ending] = name.split(".");
    const file = `${stem}-${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}.${ending}`;
    const sri = `sha384-${createHash("sha384").update(bytes).digest("base64")}`;
    writeFileSync(join(out, file), bytes);
    manifest[name] = { bytes: bytes.length, file, sri };
  }
  writeFileSync(join(out, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Bundle test/*.test.ts for `node --test`: Node 20 cannot read TypeScript itself. */
async function buildTests(out) {
  rmSync(out, { force: true, recursive: true });
  for (const name of sources("test", ".test.ts")) {
    await build({
      ...COMMON,
      entryPoints: [join("test", name)],
      format: "esm",
      outfile: join(out, `${basename(name, ".ts")}.mjs`),
      // What the build changes in dependencies is tested as it is shipped.
      external: ["@scure/base", "cctv-age", "pdfjs-dist"],
      platform: "node",
      plugins: [wordlist(), base(), tables(), terse()],
      sourcemap: "inline",
      write: true,
    });
  }
}

const { values } = parseArgs({ options: { out: { type: "string" }, tests: { type: "string" } } });
await (values.tests === undefined ? buildPages(values.out ?? DIST) : buildTests(values.tests));
