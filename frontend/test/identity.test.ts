import assert from "node:assert/strict";
import { test } from "node:test";
import words from "virtual:wordlist";
import { Encrypter } from "age-encryption";
import { recipientOf, sealTo } from "../src/crypto/age";
import { concat, sha256, utf8 } from "../src/crypto/bytes";
import { readWords } from "../src/crypto/code";
import { EnvelopeError } from "../src/crypto/errors";
import {
  enrolmentProof,
  machinePassphrase,
  makeHandlerKeys,
  openIdentity,
  publicKeys,
  readPassphrase,
  sealIdentity,
  unwrapKeys,
  wrapKeys,
} from "../src/crypto/identity";
import { verificationKey, verifies } from "../src/crypto/keys";
import { seedOf } from "./case";

const KEYS = { age: seedOf("age"), signing: seedOf("signing") };
const PASSPHRASE = machinePassphrase((length) => seedOf("passphrase").subarray(0, length));
/** A small work factor, so that the tests take no time: the format is the same. */
const FAST = 4;

async function sealedUnder(
  passphrase: string,
  workFactor: number,
  plaintext: string | Uint8Array,
): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(workFactor);
  return encrypter.encrypt(plaintext);
}

test("a passphrase is seven words of the list, another every time", () => {
  assert.equal(readWords(PASSPHRASE, 7).ok, true);
  for (const word of PASSPHRASE.split(" ")) assert.ok(words.includes(word));
  assert.notEqual(machinePassphrase(), machinePassphrase());
  assert.deepEqual(readPassphrase(PASSPHRASE.split(" ").slice(1).join(" ")), { count: 6, ok: false, unknown: [] });
});

test("an identity file opens with the passphrase as it was made and as people type it", async () => {
  const file = await sealIdentity(KEYS, PASSPHRASE, FAST);
  assert.deepEqual(await openIdentity(file, PASSPHRASE), KEYS);
  assert.deepEqual(await openIdentity(file, ` ${PASSPHRASE.toUpperCase().replaceAll(" ", " - ")}`), KEYS);
});

test("the work factor that handlers' files get", async () => {
  const file = await sealIdentity(KEYS, PASSPHRASE);
  assert.match(
    new TextDecoder("latin1").decode(file.subarray(0, 100)),
    /^age-encryption.org\/v1\n-> scrypt \S{22} 16\n/,
  );
  assert.deepEqual(await openIdentity(file, PASSPHRASE), KEYS);
});

test("another passphrase, what is none, and damage are refused", async () => {
  const file = await sealIdentity(KEYS, PASSPHRASE, FAST);
  await assert.rejects(openIdentity(file, machinePassphrase()), { reason: "not_opened" });
  await assert.rejects(openIdentity(file, "sommar 2026"), { reason: "words" });
  await assert.rejects(sealIdentity(KEYS, "sommar 2026"), { reason: "words" });
  const damaged = Uint8Array.from(file);
  damaged[damaged.length - 1] = (damaged.at(-1) as number) ^ 1;
  await assert.rejects(openIdentity(damaged, PASSPHRASE), { reason: "not_opened" });
  await assert.rejects(openIdentity(file.subarray(0, 90), PASSPHRASE), EnvelopeError);
});

test("a work factor that would stop the browser is refused before it is tried", async () => {
  const file = await sealedUnder(PASSPHRASE, FAST, "");
  const header = new TextDecoder("latin1").decode(file);
  for (const factor of ["19", "30", "99"]) {
    const greedy = Uint8Array.from(header.replace(/ 4\n/, ` ${factor}\n`), (character) => character.charCodeAt(0));
    await assert.rejects(openIdentity(greedy, PASSPHRASE), { reason: "work_factor" });
  }
  await assert.rejects(sealIdentity(KEYS, PASSPHRASE, 19), { reason: "work_factor" });
});

test("only identity files are taken", async () => {
  const hybrid = await sealTo(utf8("{}"), [recipientOf(KEYS.age)]);
  await assert.rejects(openIdentity(hybrid, PASSPHRASE), { reason: "stanza_kind" });
  for (const content of ["{}", "", '{"age":"AA==","signing":"AA=="}', '{"signing":1,"age":2}']) {
    await assert.rejects(
      openIdentity(await sealedUnder(PASSPHRASE, FAST, content), PASSPHRASE),
      EnvelopeError,
      content,
    );
  }
});

test("the proof at enrolment binds token, recipient and signing key", () => {
  const proof = enrolmentProof(KEYS, "token");
  const shown = publicKeys(KEYS);
  assert.deepEqual(shown, { recipient: recipientOf(KEYS.age), verificationKey: verificationKey(KEYS.signing) });
  const message = concat(utf8("tipportal/enrol/v1\0"), sha256(utf8("token")), shown.recipient);
  assert.ok(verifies(proof, message, shown.verificationKey));
  assert.notDeepEqual(enrolmentProof(KEYS, "other"), proof);
});

test("unlocked keys are kept only wrapped, and come back only with the session's key", async () => {
  const key = seedOf("storage");
  const wrapped = await wrapKeys(KEYS, key);
  assert.deepEqual(await unwrapKeys(wrapped, key), KEYS);
  assert.notDeepEqual(await wrapKeys(KEYS, key), wrapped);
  await assert.rejects(unwrapKeys(wrapped, seedOf("another session")), { reason: "not_opened" });
  for (const at of [0, 12, wrapped.length - 1]) {
    const changed = Uint8Array.from(wrapped);
    changed[at] = (changed[at] as number) ^ 1;
    await assert.rejects(unwrapKeys(changed, key), { reason: "not_opened" });
  }
  await assert.rejects(unwrapKeys(wrapped.subarray(0, 20), key), EnvelopeError);
  await assert.rejects(unwrapKeys(new Uint8Array(0), key), EnvelopeError);
  await assert.rejects(wrapKeys(KEYS, key.subarray(1)), EnvelopeError);
});

test("new keys are new", () => {
  const keys = makeHandlerKeys();
  assert.equal(keys.age.length, 32);
  assert.equal(keys.signing.length, 32);
  assert.notDeepEqual(keys.age, keys.signing);
  assert.notDeepEqual(makeHandlerKeys().age, keys.age);
});
