import assert from "node:assert/strict";
import { test } from "node:test";
import { type Act, actBytes, actSignedBy, payloadDigest, readAct, readPayload, signAct } from "../src/crypto/act";
import { b64, fromUtf8, sha256Hex, utf8 } from "../src/crypto/bytes";
import { EnvelopeError } from "../src/crypto/errors";
import { verificationKey } from "../src/crypto/keys";
import { PANEL, REFERENCE } from "./case";

const [H1, H2] = PANEL;
const KEY = b64(verificationKey(H1.signingSeed));
const REASONS = "e".repeat(64);
const ACT: Act = {
  case: REFERENCE,
  genesis: "a".repeat(64),
  epoch: 2,
  kind: "close",
  payload: payloadDigest({ kind: "close", outcome: "unfounded", reasons: REASONS }),
  policy: 3,
  directory: 5,
  expires: "2026-12-01T12:00:00Z",
  nonce: "0".repeat(32),
};

test("what is signed stands under its own heading, canonical", () => {
  const text = fromUtf8(actBytes(ACT));
  assert.ok(text.startsWith(`tipportal/act/v1\0{"case":"${REFERENCE}","directory":5,"epoch":2,`));
  assert.ok(text.endsWith(',"policy":3}'));
});

test("payloads have the digest of their canonical form", () => {
  assert.equal(ACT.payload, sha256Hex(utf8(`{"outcome":"unfounded","reasons":"${REASONS}"}`)));
  const assess = { covered: true, ground: "eu_law_breach", kind: "assess", reasons: REASONS } as const;
  assert.equal(
    payloadDigest(assess),
    sha256Hex(utf8(`{"covered":true,"ground":"eu_law_breach","reasons":"${REASONS}"}`)),
  );
});

test("a signature counts for this act and this person only", () => {
  const signature = signAct(ACT, H1.signingSeed);
  assert.ok(actSignedBy(ACT, signature, KEY));
  assert.ok(!actSignedBy(ACT, signature, b64(verificationKey(H2.signingSeed))));
  assert.ok(!actSignedBy(ACT, `${signature.slice(0, -4)}AA==`, KEY));
  assert.ok(!actSignedBy(ACT, "inte base64", KEY));
  assert.ok(!actSignedBy(ACT, "", KEY));
});

const CHANGES: Partial<Act>[] = [
  { case: "SKG-0000" },
  { genesis: "b".repeat(64) },
  { epoch: 3 },
  { kind: "assess" },
  { payload: "b".repeat(64) },
  { policy: 4 },
  { directory: 6 },
  { expires: "2026-12-01T12:00:01Z" },
  { nonce: "f".repeat(32) },
];
for (const change of CHANGES) {
  test(`another ${Object.keys(change)[0]} is another act`, () => {
    assert.ok(!actSignedBy({ ...ACT, ...change }, signAct(ACT, H1.signingSeed), KEY));
  });
}

test("acts and payloads are read strictly", () => {
  assert.deepEqual(readAct({ ...ACT }), ACT);
  const wrong: Record<string, unknown>[] = [
    { kind: "dispose" },
    { payload: "x" },
    { nonce: "0".repeat(31) },
    { expires: "2026-12-01" },
    { expires: "2026-02-30T12:00:00Z" },
    { expires: "2026-12-01 T12:00:00Z" },
    { expires: "2026-12-01T24:00:00Z" },
    { epoch: "2" },
    { more: 1 },
  ];
  for (const one of wrong) assert.throws(() => readAct({ ...ACT, ...one }), EnvelopeError, JSON.stringify(one));
  const payload = { outcome: "confirmed", reasons: REASONS };
  assert.deepEqual(readPayload("close", payload), { kind: "close", ...payload });
  assert.throws(() => readPayload("close", { ...payload, outcome: "lost" }), EnvelopeError);
  assert.throws(() => readPayload("assess", payload), EnvelopeError);
  const assess = { covered: true, ground: "public_interest", reasons: REASONS };
  assert.deepEqual(readPayload("assess", assess), { kind: "assess", ...assess });
  for (const one of [{ covered: 1 }, { covered: false }, { ground: "too_vague" }, { ground: "" }])
    assert.throws(() => readPayload("assess", { ...assess, ...one }), EnvelopeError, JSON.stringify(one));
  assert.throws(() => readPayload("export", payload), EnvelopeError);
});
