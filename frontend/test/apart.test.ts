// What only some of a case's readers may read: sealed to them alone, and bound to what it is about.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect, sealTo } from "../src/crypto/age";
import { openApart, openConcern, openPadded, sealConcern } from "../src/crypto/apart";
import { concat, sha256Hex, u32 } from "../src/crypto/bytes";
import { canonical } from "../src/crypto/canonical";
import { EnvelopeError } from "../src/crypto/errors";
import { pad } from "../src/crypto/padding";
import { offered, PANEL, REFERENCE } from "./case";

const [H1, H2, H3] = PANEL;
const CONCERN = { case: REFERENCE, member: "h2", text: "Hon är gift med utställaren \u{1f333}" };
const DECIDERS = [offered(H1).recipient, offered(H3).recipient];

async function refusal(act: Promise<unknown>): Promise<string> {
  try {
    await act;
  } catch (error) {
    assert.ok(error instanceof EnvelopeError, String(error));
    return error.reason;
  }
  return "none";
}

test("those who decide read the reason, and whom it is about does not", async () => {
  const { digest, file } = await sealConcern(CONCERN, DECIDERS);
  const expected = { case: REFERENCE, digest, member: "h2" };
  assert.equal(inspect(file).recipients, 2);
  for (const decider of [H1, H3]) assert.equal(await openConcern(file, decider.seed, expected), CONCERN.text);
  assert.notEqual(await refusal(openConcern(file, H2.seed, expected)), "none");
});

test("a reason belongs to one case, one member and one act", async () => {
  const { digest, file } = await sealConcern(CONCERN, DECIDERS);
  const expected = { case: REFERENCE, digest, member: "h2" };
  const open = (change: Partial<typeof expected>) => refusal(openConcern(file, H1.seed, { ...expected, ...change }));
  assert.equal(await open({}), "none");
  assert.equal(await open({ member: "h3" }), "reasons");
  assert.equal(await open({ case: "SKG-0000-0000" }), "reasons");
  assert.equal(await open({ digest: sha256Hex(new Uint8Array(1)) }), "reasons");
});

test("a length that is not there, other padding and other members are refused", async () => {
  const body = canonical({ v: 1 });
  const sealed = (plain: Uint8Array) => sealTo(plain, [offered(H1).recipient]);
  assert.deepEqual(await openApart(await sealed(pad(concat(u32(body.length), body))), H1.seed), { v: 1 });
  assert.equal(await refusal(openApart(await sealed(pad(u32(9000))), H1.seed)), "record_truncated");
  assert.equal(await refusal(openApart(await sealed(u32(0)), H1.seed)), "record_truncated");
  assert.equal(await refusal(openApart(await sealed(concat(u32(body.length), body)), H1.seed)), "record_padding");
  assert.deepEqual(await openPadded(await sealed(pad(body)), H1.seed), { v: 1 });
  const file = await sealed(pad(concat(u32(body.length), body)));
  const about = { case: REFERENCE, digest: sha256Hex(file), member: "h2" };
  assert.equal(await refusal(openConcern(file, H1.seed, about)), "members");
});
