import assert from "node:assert/strict";
import { test } from "node:test";
import vectors from "../../tests/vectors/check-phrase.json";
import { recipientOf } from "../src/crypto/age";
import { fromHex } from "../src/crypto/bytes";
import { checkPhrase, readCheckPhrase } from "../src/crypto/checkphrase";
import { verificationKey } from "../src/crypto/keys";

for (const { age, phrase, signing } of vectors.check_phrases) {
  test(`check phrase "${phrase.slice(0, 12)}…"`, () => {
    assert.equal(checkPhrase(recipientOf(fromHex(age, 32)), verificationKey(fromHex(signing, 32))), phrase);
    const typed = phrase
      .split(" ")
      .map((word) => word.slice(0, 4).toUpperCase())
      .join(" · ");
    assert.deepEqual(readCheckPhrase(typed), { ok: true, text: phrase });
  });
}

test("a check phrase has six words", () => {
  assert.deepEqual(readCheckPhrase("fem"), { count: 1, ok: false, unknown: [1] });
});
