// `node bundle.mjs OUT`: the interop calls as one script, minified and slimmed just as the pages' own scripts are.

import { fileURLToPath } from "node:url";
import { build } from "../../../frontend/node_modules/esbuild/lib/main.js";
import { lean } from "../../../frontend/lean.mjs";
import { wordlist } from "../../../frontend/wordlist.mjs";

await build({
  absWorkingDir: fileURLToPath(new URL("../../../frontend", import.meta.url)),
  bundle: true,
  entryPoints: ["test/interop.ts"],
  format: "iife",
  logLevel: "warning",
  minify: true,
  outfile: process.argv[2],
  plugins: [wordlist(), lean({ passphrases: true })],
  target: "es2022",
});
