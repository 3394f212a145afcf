import assert from "node:assert/strict";
import { test } from "node:test";
import { recipientHash, recipientOf, sealTo } from "../src/crypto/age";
import { concat, sha256Hex, u32, utf8 } from "../src/crypto/bytes";
import { canonical, type Json } from "../src/crypto/canonical";
import { EnvelopeError } from "../src/crypto/errors";
import { verificationKey } from "../src/crypto/keys";
import { pad } from "../src/crypto/padding";
import { type Header, openRecord, readRecord, sealRecord, writeRecord } from "../src/crypto/record";
import { seedOf } from "./case";
import { HI, KEY, MESSAGE, refusal, SIGNING, written } from "./written";

const SEED = seedOf("reader");
const RECIPIENT = recipientOf(SEED);
const HEADER: Header = {
  ...MESSAGE,
  recipient: recipientHash(RECIPIENT),
  len: HI.length,
  attachments: [],
};

test("a record comes back as it was written", () => {
  const plaintext = writeRecord(HEADER, HI, SIGNING);
  assert.deepEqual(plaintext, written(canonical({ ...HEADER })));
  const record = readRecord(plaintext);
  assert.deepEqual(record.header, HEADER);
  assert.deepEqual(record.body, { text: "Hej" });
  assert.equal(record.bodyDigest, sha256Hex(HI));
  assert.ok(record.signedBy(KEY));
  assert.ok(!record.signedBy(verificationKey(seedOf("somebody else"))));
  assert.ok(!record.signedBy(KEY.subarray(1)));
});

test("the digest is over header, signature and body, without the padding", () => {
  const plaintext = writeRecord(HEADER, HI, SIGNING);
  const head = canonical({ ...HEADER });
  assert.equal(readRecord(plaintext).digest, sha256Hex(plaintext.subarray(4, 4 + head.length + 64 + HI.length)));
});

const TAMPERED: readonly (readonly [keyof Header, Json])[] = [
  ["case", "SKG-0000-0000"],
  ["gen", "c".repeat(64)],
  ["stream", "work"],
  ["epoch", 1],
  ["kind", "feedback"],
  ["seq", 2],
  ["prev", "c".repeat(64)],
  ["recipient", "c".repeat(64)],
  ["from", "h1"],
  ["sealed_by", "server"],
  ["at", "2026-11-23"],
];
for (const [name, value] of TAMPERED) {
  test(`another ${name} does not carry the signature along`, () => {
    const plaintext = writeRecord(HEADER, HI, SIGNING);
    const signature = plaintext.subarray(4 + canonical({ ...HEADER }).length).subarray(0, 64);
    const kind = name === "stream" ? { kind: "note" } : {};
    const head = canonical({ ...HEADER, ...kind, [name]: value });
    const record = readRecord(pad(concat(u32(head.length), head, signature, HI)));
    assert.deepEqual(record.header[name], value);
    assert.ok(!record.signedBy(KEY));
  });
}

const MALFORMED: readonly (readonly [keyof Header | "more", Json, string])[] = [
  ["v", 2, "version"],
  ["v", "1", "version"],
  ["case", "", "value"],
  ["case", "två ord", "value"],
  ["case", 7, "value"],
  ["gen", "A".repeat(64), "value"],
  ["gen", "a".repeat(63), "value"],
  ["stream", "gossip", "value"],
  ["stream", "work", "kind"],
  ["epoch", -1, "value"],
  ["epoch", true, "value"],
  ["kind", "note", "kind"],
  ["seq", "1", "value"],
  ["seq", 2 ** 31, "value"],
  ["prev", "", "value"],
  ["recipient", null, "value"],
  ["from", "h0", "value"],
  ["from", "H1", "value"],
  ["from", "h1 ", "value"],
  ["from", "server", "value"],
  ["sealed_by", "proxy", "value"],
  ["at", "2026-02-30", "value"],
  ["at", "22 nov", "value"],
  ["len", HI.length + 1, "json"],
  ["len", HI.length - 1, "record_padding"],
  ["attachments", [{ name: "a" }], "members"],
  ["attachments", {}, "value"],
  ["more", 1, "members"],
];
for (const [name, value, reason] of MALFORMED) {
  test(`refused although signed: ${name} ${JSON.stringify(value).slice(0, 20)}`, () => {
    assert.equal(refusal(written(canonical({ ...HEADER, [name]: value }))), reason);
  });
}

test("a header that lacks a member is refused", () => {
  for (const name of Object.keys(HEADER)) {
    const { [name as keyof Header]: _, ...rest } = HEADER;
    assert.equal(refusal(written(canonical(rest))), "members", name);
  }
});

test("a header that is not canonical is refused", () => {
  assert.equal(refusal(written(utf8(JSON.stringify(HEADER)))), "not_canonical");
  assert.equal(refusal(written(utf8("{}"))), "members");
  assert.equal(refusal(written(utf8("[]"))), "value");
});

test("bytes that are no record are refused", () => {
  const plaintext = writeRecord(HEADER, HI, SIGNING);
  const changed = Uint8Array.from(plaintext);
  changed[changed.length - 1] = 1;
  assert.equal(refusal(changed), "record_padding");
  assert.equal(refusal(plaintext.subarray(0, 4095)), "record_padding");
  assert.equal(refusal(concat(plaintext, new Uint8Array(256))), "record_padding");
  assert.equal(refusal(new Uint8Array(0)), "record_truncated");
  assert.equal(refusal(new Uint8Array(3)), "record_truncated");
  assert.equal(refusal(new Uint8Array(4096)), "json");
  assert.equal(refusal(new Uint8Array(4096).fill(255)), "header_too_long");
  assert.equal(refusal(pad(u32(5000))), "record_truncated");
  assert.equal(refusal(written(canonical({ ...HEADER, len: 3 }), utf8("{ }"))), "not_canonical");
});

test("only the length that the header tells is written", () => {
  assert.throws(() => writeRecord({ ...HEADER, len: 1 }, HI, SIGNING), EnvelopeError);
});

test("what no reader would take is not sealed", async () => {
  const { v: _, recipient: __, sealed_by: ___, len: ____, attachments: _____, ...wanted } = HEADER;
  const seal = (change: Partial<Header>, body: Json) =>
    sealRecord({ ...wanted, ...change }, body, SIGNING, [RECIPIENT]);
  await assert.rejects(seal({}, {}), { reason: "members" });
  await assert.rejects(seal({}, { text: "\ud800" }), { reason: "json" });
  await assert.rejects(seal({}, { text: "a".repeat(1024 * 1024) }), { reason: "too_large" });
  await assert.rejects(seal({ from: "server" }, { text: "" }), { reason: "value" });
  await assert.rejects(seal({ kind: "note" }, { text: "" }), { reason: "kind" });
  const report = { answers: {}, form: "tip", language: "sv" };
  const wrong: Json[] = [
    { ...report, language: "svenska" },
    { ...report, form: "letter" },
    { ...report, answers: [] },
    { ...report, answers: { Who: "x" } },
    { ...report, answers: { who: 1 } },
    { ...report, answers: { who: ["x", 1] } },
    { ...report, answers: { who: Array(101).fill("x") } },
    { ...report, answers: Object.fromEntries(Array.from({ length: 65 }, (_one, at) => [`f${at}`, "x"])) },
  ];
  for (const body of wrong) await assert.rejects(seal({ kind: "report" }, body), EnvelopeError, JSON.stringify(body));
});

test("a sealed record opens for its recipients, and short texts have one size", async () => {
  const { v: _, recipient: __, sealed_by: ___, len: ____, attachments: _____, ...wanted } = HEADER;
  const sealed = await sealRecord(wanted, { text: "Hej" }, SIGNING, [RECIPIENT]);
  assert.deepEqual(sealed.header, HEADER);
  const opened = await openRecord(sealed.file, SEED, 1);
  assert.ok(opened.signedBy(KEY));
  assert.equal(opened.digest, sealed.digest);
  assert.equal(sealed.fileDigest, sha256Hex(sealed.file));
  const long = await sealRecord(wanted, { text: "Hej ".repeat(800) }, SIGNING, [RECIPIENT]);
  assert.equal(long.file.length, sealed.file.length);
});

test("a file sealed to more people than the place has is refused", async () => {
  const file = await sealTo(writeRecord(HEADER, HI, SIGNING), [RECIPIENT, recipientOf(seedOf("listener"))]);
  await assert.rejects(openRecord(file, SEED, 1), { reason: "recipients" });
});
