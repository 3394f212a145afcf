// `import words from "virtual:wordlist"`: the words of case codes, from the one list that the server reads too.

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const LIST = join(dirname(fileURLToPath(import.meta.url)), "..", "tipportal", "envelope", "wordlist.txt");

/** Each word as how many letters it shares with the one before, then the rest: about two thirds of the bytes. */
export function pack(words) {
  let before = "";
  let packed = "";
  for (const word of words) {
    let shared = 0;
    while (shared < Math.min(before.length, 9) && before[shared] === word[shared]) shared += 1;
    packed += shared + word.slice(shared);
    before = word;
  }
  return packed;
}

/** What the bundle runs to get the words back. */
const UNPACK = `let b="";export default PACKED.match(/\\d\\D*/g).map((w)=>(b=b.slice(0,w[0])+w.slice(1)));`;

/** The esbuild plugin. */
export function wordlist() {
  return {
    name: "wordlist",
    setup(esbuild) {
      esbuild.onResolve({ filter: /^virtual:wordlist$/ }, () => ({ namespace: "wordlist", path: "wordlist" }));
      esbuild.onLoad({ filter: /.*/, namespace: "wordlist" }, () => {
        if (!existsSync(LIST)) return { errors: [{ text: "tipportal/envelope/wordlist.txt is missing" }] };
        const words = readFileSync(LIST, "utf8").trim().split(/\s+/);
        if (words.some((word) => !/^[a-z]+$/.test(word))) return { errors: [{ text: "a word is not a–z" }] };
        return { contents: UNPACK.replace("PACKED", JSON.stringify(pack(words))), loader: "js" };
      });
    },
  };
}
