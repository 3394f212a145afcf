// Base64 and bech32 that age gets from us, held against the package that it names.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as named from "@scure/base";
import { base64nopad, bech32 } from "../src/crypto/base";
import { EnvelopeError } from "../src/crypto/errors";

/** The same bytes every time: a linear congruence. */
function bytes(length: number): Uint8Array<ArrayBuffer> {
  let state = length + 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 24;
  });
}

const LENGTHS = [...Array(40).keys(), 1120, 1216];

test("every length is written and read as the package does", () => {
  for (const length of LENGTHS) {
    const raw = bytes(length);
    const plain = base64nopad.encode(raw);
    assert.equal(plain, named.base64nopad.encode(raw));
    assert.deepEqual(base64nopad.decode(plain), raw);
    const text = bech32.encode("age1pq", bech32.toWords(raw), false);
    assert.equal(text, named.bech32.encode("age1pq", named.bech32.toWords(raw), false));
    for (const written of [text, text.toUpperCase()]) {
      assert.deepEqual(bech32.decodeToBytes(written), { bytes: raw, prefix: "age1pq" });
    }
  }
});

test("an identity in capitals is read as the package reads it", () => {
  const identity = bech32.encodeFromBytes("AGE-SECRET-KEY-PQ-", bytes(32)).toUpperCase();
  const { bytes: raw, prefix } = named.bech32.decodeToBytes(identity);
  assert.deepEqual(bech32.decodeToBytes(identity), { bytes: raw, prefix });
});

test("whatever the package refuses is refused", () => {
  const good = bech32.encodeFromBytes("age", bytes(32));
  const swapped = [...good].map((_, at) => {
    const other = good[at] === "q" ? "p" : "q";
    return good.slice(0, at) + other + good.slice(at + 1);
  });
  // Spare bits that are not zero, and a whole spare group: right in its checksum, wrong in its length.
  const spare = [[1], [0, 0, 1], [0, 0, 0], [31, 31, 31]].map((words) => named.bech32.encode("age", words));
  const odd = [
    good.slice(0, -1),
    `${good}q`,
    good.replace("a", "A"),
    good.replace("age1", "1"),
    "age1",
    "",
    "å1qqqqqq",
  ];
  for (const text of [...swapped, ...spare, ...odd]) {
    if (text === good) continue;
    assert.throws(() => named.bech32.decodeToBytes(text));
    assert.throws(() => bech32.decodeToBytes(text), EnvelopeError);
  }
  for (const text of ["=", "AA==", "A", "AB", "AAAAA", "AA A", "AA\n", "A-_A", "AAA=", "ÅÄÖA"]) {
    assert.throws(() => named.base64nopad.decode(text));
    assert.throws(() => base64nopad.decode(text), EnvelopeError);
  }
});
