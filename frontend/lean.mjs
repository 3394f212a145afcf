// Leaves out of the bundles what this product never uses of age: classic X25519 and P-256 recipients everywhere, and
// passphrases (scrypt) where only a source's side runs.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NEVER = ["HybridTagRecipient", "TagRecipient", "X25519Identity", "X25519Recipient"];
const PASSPHRASE = ["ScryptIdentity", "ScryptRecipient"];
const ALWAYS = ["HybridIdentity", "HybridRecipient", "generateHybridIdentity", "identityToRecipient"];
const GENERATORS = ["generateIdentity", "generateX25519Identity"];

/**
 * What age-encryption's entry gets in place of its recipients module. A type that is left out throws when somebody
 * makes one: a file can never be sealed to, or opened by, something weaker than intended.
 */
function recipients(passphrases) {
  const kept = passphrases ? [...ALWAYS, ...PASSPHRASE] : ALWAYS;
  const dropped = passphrases ? NEVER : [...NEVER, ...PASSPHRASE];
  return [
    `export { ${kept.join(", ")} } from "./recipients.js";`,
    'class Left { constructor() { throw new Error("this kind of age key is not supported"); } }',
    'const left = () => { throw new Error("this kind of age key is not supported"); };',
    `export { ${dropped.map((name) => `Left as ${name}`).join(", ")} };`,
    `export { ${GENERATORS.map((name) => `left as ${name}`).join(", ")} };`,
  ].join("\n");
}

/** What is thrown with a text of its own, whole or with one value after it. */
const TOLD = /new ((?:Range|Type)?Error)\((?:"[^"\\\n]*"|'[^'\\\n]*'|`[^`$\\\n]*`)(?: \+ [\w.]+)?\)/g;

/**
 * The esbuild plugin that leaves out what dependencies say when they refuse: nobody is shown it (`refusing` in
 * `src/crypto/errors.ts`), and it is a thirtieth of a page. That they refuse, and with what kind of error, stays.
 */
export function terse() {
  return {
    name: "terse",
    setup(esbuild) {
      esbuild.onLoad({ filter: /node_modules\/(?:@noble|age-encryption)\/.*\.js$/ }, (args) => ({
        contents: spare(args.path),
        loader: "js",
      }));
    },
  };
}

function spare(path) {
  return readFileSync(path, "utf8").replace(TOLD, "new $1()");
}

const BASE = join(dirname(fileURLToPath(import.meta.url)), "src", "crypto", "base.ts");

/** The esbuild plugin that gives age our own base64 and bech32: the package that it names brings every other base too. */
export function base() {
  return {
    name: "base",
    setup(esbuild) {
      esbuild.onResolve({ filter: /^@scure\/base$/ }, (args) =>
        /age-encryption\/dist\//.test(args.importer) ? { path: BASE } : null,
      );
    },
  };
}

/** The esbuild plugin. `passphrases`: keep scrypt, for handlers' identities. */
export function lean({ passphrases }) {
  return {
    name: "lean",
    setup(esbuild) {
      esbuild.onResolve({ filter: /^\.\/recipients\.js$/ }, (args) => {
        if (!/age-encryption\/dist\/index\.js$/.test(args.importer)) return null;
        return { namespace: "lean", path: "recipients", pluginData: dirname(args.importer), sideEffects: false };
      });
      esbuild.onLoad({ filter: /.*/, namespace: "lean" }, (args) => ({
        contents: recipients(passphrases),
        loader: "js",
        resolveDir: args.pluginData,
      }));
      // The age package does not declare that its modules do nothing on import. They do nothing: they define.
      esbuild.onResolve({ filter: /^age-encryption$/ }, async (args) => {
        if (args.pluginData === "lean") return null;
        const found = await esbuild.resolve(args.path, {
          importer: args.importer,
          kind: args.kind,
          pluginData: "lean",
          resolveDir: args.resolveDir,
        });
        return { ...found, sideEffects: false };
      });
      // Every hybrid of the package is built on import, P-256 and P-384 ones too. What builds them only computes the
      // object it returns, so one that nothing uses may go; the one that is used stays exactly as it is.
      esbuild.onLoad({ filter: /@noble\/post-quantum\/(hybrid|ml-kem)\.js$/ }, (args) => {
        const source = readFileSync(args.path, "utf8");
        const builders = /^(?:export )?function (?:QSF|combineKEMS|concreteHybridKem|createKitchenSink|ecdhKem)\(/gm;
        const spread = /^(export const ml_kem(?:512|1024) = )\/\* @__PURE__ \*\/ (createKyber\(\{[^}]*\}\));$/gm;
        const contents = source
          .replace(builders, (head) => `/* @__NO_SIDE_EFFECTS__ */ ${head}`)
          .replace(spread, "$1/* @__PURE__ */ (() => $2)();");
        return { contents, loader: "js" };
      });
    },
  };
}
