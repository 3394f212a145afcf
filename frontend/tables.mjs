// Computes, in the bundle, the tables of numbers that two dependencies carry written out: random-looking digits do not
// compress, and a page is held to 56 kB. A table is replaced only if the rule gives exactly the numbers that stand there;
// a dependency that has changed stops the build.

import { readFileSync } from "node:fs";

/** Fractional parts of the cube roots of the first eighty primes, 64 bits each (FIPS 180-4, section 4.2.3). */
const SHA512_K = `(() => {
  const found = [];
  for (let p = 2n; found.length < 80; p++) {
    let d = 2n;
    while (p % d) d++;
    if (d < p) continue;
    let low = 1n << 64n, high = low << 3n;
    while (high - low > 1n) {
      const middle = (low + high) >> 1n;
      if (middle ** 3n > p << 192n) high = middle; else low = middle;
    }
    found.push(low & 0xffffffffffffffffn);
  }
  return found;
})()`;

/** Powers of 229 in GF(2^8) with x^8 + x^4 + x^3 + x + 1 (283), each the one before times 229, bit by bit. */
const POWERS = `(() => {
  const powers = new Uint8Array(256);
  let value = 1;
  for (let at = 0; at < 256; at++) {
    powers[at] = value;
    let product = 0;
    for (let bit = 128; bit; bit >>= 1) {
      product = (product << 1) ^ (product & 128 ? 283 : 0) ^ (229 & bit ? value : 0);
    }
    value = product;
  }
  return powers;
})()`;

/** Logarithms to that base; that of 0 is never used and stands as 0, that of 1 as 255, which is 0 modulo 255. */
const LOGARITHMS = `(() => {
  const logs = new Uint8Array(256);
  EXP_TABLE.forEach((value, at) => { logs[value] = at; });
  return logs;
})()`;

/** Give the numbers that stand in a piece of source, and that piece with others in their place. */
function replaced(source, name, pattern, rule, known = {}) {
  const written = source.match(pattern);
  if (written === null) throw new Error(`${name}: not found`);
  const numbers = written[0].match(/0x[0-9a-f]+/g).map(BigInt);
  const computed = [...new Function(...Object.keys(known), `return ${rule};`)(...Object.values(known))].map(BigInt);
  if (numbers.length !== computed.length || numbers.some((one, at) => one !== computed[at])) {
    throw new Error(`${name}: not what the rule gives`);
  }
  return { computed, text: source.replace(pattern, () => rule) };
}

function sha2(source) {
  const wide = replaced(source, "K512", /\[\s*(?:'0x[0-9a-f]{16}',?\s*){80}\]\.map\(n => BigInt\(n\)\)/, SHA512_K);
  // Both lists are of the same roots: the 32-bit words are the upper halves of the first 64.
  const halves = "SHA512_Kh.slice(0, 64)";
  const upper = wide.computed.map((word) => word >> 32n);
  const narrow = /Uint32Array\.from\(\[\s*(?:0x[0-9a-f]{8},?\s*){64}\]\)/;
  const { text } = replaced(wide.text, "SHA256_K", narrow, halves, { SHA512_Kh: upper });
  // Now SHA-256 reads what stands further down, so that has to be made first.
  const list = text.match(/^const K512 = [\s\S]*?^const SHA512_Kh = .*$/m);
  if (list === null) throw new Error("SHA512_Kh: not found");
  return text.replace(list[0], "").replace(/^const SHA256_K = /m, () => `${list[0]}\nconst SHA256_K = `);
}

function shamir(source) {
  const bytes = (name) =>
    new RegExp(`(?<=^const ${name} = )new Uint8Array\\(\\[\\s*(?:0x[0-9a-f]{2},?\\s*){256}\\]\\)`, "m");
  const powers = replaced(source, "EXP_TABLE", bytes("EXP_TABLE"), POWERS);
  const known = { EXP_TABLE: powers.computed.map(Number) };
  const { text } = replaced(powers.text, "LOG_TABLE", bytes("LOG_TABLE"), LOGARITHMS, known);
  const line = text.match(/^const LOG_TABLE = [\s\S]*?^\}\)\(\);\n/m);
  if (line === null) throw new Error("LOG_TABLE: not found");
  // The logarithms are read off the powers, which stand below them.
  return text.replace(line[0], "").replace(/^const EXP_TABLE = [\s\S]*?^\}\)\(\);\n/m, (made) => made + line[0]);
}

/** The esbuild plugin. */
export function tables() {
  return {
    name: "tables",
    setup(esbuild) {
      const computing = (filter, change) =>
        esbuild.onLoad({ filter }, (args) => ({ contents: change(readFileSync(args.path, "utf8")), loader: "js" }));
      computing(/@noble\/hashes\/sha2\.js$/, sha2);
      computing(/shamir-secret-sharing\/esm\/index\.js$/, shamir);
    },
  };
}
