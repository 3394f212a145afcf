import assert from "node:assert/strict";
import { test } from "node:test";
import { recipientOf } from "../src/crypto/age";
import { b64, fromB64, sha256Hex } from "../src/crypto/bytes";
import { type EpochKeys, epochsAgree, type Row, readStream } from "../src/crypto/chain";
import type { SourceKeys } from "../src/crypto/code";
import { writeText } from "../src/crypto/dialogue";
import {
  checkEpoch,
  type Epoch,
  epochBody,
  epochBytes,
  firstEpoch,
  makeEpoch,
  proofBytes,
  readEpoch,
} from "../src/crypto/epoch";
import { named } from "../src/crypto/genesis";
import { openGrant } from "../src/crypto/grant";
import { sign, verificationKey } from "../src/crypto/keys";
import {
  type Handler,
  handler,
  type Opened,
  offered,
  openCase,
  PANEL,
  seedOf,
  sourceKeys,
  THRESHOLD,
  TRUSTEES,
  verdicts,
} from "./case";

const [H1, H2, H3] = PANEL;
const NEW = handler("h4", "panel", "parks");
const PROMOTED: Handler = { ...H3, role: "panel" };
const SOURCE = { from: "source", signingSeed: sourceKeys().signingSeed };

/** The epoch that somebody makes next, with the streams as they stand after it. */
async function next(
  opened: Opened,
  members: readonly Handler[],
  author: { from: string; signingSeed: Uint8Array },
  own?: SourceKeys,
) {
  const dialogue = await readStream(opened.beginning, opened.dialogueRows, opened.dialogueKeys);
  const work = await readStream(opened.beginning, opened.workRows, opened.workKeys);
  const before = work.epochs.at(-1);
  const held = opened.workKeys.get(work.epochs.length - 1);
  assert.ok(before && held);
  const made = await makeEpoch({
    ...author,
    at: "2026-11-24",
    before,
    beginning: opened.beginning,
    dialogue: dialogue.next,
    members: members.map(offered),
    own,
    recipients: held,
    source: opened.keys.recipient,
    threshold: THRESHOLD,
    trustees: TRUSTEES,
    work: work.next,
  });
  const row = (at: 0 | 1): Row => {
    const { header, file } = made.records[at];
    return { ...header, file, stream: at === 0 ? "work" : "dialogue" };
  };
  const keys = (seed: Uint8Array): EpochKeys => ({ ...made.recipients, seed });
  const after: Opened = {
    ...opened,
    workRows: [...opened.workRows, row(0)],
    dialogueRows: [...opened.dialogueRows, row(1)],
    workKeys: new Map([...opened.workKeys, [before.epoch + 1, keys(made.seeds.work)]]),
    dialogueKeys: new Map([...opened.dialogueKeys, [before.epoch + 1, keys(made.seeds.dialogue)]]),
  };
  return { after, made };
}

test("a handler who stays makes an epoch without the one who left, and both streams go on", async () => {
  const opened = await openCase();
  const { after, made } = await next(opened, [H1, PROMOTED], H1);
  assert.deepEqual(await verdicts(after, after.dialogueRows), ["ok", "ok"]);
  assert.deepEqual(await verdicts(after, after.workRows, after.workKeys), ["ok", "ok"]);
  const dialogue = await readStream(after.beginning, after.dialogueRows, after.dialogueKeys);
  const work = await readStream(after.beginning, after.workRows, after.workKeys);
  assert.ok(epochsAgree(dialogue.epochs, work.epochs));
  assert.deepEqual(
    work.epochs[1]?.members.map(({ id, role }) => [id, role]),
    [
      ["h1", "panel"],
      ["h3", "panel"],
    ],
  );
  assert.deepEqual(
    made.grants.map(({ holder, kind }) => [holder, kind]),
    [
      ["h1", "panel"],
      ["h3", "panel"],
      ["t1", "trustee_share"],
      ["t2", "trustee_share"],
      ["t3", "trustee_share"],
      ["source", "source"],
    ],
  );
  const held = await openGrant(made.grants[1]?.file as Uint8Array, H3.seed, made.epoch.work);
  assert.deepEqual(held, made.seeds.work);
  const granted = await openGrant(made.grants.at(-1)?.file as Uint8Array, opened.keys.seed, made.epoch.dialogue);
  assert.deepEqual(granted, made.seeds.dialogue);
});

test("after it only its members write", async () => {
  const { after } = await next(await openCase(), [H1, PROMOTED], H1);
  const stream = await readStream(after.beginning, after.dialogueRows, after.dialogueKeys);
  const keys = after.dialogueKeys.get(1);
  assert.ok(keys);
  const { record } = await writeText("message", "Hej", {
    at: "2026-11-25",
    author: PROMOTED,
    beginning: after.beginning,
    recipients: keys,
    stream,
  });
  const rows = [...after.dialogueRows, { ...record, file: fromB64(record.file) }];
  assert.deepEqual(await verdicts(after, rows), ["ok", "ok", "ok"]);
  await assert.rejects(
    writeText("message", "Hej", { at: "2026-11-25", author: H2, beginning: after.beginning, recipients: keys, stream }),
    {
      reason: "author",
    },
  );
});

test("the source makes an epoch too", async () => {
  const { after, made } = await next(await openCase(), [H2, PROMOTED], SOURCE);
  assert.deepEqual(made.epoch.signatures, []);
  assert.deepEqual(await verdicts(after, after.dialogueRows), ["ok", "ok"]);
});

test("a reader without the new grant sees that there is something unread", async () => {
  const { after } = await next(await openCase(), [H1, PROMOTED], H1);
  const without = new Map(after.dialogueKeys);
  without.set(1, { ...(without.get(1) as EpochKeys), seed: null });
  assert.deepEqual(await verdicts(after, after.dialogueRows, without), ["ok", "no_key"]);
});

test("another seed or another recipient than the epoch names fails", async () => {
  const { after } = await next(await openCase(), [H1, PROMOTED], H1);
  const held = after.dialogueKeys.get(1) as EpochKeys;
  const exchanged = new Map(after.dialogueKeys).set(1, { ...held, work: recipientOf(seedOf("x")) });
  assert.deepEqual(await verdicts(after, after.dialogueRows, exchanged), ["ok", "recipient"]);
});

const REFUSED: readonly (readonly [string, readonly Handler[], Handler | typeof SOURCE, string])[] = [
  ["somebody new, signed by one", [H1, H2, NEW], H1, "too_few_signatures"],
  ["somebody new, made by the source", [H1, H2, NEW], SOURCE, "too_few_signatures"],
  ["somebody new as standby", [H1, H2, { ...NEW, role: "standby" }], H1, "too_few_signatures"],
  ["a member in another unit", [H1, { ...H2, unit: "audit" }], H1, "too_few_signatures"],
  ["a panel member made standby", [H1, PROMOTED, { ...H2, role: "standby" }], H1, "too_few_signatures"],
  ["a pseudonym with another signing key", [H1, { ...H2, signingSeed: seedOf("x") }], H1, "epoch_panel"],
  ["a pseudonym with another recipient", [H1, { ...H2, seed: seedOf("x") }], H1, "too_few_signatures"],
  ["one person left", [H1], H1, "offer"],
  ["one unit left", [H1, { ...PROMOTED, unit: "legal" }], H1, "offer"],
  ["a stranger as author", [H1, H2], NEW, "author"],
  ["the one who left as author", [H1, PROMOTED], H2, "author"],
];
for (const [name, members, author, reason] of REFUSED) {
  test(`an epoch is refused: ${name}`, async () => {
    const opened = await openCase();
    const made = next(opened, members, author);
    if (reason !== "author") {
      await assert.rejects(made, { reason });
      return;
    }
    const { after } = await made;
    assert.deepEqual(await verdicts(after, after.dialogueRows), ["ok", "author"]);
    assert.deepEqual(await verdicts(after, after.workRows, after.workKeys), ["ok", "author"]);
  });
}

/** An epoch with any members and these people's signatures, checked as a reader does. */
async function check(members: readonly Handler[], signers: readonly Handler[], change: Partial<Epoch> = {}) {
  const opened = await openCase();
  const { made } = await next(opened, [H1, H2], H1);
  const before = firstEpoch(opened.beginning);
  const unsigned = { ...made.epoch, members: members.map((one) => named(offered(one))), ...change };
  const agreed = epochBytes(opened.beginning, unsigned);
  const signatures = signers.map((one) => ({ member: one.from, signature: b64(sign(agreed, one.signingSeed)) }));
  const epoch = readEpoch(epochBody({ ...unsigned, signatures }));
  checkEpoch(before, opened.workKeys.get(0) as EpochKeys, epoch, opened.beginning);
}

test("two who stay may take somebody in", async () => {
  await check([H1, H2, NEW], [H1, H2]);
  await check([H1, H3, NEW], [H1, H3]);
});

test("signatures of strangers, of those who leave and of the same person twice do not count", async () => {
  await assert.rejects(check([H1, H2, NEW], [H1, NEW]), { reason: "too_few_signatures" });
  await assert.rejects(check([H1, H3, NEW], [H1, H2]), { reason: "too_few_signatures" });
  await assert.rejects(check([H1, H2, NEW], [H1, H1]), { reason: "value" });
  const twice = { ...H1, from: "h2" };
  await assert.rejects(check([H1, H2, NEW], [H1, twice]), { reason: "too_few_signatures" });
});

test("an epoch that does not follow is refused even when two signed", async () => {
  const { beginning } = await openCase();
  await assert.rejects(check([H1, H2], [H1, H2], { epoch: 2 }), { reason: "epoch" });
  await assert.rejects(check([H1, H2], [H1, H2], { epoch: 0 }), { reason: "epoch" });
  await assert.rejects(check([H1, H2], [H1, H2], { previous: "0".repeat(64) }), { reason: "previous" });
  const repeated = { ...H2, seed: H1.seed };
  await assert.rejects(check([H1, repeated], [H1, H2]), { reason: "offer" });
  assert.equal(firstEpoch(beginning).epoch, 0);
});

test("the old keys cannot be taken along", async () => {
  const opened = await openCase();
  const { made } = await next(opened, [H1, H2], H1);
  const before = firstEpoch(opened.beginning);
  const epoch = { ...made.epoch, work: before.work };
  const recipients = opened.workKeys.get(0) as EpochKeys;
  assert.throws(() => checkEpoch(before, recipients, epoch, opened.beginning), { reason: "recipient" });
});

test("streams that tell different epochs are noticed", async () => {
  const opened = await openCase();
  const one = await next(opened, [H1, H2], H1);
  const other = await next(opened, [H1, H2], H1);
  const a = await readStream(opened.beginning, one.after.dialogueRows, one.after.dialogueKeys);
  const b = await readStream(opened.beginning, other.after.workRows, other.after.workKeys);
  assert.equal(a.epochs.length, 2);
  assert.equal(b.epochs.length, 2);
  assert.ok(!epochsAgree(a.epochs, b.epochs));
});

test("two epochs, one after the other", async () => {
  const first = await next(await openCase(), [H1, H2, H3], H2);
  const second = await next(first.after, [H1, PROMOTED], H1);
  assert.deepEqual(await verdicts(second.after, second.after.dialogueRows), ["ok", "ok", "ok"]);
  const [, , last] = second.after.dialogueRows as [Row, Row, Row];
  const skipped = [
    second.after.dialogueRows[0] as Row,
    { ...last, prev: sha256Hex(second.after.dialogueRows[0]?.file as Uint8Array), seq: 1 },
  ];
  assert.deepEqual(await verdicts(second.after, skipped), ["ok", "epoch"]);
});

const OWN = sourceKeys("own code");

/** The epoch by which the source takes a code of its own, made as its browser makes it. */
async function taking(opened: Opened, author: { from: string; signingSeed: Uint8Array } = SOURCE) {
  return next(opened, [H1, H2, H3], author, OWN);
}

test("the source takes other keys: the old ones sign for it, and then no more", async () => {
  const opened = await openCase();
  const { after, made } = await taking(opened);
  const held = after.dialogueKeys.get(1) as EpochKeys;
  const granted = await openGrant(made.grants.at(-1)?.file as Uint8Array, OWN.seed, made.epoch.dialogue);
  assert.deepEqual(granted, made.seeds.dialogue);
  for (const [keys, verdict] of [
    [OWN, "ok"],
    [opened.keys, "signature"],
  ] as const) {
    const stream = await readStream(after.beginning, after.dialogueRows, after.dialogueKeys);
    assert.equal(stream.epochs[1]?.source.verification_key, b64(OWN.verificationKey));
    const author = { from: "source", signingSeed: keys.signingSeed };
    const { record } = await writeText("message", "Hej", {
      at: "2026-11-25",
      author,
      beginning: after.beginning,
      recipients: held,
      stream,
    });
    const rows = [...after.dialogueRows, { ...record, file: fromB64(record.file) }];
    assert.deepEqual(await verdicts(after, rows), ["ok", "ok", verdict]);
  }
  assert.deepEqual(await verdicts(after, after.workRows, after.workKeys), ["ok", "ok"]);
  // What comes next is granted to the new keys, and to nobody else's.
  await assert.rejects(next(after, [H1, H2, H3], H1), { reason: "source" });
  const later = await next({ ...after, keys: OWN }, [H1, H2], H1);
  assert.deepEqual(await verdicts(later.after, later.after.dialogueRows), ["ok", "ok", "ok"]);
});

test("nobody else gives the source other keys", async () => {
  const opened = await openCase();
  for (const [author, reason] of [
    [H1, "author"],
    [{ from: "source", signingSeed: OWN.signingSeed }, "signature"],
  ] as const) {
    const { after } = await taking(opened, author);
    assert.deepEqual(await verdicts(after, after.dialogueRows), ["ok", reason]);
  }
});

test("keys of the source that are not new or not proved are refused", async () => {
  const opened = await openCase();
  const before = firstEpoch(opened.beginning);
  const { made } = await taking(opened);
  const recipients = opened.workKeys.get(0) as EpochKeys;
  const { source } = made.epoch;
  assert.ok(source);
  const signed = { ...source, proof: b64(sign(proofBytes(opened.beginning, made.epoch, source), H1.signingSeed)) };
  const other = { ...opened.beginning, gen: "0".repeat(64) };
  for (const forged of [
    signed,
    { ...source, recipient: "0".repeat(64) },
    { ...source, recipient: before.source.recipient },
    { ...source, verification_key: before.source.verification_key },
    { ...signed, verification_key: b64(verificationKey(H1.signingSeed)) },
    { ...source, proof: b64(sign(proofBytes(other, made.epoch, source), OWN.signingSeed)) },
  ]) {
    const epoch = readEpoch(epochBody({ ...made.epoch, source: forged }));
    assert.throws(() => checkEpoch(before, recipients, epoch, opened.beginning), { reason: "source" });
  }
  assert.deepEqual(
    checkEpoch(before, recipients, readEpoch(epochBody(made.epoch)), opened.beginning).source.recipient,
    source.recipient,
  );
});
