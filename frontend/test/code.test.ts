import assert from "node:assert/strict";
import { pbkdf2Sync } from "node:crypto";
import { test } from "node:test";
import words from "virtual:wordlist";
import { recipientOf } from "../src/crypto/age";
import { hex, sha256Hex } from "../src/crypto/bytes";
import { deriveKeys, generateCode, readCode, wordsFrom } from "../src/crypto/code";
import { EnvelopeError } from "../src/crypto/errors";
import { hkdf, verificationKey } from "../src/crypto/keys";
import { INSTALLATION } from "./case";

const CODE = wordsFrom(
  Uint8Array.from({ length: 13 }, (_, at) => at * 19),
  9,
).join(" ");

test("the bits decide the words, eleven for each, big-endian", () => {
  assert.deepEqual(wordsFrom(new Uint8Array(13), 9), Array(9).fill(words[0]));
  assert.deepEqual(wordsFrom(new Uint8Array(13).fill(255), 9), Array(9).fill(words[2047]));
  // 00000000001 00000000010 and nothing after.
  const bits = Uint8Array.of(0, 0x20, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  assert.deepEqual(wordsFrom(bits, 9).slice(0, 3), [words[1], words[2], words[0]]);
  assert.throws(() => wordsFrom(new Uint8Array(12), 9), EnvelopeError);
});

test("a new code has nine words and is another every time", () => {
  const codes = Array.from({ length: 50 }, () => generateCode());
  for (const code of codes) assert.deepEqual(readCode(code), { ok: true, text: code });
  assert.equal(new Set(codes).size, codes.length);
});

test("a code is read as people write it", () => {
  const parts = CODE.split(" ");
  const written = [
    CODE.toUpperCase(),
    parts.join("-"),
    `  1. ${parts.join(",\n 2) ")}. `,
    parts.map((word) => word.slice(0, 4)).join(" "),
    parts.map((word) => word.slice(0, 5)).join("\u00a0"),
    // Full-width letters, as some keyboards give them.
    CODE.replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
  ];
  for (const one of written) assert.deepEqual(readCode(one), { ok: true, text: CODE }, one);
});

test("what is wrong with a code is told by number and place", () => {
  const parts = CODE.split(" ");
  assert.deepEqual(readCode(""), { count: 0, ok: false, unknown: [] });
  assert.deepEqual(readCode(parts.slice(1).join(" ")), { count: 8, ok: false, unknown: [] });
  assert.deepEqual(readCode([...parts, parts[0]].join(" ")), { count: 10, ok: false, unknown: [] });
  const wrong = [...parts];
  wrong[0] = "zzzz";
  wrong[4] += "xyz";
  wrong[8] = (parts[8] as string).slice(0, 3);
  assert.deepEqual(readCode(wrong.join(" ")), { count: 9, ok: false, unknown: [1, 5, 9] });
  assert.deepEqual(readCode("ord ".repeat(300)), { count: 0, ok: false, unknown: [] });
});

test("keys follow from code and installation", async () => {
  const keys = await deriveKeys(CODE, INSTALLATION);
  const salt = Buffer.concat([INSTALLATION, Buffer.from("/case-code/v1")]);
  const root = pbkdf2Sync(CODE, salt, 600_000, 32, "sha256");
  assert.equal(hex(keys.seed), hex(hkdf(root, "tipportal/v1/source/age")));
  assert.equal(hex(keys.recipient), hex(recipientOf(keys.seed)));
  assert.equal(hex(keys.verificationKey), hex(verificationKey(hkdf(root, "tipportal/v1/source/ed25519"))));
  assert.equal(keys.lookupDigest, sha256Hex(hkdf(root, "tipportal/v1/source/lookup")));
  assert.equal(keys.installation, hex(INSTALLATION));
});

test("only a canonical code reaches the key derivation", async () => {
  for (const code of [CODE.toUpperCase(), ` ${CODE}`, CODE.replace(" ", "  "), CODE.slice(0, -1), "", "lösenord"]) {
    await assert.rejects(deriveKeys(code, INSTALLATION), EnvelopeError);
  }
  await assert.rejects(deriveKeys(CODE, INSTALLATION.subarray(1)), EnvelopeError);
});
