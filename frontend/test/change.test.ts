import assert from "node:assert/strict";
import { test } from "node:test";
import changes from "../../tests/vectors/changes.json";
import { actSignedBy } from "../src/crypto/act";
import { b64, fromHex, hex, utf8 } from "../src/crypto/bytes";
import { parseCanonical } from "../src/crypto/canonical";
import {
  CHANGE_KINDS,
  type ChangeAct,
  changeBytes,
  changePayloadDigest,
  changeSignedBy,
  readChange,
  signChange,
} from "../src/crypto/change";
import { EnvelopeError } from "../src/crypto/errors";

const bytes = (text: string) => fromHex(text, text.length / 2);
const FIRST = readChange(parseCanonical(utf8(changes.changes[0]?.act ?? "")));
const [SEED, OTHER] = changes.signing_seeds.map(bytes) as [Uint8Array, Uint8Array];
const [KEY, OTHER_KEY] = changes.verification_keys.map((key) => b64(bytes(key))) as [string, string];

test("vectors hold every kind", () => {
  assert.deepEqual(
    changes.changes.map(({ act }) => readChange(JSON.parse(act)).kind),
    CHANGE_KINDS,
  );
});

for (const expected of changes.changes) {
  const act = readChange(parseCanonical(utf8(expected.act)));
  test(`a change: ${act.kind}`, () => {
    assert.equal(hex(changeBytes(act)), expected.signed_bytes);
    assert.equal(changePayloadDigest(parseCanonical(utf8(expected.payload))), act.payload);
    const signed = [signChange(act, SEED), signChange(act, OTHER)];
    assert.deepEqual(
      signed,
      expected.signatures.map((signature) => b64(bytes(signature))),
    );
    assert.ok(changeSignedBy(act, signed[0] ?? "", KEY));
    assert.ok(changeSignedBy(act, signed[1] ?? "", OTHER_KEY));
    assert.ok(!changeSignedBy(act, signed[0] ?? "", OTHER_KEY));
  });
}

const CHANGES: Partial<ChangeAct>[] = [
  { installation: "f".repeat(32) },
  { kind: "policy" },
  { payload: "b".repeat(64) },
  { base: 8 },
  { expires: "2026-12-06T12:00:01Z" },
  { nonce: "f".repeat(32) },
];
for (const change of CHANGES) {
  test(`another ${Object.keys(change)[0]} is another change`, () => {
    assert.ok(!changeSignedBy({ ...FIRST, ...change }, signChange(FIRST, SEED), KEY));
  });
}

test("a change is no act of a case, and nothing malformed is signed", () => {
  const signature = signChange(FIRST, SEED);
  assert.ok(!actSignedBy(FIRST as never, signature, KEY));
  for (const wrong of ["", "inte base64", `${signature.slice(0, -4)}AA==`]) {
    assert.ok(!changeSignedBy(FIRST, wrong, KEY));
  }
});

test("changes are read strictly", () => {
  assert.deepEqual(readChange({ ...FIRST }), FIRST);
  const wrong: Record<string, unknown>[] = [
    { installation: "F".repeat(32) },
    { kind: "close" },
    { payload: "x" },
    { base: "7" },
    { base: -1 },
    { expires: "2026-02-30T12:00:00Z" },
    { expires: "2026-12-06" },
    { nonce: "0".repeat(31) },
    { more: 1 },
  ];
  for (const one of wrong) assert.throws(() => readChange({ ...FIRST, ...one }), EnvelopeError, JSON.stringify(one));
});
