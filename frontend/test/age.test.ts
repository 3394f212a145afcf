import assert from "node:assert/strict";
import { test } from "node:test";
import { Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import {
  fromBech32,
  inspect,
  MAX_RECIPIENTS,
  openWith,
  RECIPIENT_SIZE,
  recipientOf,
  sealedSize,
  sealTo,
  toBech32,
} from "../src/crypto/age";
import { concat, utf8 } from "../src/crypto/bytes";
import { EnvelopeError } from "../src/crypto/errors";
import { seedOf } from "./case";

const SEEDS = ["one", "two", "three"].map(seedOf);
const RECIPIENTS = SEEDS.map((seed) => recipientOf(seed));
const [SEED, OTHER] = SEEDS as [Uint8Array, Uint8Array];
const [RECIPIENT] = RECIPIENTS as [Uint8Array];

async function reason(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof EnvelopeError, String(error));
    return error.reason;
  }
  return "none";
}

for (const length of [0, 1, 65_535, 65_536, 65_537, 131_072]) {
  test(`${length} bytes come back, for each recipient, in a file of the expected size`, async () => {
    const plaintext = Uint8Array.from({ length }, (_, at) => at % 251);
    const file = await sealTo(plaintext, RECIPIENTS);
    assert.equal(file.length, sealedSize(length, 3));
    assert.deepEqual(inspect(file), { length, recipients: 3 });
    for (const seed of SEEDS) assert.deepEqual(await openWith(file, seed), plaintext);
  });
}

test("nobody, somebody twice, too many and what is no key are refused", async () => {
  const plaintext = utf8("text");
  const many = Array.from({ length: MAX_RECIPIENTS + 1 }, () => RECIPIENT);
  assert.equal(await reason(sealTo(plaintext, [])), "recipients_none");
  assert.equal(await reason(sealTo(plaintext, [RECIPIENT, RECIPIENT])), "recipients_duplicate");
  assert.equal(await reason(sealTo(plaintext, many)), "recipients_too_many");
  assert.equal(await reason(sealTo(plaintext, [RECIPIENT.subarray(1)])), "recipient_length");
  assert.equal(await reason(sealTo(plaintext, [concat(RECIPIENT, new Uint8Array(1))])), "recipient_length");
  assert.equal(await reason(sealTo(plaintext, [new Uint8Array(32)])), "recipient_length");
});

test("keys that are not reduced or of low order are refused", async () => {
  // 3,329 in the first coefficient, the smallest that is not reduced; then the greatest in the last one.
  const unreduced = Uint8Array.from(RECIPIENT);
  unreduced.set([0x01, ((RECIPIENT[1] as number) & 0xf0) | 0x0d]);
  const greatest = Uint8Array.from(RECIPIENT);
  greatest.set([(RECIPIENT[1150] as number) | 0xf0, 0xff], 1150);
  const low = Uint8Array.from(RECIPIENT).fill(0, RECIPIENT_SIZE - 32);
  assert.equal(await reason(sealTo(utf8("text"), [unreduced])), "recipient_key");
  assert.equal(await reason(sealTo(utf8("text"), [greatest])), "recipient_key");
  assert.equal(await reason(sealTo(utf8("text"), [low])), "recipient_key");
});

test("another identity does not open", async () => {
  const file = await sealTo(utf8("text"), [RECIPIENT]);
  assert.equal(await reason(openWith(file, OTHER)), "not_opened");
  assert.equal(await reason(openWith(file, SEED.subarray(1))), "identity_length");
});

test("every byte of a file matters", async () => {
  const file = await sealTo(utf8("text"), [RECIPIENT]);
  for (let at = 0; at < file.length; at += at < 1500 && at > 100 ? 53 : 1) {
    const changed = Uint8Array.from(file);
    changed[at] = (changed[at] as number) ^ 1;
    assert.notEqual(await reason(openWith(changed, SEED)), "none", `byte ${at}`);
  }
});

test("cut and extended files are refused", async () => {
  const file = await sealTo(new Uint8Array(65_537), [RECIPIENT]);
  for (const end of [0, 10, 22, 1000, 1579, 1626, 1643, 1643 + 15, file.length - 1, file.length - 17]) {
    assert.notEqual(await reason(openWith(file.subarray(0, end), SEED)), "none", `up to ${end}`);
  }
  assert.notEqual(await reason(openWith(concat(file, new Uint8Array(1)), SEED)), "none");
  assert.notEqual(await reason(openWith(concat(file, new Uint8Array(17)), SEED)), "none");
});

test("files for other kinds of keys are refused, alone and beside a hybrid key", async () => {
  const classic = await identityToRecipient(await generateX25519Identity());
  const passphrase = new Encrypter();
  passphrase.setPassphrase("seven words would stand here in real life");
  passphrase.setScryptWorkFactor(1);
  const mixed = new Encrypter();
  mixed.addRecipient(toBech32(RECIPIENT));
  mixed.addRecipient(classic);
  assert.equal(await reason(openWith(await mixed.encrypt("text"), SEED)), "stanza_kind");
  assert.equal(await reason(openWith(await passphrase.encrypt("text"), SEED)), "stanza_kind");
});

test("recipients as bech32, both ways and strictly", () => {
  const text = toBech32(RECIPIENT);
  assert.equal(text.length, 1959);
  assert.deepEqual(fromBech32(text), RECIPIENT);
  const changed = `${text.slice(0, 50)}${text[50] === "q" ? "p" : "q"}${text.slice(51)}`;
  for (const wrong of [
    text.toUpperCase(),
    changed,
    text.slice(0, -1),
    `${text}q`,
    "age1pq1",
    "",
    "AGE-SECRET-KEY-PQ-1",
  ]) {
    assert.throws(() => fromBech32(wrong), EnvelopeError);
  }
});
