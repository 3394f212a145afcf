// The age project's own conformance vectors (C2SP CCTV). First through the library exactly as it is bundled, then,
// those that concern hybrid keys, through the wrapper that this product uses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { bech32 } from "@scure/base";
import { armor, Decrypter } from "age-encryption";
import * as cctv from "cctv-age";
import { inspect, openWith } from "../src/crypto/age";
import { sha256Hex } from "../src/crypto/bytes";
import { EnvelopeError } from "../src/crypto/errors";

interface Vector {
  readonly name: string;
  readonly expect: string;
  readonly payload: string | undefined;
  readonly identities: readonly string[];
  readonly passphrases: readonly string[];
  readonly armored: boolean;
  readonly file: Uint8Array;
}

function parse(name: string, bytes: Uint8Array): Vector {
  const end = bytes.findIndex((byte, at) => byte === 10 && bytes[at + 1] === 10);
  const lines = new TextDecoder().decode(bytes.subarray(0, end)).split("\n");
  const all = (key: string) => {
    const found = lines.filter((line) => line.startsWith(`${key}: `));
    return found.map((line) => line.slice(key.length + 2));
  };
  const body = bytes.subarray(end + 2);
  return {
    name,
    expect: all("expect")[0] ?? "",
    payload: all("payload")[0],
    identities: all("identity"),
    passphrases: all("passphrase"),
    armored: all("armored")[0] === "yes",
    file: all("compressed")[0] === "zlib" ? new Uint8Array(inflateSync(body)) : body,
  };
}

const VECTORS = Object.entries(cctv as unknown as Record<string, Uint8Array>)
  .filter(([, bytes]) => bytes instanceof Uint8Array)
  .map(([name, bytes]) => parse(name, bytes));

/** Decrypt as a stream: what was released before the end or an error, and whether the end was reached. */
async function decrypt(vector: Vector): Promise<{ released: Uint8Array; ended: boolean }> {
  const parts: Uint8Array[] = [];
  let ended = false;
  try {
    const file = vector.armored ? armor.decode(new TextDecoder().decode(vector.file)) : vector.file;
    const decrypter = new Decrypter();
    for (const passphrase of vector.passphrases) decrypter.addPassphrase(passphrase);
    for (const identity of vector.identities) decrypter.addIdentity(identity);
    const reader = (await decrypter.decrypt(new Blob([file as Uint8Array<ArrayBuffer>]).stream())).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value);
    ended = true;
  } catch {
    // The vectors tell kinds of failure apart that the library does not.
  }
  return { ended, released: Buffer.concat(parts) };
}

// A full chunk that fails: the reference implementation tries it once more with the other value of the last-chunk flag
// and releases it before it fails. This library releases only what came before. Less of a broken file, never more; and
// the wrapper releases nothing of it at all.
const RELEASES_LESS = new Set([
  "armor_garbage_encoded",
  "stream_no_final_full",
  "stream_no_final_two_chunks_full",
  "stream_trailing_garbage_long",
  "stream_trailing_garbage_short",
  "stream_two_final_chunks",
  "stream_two_final_chunks_full",
  "stream_two_final_chunks_second",
]);

test("there are 143 vectors", () => {
  assert.equal(VECTORS.length, 143);
});

for (const vector of VECTORS) {
  test(`library: ${vector.name} (${vector.expect})`, async () => {
    const { ended, released } = await decrypt(vector);
    assert.equal(ended, vector.expect === "success");
    if (vector.payload === undefined) assert.equal(released.length, 0);
    else assert.equal(sha256Hex(released) === vector.payload, !RELEASES_LESS.has(vector.name));
  });
}

/** The seed of `AGE-SECRET-KEY-PQ-1…`, if the vector's only identity is one. */
function hybridSeed(vector: Vector): Uint8Array | undefined {
  const [identity] = vector.identities;
  const hybrid = vector.identities.length === 1 && identity?.startsWith("AGE-SECRET-KEY-PQ-1");
  return hybrid ? bech32.decodeToBytes(identity as string).bytes : undefined;
}

/** Whether every stanza is hybrid: the others the wrapper refuses, whatever age itself makes of them. */
function onlyHybrid(file: Uint8Array): boolean {
  const stanzas = new TextDecoder("latin1").decode(file).match(/^-> .*$/gm) ?? [];
  return stanzas.length > 0 && stanzas.every((line) => line.startsWith("-> mlkem768x25519 "));
}

const HYBRID = VECTORS.filter((vector) => hybridSeed(vector) !== undefined);

test("some vectors concern hybrid keys", () => {
  assert.ok(HYBRID.length >= 10);
  assert.ok(HYBRID.some((vector) => vector.expect === "success" && onlyHybrid(vector.file)));
});

for (const vector of HYBRID) {
  const opens = vector.expect === "success" && onlyHybrid(vector.file);
  test(`wrapper: ${vector.name} (${opens ? "opens" : "refused"})`, async () => {
    const seed = hybridSeed(vector) as Uint8Array;
    if (opens) assert.equal(sha256Hex(await openWith(vector.file, seed)), vector.payload);
    else await assert.rejects(openWith(vector.file, seed), EnvelopeError);
  });
}

for (const vector of VECTORS.filter((one) => hybridSeed(one) === undefined)) {
  test(`wrapper: ${vector.name} (of another kind)`, () => {
    assert.throws(() => inspect(vector.file), EnvelopeError);
  });
}
