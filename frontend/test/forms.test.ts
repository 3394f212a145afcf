// Bytes, canonical JSON and padding: the forms that everything sealed has.

import assert from "node:assert/strict";
import { test } from "node:test";
import { b64, b64url, fromB64, fromHex, fromUtf8, hex, u32, utf8 } from "../src/crypto/bytes";
import { canonical, type Json, parseCanonical } from "../src/crypto/canonical";
import { EnvelopeError } from "../src/crypto/errors";
import { pad, paddedLength, unpad } from "../src/crypto/padding";
import * as shape from "../src/crypto/shape";

test("base64 both ways, also for more bytes than one call takes", () => {
  const bytes = Uint8Array.from({ length: 100_001 }, (_, at) => (at * 31) % 256);
  assert.deepEqual(fromB64(b64(bytes)), bytes);
  assert.equal(b64(utf8("hej?>")), "aGVqPz4=");
  assert.equal(b64url(Uint8Array.of(0xfb, 0xff, 0xfe, 0)), "-__-AA");
  assert.equal(hex(u32(0x01020304)), "01020304");
});

for (const text of ["aGVq\n", " aGVq", "aGV", "aGU", "aGV=", "aGW=", "aG-q", "aGVq====", "å", "a"]) {
  test(`base64 refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => fromB64(text), EnvelopeError);
  });
}

test("hex is lower case and of the length asked for", () => {
  assert.deepEqual(fromHex("00ff", 2), Uint8Array.of(0, 255));
  for (const text of ["00FF", "00f", "00ff00", "0x00", "00fg"]) assert.throws(() => fromHex(text, 2), EnvelopeError);
});

test("UTF-8 is strict", () => {
  assert.equal(fromUtf8(utf8("å\u{1f333}")), "å\u{1f333}");
  assert.throws(() => fromUtf8(Uint8Array.of(0xc0, 0x80)), EnvelopeError);
});

test("canonical JSON: sorted, tight, strings as ECMAScript writes them", () => {
  const value: Json = { b: [1, true, null, -5], a: { z: '\u0007\u2028"\\/å', y: "" }, A: 0 };
  const bytes = canonical(value);
  assert.equal(fromUtf8(bytes), '{"A":0,"a":{"y":"","z":"\\u0007\u2028\\"\\\\/å"},"b":[1,true,null,-5]}');
  assert.deepEqual(parseCanonical(bytes), value);
});

for (const value of [1.5, 2 ** 53, Number.NaN, { å: 1 }, { "": 1 }, "\ud800", "a\udc00", [["\udfff"]]] as Json[]) {
  test(`canonical JSON refuses ${JSON.stringify(value)}`, () => {
    assert.throws(() => canonical(value), EnvelopeError);
  });
}

const FOREIGN = [
  '{"a":1,"a":1}',
  '{"a": 1}',
  '{"b":1,"a":1}',
  '{"a":1}\n',
  "1.0",
  "1e2",
  "-0",
  "9007199254740993",
  '"\\u00e5"',
  '"\\/"',
  '"\\ud800"',
  "\ufeff1",
  "",
  "nul",
  "[".repeat(18) + "]".repeat(18),
  "[".repeat(100_000),
];
for (const text of FOREIGN) {
  test(`reading canonical JSON refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
    assert.throws(() => parseCanonical(utf8(text)), EnvelopeError);
  });
}

test("a key named __proto__ is a key like others", () => {
  const value = parseCanonical(utf8('{"__proto__":{"v":1}}'));
  assert.throws(() => shape.exactly(value, "v"), EnvelopeError);
  assert.throws(() => shape.including(value, "v"), EnvelopeError);
});

test("padding: 4,096 at least, then Padmé", () => {
  // Expected lengths worked out by hand from the paper: E = ⌊log₂ L⌋, S = ⌊log₂ E⌋ + 1, the low E − S bits rounded up.
  const lengths = [
    [0, 4096],
    [4096, 4096],
    [4097, 4352],
    [4352, 4352],
    [4353, 4608],
    [9000, 9216],
    [65_536, 65_536],
    [65_537, 67_584],
    [1_000_000, 1_015_808],
    [5_242_880, 5_242_880],
    [5_242_881, 5_373_952],
  ] as const;
  for (const [length, padded] of lengths) assert.equal(paddedLength(length), padded, String(length));
});

test("padding costs at most 12 % and can be taken off again", () => {
  for (let length = 4097; length < 3_000_000; length = Math.floor(length * 1.01) + 1) {
    const padded = paddedLength(length);
    assert.ok(padded >= length && padded <= length * 1.12);
    assert.equal(paddedLength(padded), padded);
  }
  const content = utf8("å".repeat(3000));
  assert.deepEqual(unpad(pad(content), content.length), content);
});

test("other padding is refused", () => {
  const padded = pad(utf8("text"));
  assert.throws(() => unpad(padded.subarray(0, 4095), 4), EnvelopeError);
  assert.throws(() => unpad(padded, 3), EnvelopeError);
  padded[4095] = 1;
  assert.throws(() => unpad(padded, 4), EnvelopeError);
});

test("dates exist", () => {
  assert.equal(shape.date("2028-02-29"), "2028-02-29");
  for (const day of ["2026-02-29", "2026-13-01", "2026-1-01", "2026-01-32", "0000-01-01", "x", 5, null]) {
    assert.throws(() => shape.date(day), EnvelopeError);
  }
});
