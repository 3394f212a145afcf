// Fits pdf.js into one bundle that loads nothing: what it would import from an address while it runs is put in.

import { readFileSync } from "node:fs";

const IMPORTED = /await import\(\s*(?:\/\*[^*]*\*\/\s*)*path\)/g;

/** Give `text` with every match replaced; a package that has changed its shape stops the build. */
function replaced(text, pattern, by) {
  if (!pattern.test(text)) throw new Error(`pdf.js: ${pattern} not found`);
  pattern.lastIndex = 0;
  return text.replace(pattern, by);
}

/** The esbuild plugin. */
export function pdf() {
  return {
    name: "pdf",
    setup(esbuild) {
      // Pictures in JPEG 2000 are decoded by JavaScript: WebAssembly would ask for a policy that allows it.
      esbuild.onLoad({ filter: /pdfjs-dist\/legacy\/build\/pdf\.worker\.mjs$/ }, (args) => {
        const source = readFileSync(args.path, "utf8");
        const decoder = 'await import("pdfjs-dist/wasm/openjpeg_nowasm_fallback.js")';
        return { contents: replaced(source, IMPORTED, decoder), loader: "js" };
      });
      // It looks beside itself for a file that it then does not fetch.
      esbuild.onLoad({ filter: /pdfjs-dist\/wasm\/openjpeg_nowasm_fallback\.js$/ }, (args) => {
        const source = readFileSync(args.path, "utf8");
        return { contents: replaced(source, /import\.meta\.url/g, '""'), loader: "js" };
      });
    },
  };
}
