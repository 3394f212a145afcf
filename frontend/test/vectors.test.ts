// The protocol's vectors, which the server's tests check as well: both languages make the same bytes.

import assert from "node:assert/strict";
import { test } from "node:test";
import words from "virtual:wordlist";
import acts from "../../tests/vectors/acts.json";
import json from "../../tests/vectors/canonical.json";
import caseCode from "../../tests/vectors/case-code.json";
import epochs from "../../tests/vectors/epochs.json";
import keys from "../../tests/vectors/keys.json";
import padding from "../../tests/vectors/padding.json";
import records from "../../tests/vectors/records.json";
import { actBytes, actSignedBy, payloadDigest, readAct, readPayload, signAct } from "../src/crypto/act";
import { recipientHash, recipientOf } from "../src/crypto/age";
import { b64, fromHex, fromUtf8, hex, sha256Hex, utf8 } from "../src/crypto/bytes";
import { canonical, parseCanonical } from "../src/crypto/canonical";
import { deriveKeys, readCode, wordsFrom } from "../src/crypto/code";
import { type Epoch, epochBody, epochBytes, proofBytes, readEpoch } from "../src/crypto/epoch";
import { EnvelopeError } from "../src/crypto/errors";
import { type Beginning, genesisBody, readGenesis } from "../src/crypto/genesis";
import { dialogueSeed, hkdf, requireKey, sign, verificationKey } from "../src/crypto/keys";
import { paddedLength } from "../src/crypto/padding";
import { type Header, readRecord, writeRecord } from "../src/crypto/record";

const bytes = (text: string) => fromHex(text, text.length / 2);

test("the word list is the server's", () => {
  assert.deepEqual([words[0], words.at(-1)], [caseCode.words.first, caseCode.words.last]);
  assert.equal(sha256Hex(utf8(words.join("\n"))), caseCode.words.sha256);
});

for (const { entropy, count, words: expected } of caseCode.from_entropy) {
  test(`${count} words from ${entropy.slice(0, 8)}…`, () => {
    assert.deepEqual(wordsFrom(bytes(entropy), count), expected);
  });
}

for (const expected of caseCode.derived) {
  test(`keys of "${expected.code.slice(0, 12)}…"`, async () => {
    const derived = await deriveKeys(expected.code, bytes(expected.installation));
    assert.equal(hex(derived.seed), expected.source_seed);
    assert.equal(recipientHash(derived.recipient), expected.source_recipient_hash);
    assert.equal(hex(derived.lookupToken), expected.lookup_token);
    assert.equal(derived.lookupDigest, expected.lookup_digest);
    assert.equal(hex(derived.signingSeed), expected.signing_seed);
    assert.equal(hex(derived.verificationKey), expected.verification_key);
  });
}

for (const expected of caseCode.typed as { raw: string; code?: string; count?: number; unknown?: number[] }[]) {
  test(`typed ${JSON.stringify(expected.raw.slice(0, 16))}`, () => {
    const { raw, code, ...wrong } = expected;
    assert.deepEqual(readCode(raw), code === undefined ? { ok: false, ...wrong } : { ok: true, text: code });
  });
}

test("derivations", () => {
  for (const { ikm, label, out } of keys.hkdf) assert.equal(hex(hkdf(bytes(ikm), label)), out, label);
  assert.equal(hex(dialogueSeed(bytes(keys.work_seed))), keys.dialogue_seed);
  assert.equal(hex(recipientOf(bytes(keys.work_seed))), keys.work_recipient);
  assert.equal(recipientHash(bytes(keys.work_recipient)), keys.work_recipient_hash);
  assert.equal(hex(verificationKey(bytes(keys.signing_seed))), keys.verification_key);
});

test("verification keys that nobody takes", () => {
  requireKey(bytes(keys.verification_key));
  for (const key of keys.refused_verification_keys) assert.throws(() => requireKey(bytes(key)), { reason: "key" }, key);
});

for (const [index, expected] of records.records.entries()) {
  test(`record ${index}`, () => {
    const header = parseCanonical(utf8(expected.header)) as unknown as Header;
    const plaintext = writeRecord(header, utf8(expected.body), bytes(expected.signing_seed));
    assert.equal(plaintext.length, expected.plaintext_length);
    assert.equal(sha256Hex(plaintext), expected.plaintext_sha256);
    const record = readRecord(plaintext);
    assert.deepEqual(record.header, header);
    assert.equal(record.digest, expected.digest);
    assert.ok(record.signedBy(bytes(expected.verification_key)));
    assert.equal(hex(plaintext.subarray(4 + utf8(expected.header).length).subarray(0, 64)), expected.signature);
    if (record.header.kind === "genesis") {
      assert.equal(fromUtf8(canonical(genesisBody(readGenesis(record.body)))), expected.body);
    }
  });
}

test("an epoch record", () => {
  const epoch: Epoch = readEpoch(parseCanonical(utf8(epochs.body)));
  assert.equal(fromUtf8(canonical(epochBody(epoch))), epochs.body);
  const beginning = { gen: epochs.gen, genesis: { case: epochs.case } } as Beginning;
  const agreed = epochBytes(beginning, epoch);
  assert.equal(hex(agreed), epochs.signed_bytes);
  assert.equal(epoch.previous, recipientHash(bytes(epochs.previous.work), bytes(epochs.previous.dialogue)));
  assert.equal(epoch.work, recipientHash(recipientOf(bytes(epochs.work_seed))));
  assert.equal(epoch.dialogue, recipientHash(recipientOf(dialogueSeed(bytes(epochs.work_seed)))));
  assert.equal(epoch.signatures[0]?.signature, epochs.signature);
  // h1's signing seed stands among the acts.
  assert.equal(b64(sign(agreed, bytes(acts.signing_seed))), epochs.signature);
  assert.equal(acts.verification_key, epochs.verification_key);
});

test("a source takes a code of its own", () => {
  const expected = epochs.own_code;
  const epoch: Epoch = readEpoch(parseCanonical(utf8(expected.body)));
  assert.equal(fromUtf8(canonical(epochBody(epoch))), expected.body);
  const beginning = { gen: epochs.gen, genesis: { case: epochs.case } } as Beginning;
  const { source } = epoch;
  assert.ok(source);
  assert.equal(source.recipient, expected.recipient_hash);
  const signed = proofBytes(beginning, epoch, source);
  assert.equal(hex(signed), expected.proof_bytes);
  assert.equal(b64(sign(signed, bytes(expected.signing_seed))), source.proof);
});

for (const expected of acts.acts) {
  const act = readAct(parseCanonical(utf8(expected.act)));
  test(`an act: ${act.kind}`, () => {
    const payload = readPayload(act.kind, parseCanonical(utf8(expected.payload)));
    assert.equal(payloadDigest(payload), act.payload);
    assert.equal(hex(actBytes(act)), expected.signed_bytes);
    const signature = signAct(act, bytes(acts.signing_seed));
    assert.equal(signature, b64(bytes(expected.signature)));
    assert.ok(actSignedBy(act, signature, b64(bytes(acts.verification_key))));
  });
}

test("padded lengths", () => {
  for (const [length, padded] of padding.padded) assert.equal(paddedLength(length as number), padded);
});

for (const text of json.taken) {
  test(`canonical: ${text}`, () => {
    assert.equal(fromUtf8(canonical(parseCanonical(utf8(text)))), text);
  });
}

for (const text of json.refused) {
  test(`not canonical: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseCanonical(utf8(text)), EnvelopeError);
  });
}
