// `node serve.mjs BUNDLE`: answers each line {"name","arguments"} on stdin with one line {"answer"} or {"error"}.

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { runInThisContext } from "node:vm";

runInThisContext(readFileSync(process.argv[2], "utf8"));
for await (const line of createInterface({ input: process.stdin })) {
  const { name, arguments: given } = JSON.parse(line);
  let reply;
  try {
    reply = { answer: await globalThis.interop[name](...given) };
  } catch (error) {
    reply = { error: error.reason ?? String(error) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
