import assert from "node:assert/strict";
import { test } from "node:test";
import { recipientHash, recipientOf } from "../src/crypto/age";
import { b64, fromB64, sha256Hex } from "../src/crypto/bytes";
import { EnvelopeError } from "../src/crypto/errors";
import { OfferRefusedError, openGenesis } from "../src/crypto/genesis";
import { GRANT_SIZE, openGrant, sealGrant } from "../src/crypto/grant";
import { dialogueSeed } from "../src/crypto/keys";
import { openRecord } from "../src/crypto/record";
import { readOffer } from "../src/crypto/submission";
import { SEALED_SHARE_SIZE } from "../src/crypto/trustee";
import { handler, offerJson, openCase, PANEL, REFERENCE, seedOf, sourceKeys, submit, WANTED } from "./case";

async function thrown(work: Promise<unknown>): Promise<EnvelopeError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof EnvelopeError, String(error));
    return error;
  }
  assert.fail("nothing was refused");
}

test("what is sent has exactly the members that the server takes", async () => {
  const keys = sourceKeys();
  const sent = await submit(keys);
  assert.deepEqual(Object.keys(sent).sort(), [
    "dialogue",
    "genesis",
    "grants",
    "records",
    "source",
    "ticket",
    "vault",
    "work",
  ]);
  assert.deepEqual(Object.keys(sent.source).sort(), ["lookup_digest", "recipient", "verification_key"]);
  assert.deepEqual(
    sent.records.map(({ stream, kind, epoch, seq }) => [stream, kind, epoch, seq]),
    [
      ["genesis", "genesis", 0, 0],
      ["dialogue", "report", 0, 0],
      ["work", "facts", 0, 0],
    ],
  );
  // The name that acts by two give the case: of the record, which the server cannot see.
  const beginning = await openRecord(fromB64(sent.records[0]?.file ?? ""), keys.seed, 2);
  assert.equal(sent.genesis, beginning.digest);
  const genesisDigest = sha256Hex(fromB64(sent.records[0]?.file ?? ""));
  assert.deepEqual(
    sent.records.map((record) => record.prev),
    ["0".repeat(64), genesisDigest, genesisDigest],
  );
  assert.deepEqual(
    sent.grants.map(({ holder, kind }) => [holder, kind]),
    [
      ["h1", "panel"],
      ["h2", "panel"],
      ["h3", "standby"],
      ["t1", "trustee_share"],
      ["t2", "trustee_share"],
      ["t3", "trustee_share"],
      ["source", "source"],
    ],
  );
  for (const { file, kind } of sent.grants) {
    assert.equal(fromB64(file).length, kind === "trustee_share" ? SEALED_SHARE_SIZE : GRANT_SIZE);
  }
});

test("neither the answers nor any secret stand in what is sent", async () => {
  const keys = sourceKeys();
  const sent = JSON.stringify(await submit(keys));
  for (const secret of [keys.seed, keys.signingSeed, keys.lookupToken]) assert.ok(!sent.includes(b64(secret)));
  assert.ok(!sent.includes("Fakturor") && !sent.includes("procurement") && !sent.includes("unit:works"));
});

test("source and panel read what was sent; the source has no key to the work stream", async () => {
  const opened = await openCase();
  const { keys } = opened;
  const { genesis } = opened.beginning;
  assert.equal(genesis.case, REFERENCE);
  assert.equal(genesis.source.recipient, recipientHash(keys.recipient));
  assert.deepEqual(
    genesis.members.map(({ id, role, recipient }) => [id, role, recipient]),
    PANEL.map((one) => [one.from, one.role, recipientHash(recipientOf(one.seed))]),
  );
  const work = opened.workKeys.get(0)?.seed as Uint8Array;
  const dialogue = opened.dialogueKeys.get(0)?.seed as Uint8Array;
  assert.deepEqual(dialogueSeed(work), dialogue);
  const report = await openRecord(opened.dialogueRows[0]?.file as Uint8Array, dialogue, 1);
  assert.deepEqual(report.body, { answers: WANTED.answers, form: "tip", language: "sv" });
  const facts = opened.workRows[0]?.file as Uint8Array;
  assert.deepEqual((await openRecord(facts, work, 1)).body, WANTED.facts);
  for (const seed of [dialogue, keys.seed]) await assert.rejects(openRecord(facts, seed, 1), { reason: "not_opened" });
});

test("the panel opens the beginning with the work seed", async () => {
  const opened = await openCase();
  const held = opened.workKeys.get(0);
  const sealedTo = { source: opened.keys.recipient, work: held?.work as Uint8Array };
  const expected = { case: REFERENCE, installation: opened.keys.installation };
  const again = await openGenesis(opened.genesisFile, held?.seed as Uint8Array, sealedTo, expected);
  assert.deepEqual(again, opened.beginning);
});

test("a beginning that somebody else made is refused", async () => {
  const opened = await openCase();
  const { installation, recipient, seed } = opened.keys;
  const other = sourceKeys("somebody else");
  // The server seals a whole case of its own to the source's recipient, and signs it with its own key.
  const forged = await submit({ ...other, recipient });
  const file = fromB64(forged.records[0]?.file ?? "");
  const sealedTo = { source: recipient, work: fromB64(forged.work) };
  const expected = { case: REFERENCE, installation };
  const held = await openGenesis(file, seed, sealedTo, expected);
  assert.equal(held.genesis.source.verification_key, b64(other.verificationKey));
  const own = { ...expected, source: opened.keys };
  assert.equal((await thrown(openGenesis(file, seed, sealedTo, own))).reason, "source");
});

test("a beginning of another case, installation, recipient or file is refused", async () => {
  const { genesisFile: file, keys, workKeys } = await openCase();
  const sealedTo = { source: keys.recipient, work: workKeys.get(0)?.work as Uint8Array };
  const expected = { case: REFERENCE, installation: keys.installation, source: keys };
  const elsewhere = { ...expected, installation: "0".repeat(32) };
  const stranger = recipientOf(seedOf("stranger"));
  assert.equal((await thrown(openGenesis(file, keys.seed, sealedTo, { ...expected, case: "X" }))).reason, "case");
  assert.equal((await thrown(openGenesis(file, keys.seed, sealedTo, elsewhere))).reason, "installation");
  const toOther = { ...sealedTo, work: stranger };
  assert.equal((await thrown(openGenesis(file, keys.seed, toOther, expected))).reason, "recipient");
  const report = (await openCase()).dialogueRows[0]?.file as Uint8Array;
  await assert.rejects(openGenesis(report, keys.seed, sealedTo, expected), EnvelopeError);
});

const OFFERS = [
  ["panel_too_small", [handler("h1", "panel", "legal"), handler("h3", "standby", "audit")]],
  ["panel_one_unit", [handler("h1", "panel", "legal"), handler("h2", "panel", "legal")]],
  ["members_repeat", [...PANEL, { ...handler("h9", "standby", "audit"), from: "h1" }]],
  ["keys_repeat", [...PANEL, { ...handler("h1", "standby", "audit"), from: "h4" }]],
  ["keys_repeat", [...PANEL, { ...handler("h4", "standby", "audit"), seed: seedOf("h1 age") }]],
  ["keys_repeat", [...PANEL, { ...handler("h4", "standby", "audit"), signingSeed: seedOf("h1 signing") }]],
  ["concerned", [...PANEL, handler("h4", "standby", "works")]],
] as const;
for (const [index, [fault, members]] of OFFERS.entries()) {
  test(`nothing is sealed to an offer with ${fault} (${index})`, async () => {
    const refused = await thrown(submit(sourceKeys(), WANTED, offerJson(members)));
    assert.ok(refused instanceof OfferRefusedError);
    assert.ok(refused.faults.includes(fault), refused.faults.join());
  });
}

test("a function that the report is about is refused as well", async () => {
  const wanted = { ...WANTED, facts: { ...WANTED.facts, concerns: ["function:tips"] } };
  assert.deepEqual(((await thrown(submit(sourceKeys(), wanted))) as OfferRefusedError).faults, ["concerned"]);
});

test("an offer for something else than was asked is refused", async () => {
  const elsewhere = { ...offerJson(), installation: "0".repeat(32) };
  assert.equal((await thrown(submit(sourceKeys(), { ...WANTED, organisation: "annan" }))).reason, "organisation");
  assert.equal((await thrown(submit(sourceKeys(), WANTED, elsewhere))).reason, "installation");
});

test("a malformed offer is refused, and trustees who would go without a share", () => {
  const first = (offerJson()["members"] as Record<string, unknown>[])[0];
  const wrong: Record<string, unknown>[] = [
    { trustees: [{ id: "t1" }] },
    { trustees: undefined },
    { members: [{ ...first, recipient: b64(new Uint8Array(32)) }] },
    // The neutral element: a signature under it fits any message.
    { members: [{ ...first, verification_key: b64(Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 1 : 0))) }] },
    { members: [{ ...first, id: "source" }] },
    { members: {} },
    { installation: "00" },
    { date: "i dag" },
    { ticket: "" },
    { policy_version: "3" },
    { organisation: "../x" },
  ];
  for (const one of wrong)
    assert.throws(() => readOffer({ ...offerJson(), ...one }), EnvelopeError, JSON.stringify(one));
  assert.throws(() => readOffer(null), EnvelopeError);
  assert.equal(readOffer({ ...offerJson(), added_later: true }).reference, REFERENCE);
});

test("a grant must hold the seed that the chain names", async () => {
  const holder = seedOf("holder");
  const seed = seedOf("epoch");
  const file = await sealGrant(seed, recipientOf(holder));
  assert.deepEqual(await openGrant(file, holder, recipientHash(recipientOf(seed))), seed);
  const foreign = recipientHash(recipientOf(seedOf("another epoch")));
  assert.equal((await thrown(openGrant(file, holder, foreign))).reason, "grant_seed");
  assert.equal((await thrown(openGrant(file.subarray(1), holder, foreign))).reason, "grant_size");
  assert.equal((await thrown(openGrant(file, seed, foreign))).reason, "not_opened");
  await assert.rejects(sealGrant(seed.subarray(1), recipientOf(holder)), EnvelopeError);
});
