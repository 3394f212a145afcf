// Shares, papers, trustees of a case and the vault.

import assert from "node:assert/strict";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { test } from "node:test";
import epochs from "../../tests/vectors/epochs.json";
import papers from "../../tests/vectors/paper.json";
import vectors from "../../tests/vectors/shares.json";
import { recipientHash, recipientOf } from "../src/crypto/age";
import { fromB64, fromHex, hex, utf8 } from "../src/crypto/bytes";
import { parseCanonical } from "../src/crypto/canonical";
import { type FurtherTrustees, readStream } from "../src/crypto/chain";
import { makeEpoch, readEpoch, trusteesConsent } from "../src/crypto/epoch";
import { EnvelopeError } from "../src/crypto/errors";
import { type Beginning, checkOffer } from "../src/crypto/genesis";
import { PaperError, paperRows, readPaper } from "../src/crypto/paper";
import { combine, split } from "../src/crypto/shamir";
import {
  foreignShares,
  namedTrustee,
  openShare,
  sealShares,
  seedOfShares,
  type TrusteeSet,
  trusteeIdentity,
} from "../src/crypto/trustee";
import { combineVault, openVault } from "../src/crypto/vault";
import {
  handler,
  type Opened,
  offered,
  offerJson,
  openCase,
  PANEL,
  seedOf,
  sourceKeys,
  submit,
  THRESHOLD,
  TRUSTEES,
  verdicts,
  WANTED,
} from "./case";

const bytes = (text: string) => fromHex(text, text.length / 2);
const [T1, T2, T3] = TRUSTEES as [(typeof TRUSTEES)[0], (typeof TRUSTEES)[0], (typeof TRUSTEES)[0]];

for (const [index, { random, secret, shares, threshold }] of vectors.split.entries()) {
  test(`shares ${index} are the server's, from the same random bytes`, async () => {
    const drawn = bytes(random);
    const before = crypto.randomBytes;
    let at = 0;
    crypto.randomBytes = ((size: number) => {
      at += size;
      return Buffer.from(drawn.slice(at - size, at).buffer);
    }) as typeof crypto.randomBytes;
    syncBuiltinESMExports();
    try {
      const made = await split(bytes(secret), shares.length, threshold);
      assert.deepEqual(made.map(hex), shares);
    } finally {
      crypto.randomBytes = before;
      syncBuiltinESMExports();
    }
    assert.equal(at, drawn.length);
    assert.equal(hex(await combine(shares.slice(-threshold).map(bytes))), secret);
    if (threshold > 2) assert.notEqual(hex(await combine(shares.slice(1 - threshold).map(bytes))), secret);
  });
}

test("shares that cannot be", async () => {
  for (const { reason, shares } of vectors.refused) await assert.rejects(combine(shares.map(bytes)), { reason });
  for (const [count, threshold] of [
    [1, 1],
    [3, 1],
    [2, 3],
    [256, 2],
  ] as const) {
    await assert.rejects(split(seedOf("x"), count, threshold), { reason: "share_count" });
  }
  await assert.rejects(split(seedOf("x").subarray(1), 3, 2), { reason: "share_size" });
});

test("secrets on paper", () => {
  for (const { rows, secret } of papers.papers) {
    assert.deepEqual(
      paperRows(bytes(secret)).map(({ check, words }) => [...words, check]),
      rows,
    );
  }
  for (const expected of papers.typed as { raw: string; secret?: string; reason?: string; rows?: number[] }[]) {
    if (expected.secret !== undefined) {
      assert.equal(hex(readPaper(expected.raw)), expected.secret);
    } else {
      assert.throws(
        () => readPaper(expected.raw),
        (error) => {
          assert.ok(error instanceof PaperError);
          assert.deepEqual([error.reason, error.rows], [expected.reason, expected.rows]);
          return true;
        },
      );
    }
  }
  const { seed, recipient_hash, verification_key } = papers.trustee;
  const made = trusteeIdentity(bytes(seed));
  assert.equal(recipientHash(made.recipient), recipient_hash);
  assert.equal(hex(made.verificationKey), verification_key);
});

test("two of three trustees open what was sealed; one does not, and a wrong share is named", async () => {
  const seed = seedOf("work seed");
  const expected = recipientHash(recipientOf(seed));
  const files = await sealShares(seed, TRUSTEES, THRESHOLD);
  const shares = await Promise.all(files.map(({ file }, at) => openShare(file, (TRUSTEES[at] ?? T1).seed)));
  const [one, two, three] = shares as [Uint8Array, Uint8Array, Uint8Array];
  for (const pair of [
    [one, two],
    [three, one],
    [one, two, three],
  ]) {
    assert.deepEqual(await seedOfShares(pair, expected), seed);
  }
  await assert.rejects(seedOfShares([one], expected), { reason: "share_count" });
  await assert.rejects(seedOfShares([one, one], expected), { reason: "share_repeated" });
  await assert.rejects(openShare(files[0]?.file as Uint8Array, T2.seed), { reason: "not_opened" });
  const bent = two.slice();
  bent[5] = (bent[5] ?? 0) ^ 1;
  await assert.rejects(seedOfShares([one, bent], expected), { reason: "share_seed" });
  assert.deepEqual(await foreignShares([one, bent, three], THRESHOLD, expected), [1]);
  assert.deepEqual(await foreignShares([one, bent], THRESHOLD, expected), [0, 1]);
  assert.deepEqual(await foreignShares(shares, THRESHOLD, expected), []);
});

test("an offer's trustees are two or more, as many as it takes, different, and no readers", () => {
  const members = PANEL.map(offered);
  const faults = (trustees: readonly (typeof T1)[], threshold: number) => checkOffer(members, [], trustees, threshold);
  assert.deepEqual(faults(TRUSTEES, 2), []);
  assert.deepEqual(faults(TRUSTEES, 3), []);
  const reader = offered(PANEL[2]);
  for (const [trustees, threshold] of [
    [TRUSTEES, 1],
    [TRUSTEES, 0],
    [TRUSTEES, 4],
    [[T1], 1],
    [[T1, T1, T2], 2],
    [[T1, { ...T2, recipient: T1.recipient }, T3], 2],
    [[T1, { ...T2, verificationKey: T1.verificationKey }, T3], 2],
    [[T1, { ...T2, recipient: reader.recipient }, T3], 2],
    [[T1, { ...T2, verificationKey: reader.verificationKey }, T3], 2],
  ] as const) {
    assert.deepEqual(faults(trustees, threshold), ["trustees"]);
  }
});

/** The case after an epoch that these trustees made for two people who were never in it. */
async function recovered(opened: Opened, signers: readonly (typeof T1)[], trusted?: TrusteeSet) {
  const work = await readStream(opened.beginning, opened.workRows, opened.workKeys);
  const dialogue = await readStream(opened.beginning, opened.dialogueRows, opened.dialogueKeys);
  const before = work.epochs[0];
  const held = opened.workKeys.get(0);
  assert.ok(before && held && signers[0]);
  return makeEpoch({
    at: "2026-11-24",
    before,
    beginning: opened.beginning,
    dialogue: dialogue.next,
    from: signers[0].id,
    members: [handler("h4", "panel", "parks"), handler("h5", "panel", "water")].map(offered),
    recipients: held,
    signers,
    signingSeed: signers[0].signingSeed,
    source: opened.keys.recipient,
    threshold: THRESHOLD,
    trustees: TRUSTEES,
    ...(trusted ? { trusted } : {}),
    work: work.next,
  });
}

test("two trustees give a case to others, whose browser and whose source read on; one cannot", async () => {
  const opened = await openCase();
  const made = await recovered(opened, [T3, T1]);
  const [workRecord, dialogueRecord] = made.records;
  const row = (record: typeof workRecord, stream: "work" | "dialogue") => ({
    ...record.header,
    file: record.file,
    stream,
  });
  const keys = (held: Opened["workKeys"], seed: Uint8Array) => new Map([...held, [1, { ...made.recipients, seed }]]);
  const workRows = [...opened.workRows, row(workRecord, "work")];
  const workKeys = keys(opened.workKeys, made.seeds.work);
  assert.deepEqual(await verdicts(opened, workRows, workKeys), ["ok", "ok"]);
  const dialogueRows = [...opened.dialogueRows, row(dialogueRecord, "dialogue")];
  const dialogueKeys = keys(opened.dialogueKeys, made.seeds.dialogue);
  assert.deepEqual(await verdicts(opened, dialogueRows, dialogueKeys), ["ok", "ok"]);
  await assert.rejects(recovered(opened, [T3]), { reason: "too_few_signatures" });
  await assert.rejects(recovered(opened, [T3, { ...T1, signingSeed: seedOf("somebody") }]), {
    reason: "too_few_signatures",
  });
  // The same key twice is one person.
  await assert.rejects(recovered(opened, [T3, { ...T3, id: "t1" }]), { reason: "too_few_signatures" });
});

test("trustees who came later count as far as their directory vouches for them, and are asked for only then", async () => {
  const opened = await openCase();
  const later = (id: string) => ({ ...trusteeIdentity(seedOf(`${id} paper`)), id });
  const [t4, t5] = [later("t4"), later("t5")];
  const set = { threshold: 2, trustees: [t4, t5].map(namedTrustee) };
  const made = await recovered(opened, [t5, t4], set);
  const [record] = made.records;
  const keys = new Map([...opened.workKeys, [1, { ...made.recipients, seed: made.seeds.work }]]);
  const rows = [...opened.workRows, { ...record.header, file: record.file, stream: "work" as const }];
  const asked: unknown[] = [];
  const verdict = async (further: FurtherTrustees | undefined, among = rows) => {
    const { entries } = await readStream(opened.beginning, among, keys, further);
    return entries.map((entry) => (entry.ok ? "ok" : entry.reason)).at(-1);
  };
  const vouched: FurtherTrustees = async (...one) => {
    asked.push(one);
    return set;
  };
  assert.equal(await verdict(vouched), "ok");
  assert.deepEqual(asked, [[1, "2026-11-22", "2026-11-24"]]);
  assert.equal(await verdict(undefined), "signature");
  assert.equal(await verdict(async () => ({ ...set, threshold: 3 })), "author");
  assert.equal(await verdict(async () => ({ ...set, trustees: [t4, T1].map(namedTrustee) })), "signature");
  assert.equal(
    await verdict(async () => {
      throw new EnvelopeError("directory_stale");
    }),
    "directory_stale",
  );
  await assert.rejects(
    verdict(async () => {
      throw new TypeError("no answer");
    }),
    TypeError,
  );
  // The chain's own trustees are enough for what they sign: nobody is asked.
  asked.length = 0;
  const own = await recovered(opened, [T3, T1]);
  const ownKeys = new Map([...opened.workKeys, [1, { ...own.recipients, seed: own.seeds.work }]]);
  const ownRow = { ...own.records[0].header, file: own.records[0].file, stream: "work" as const };
  const read = await readStream(opened.beginning, [...opened.workRows, ownRow], ownKeys, vouched);
  assert.ok(read.entries.every((entry) => entry.ok));
  assert.deepEqual(asked, []);
});

test("the server's recovered epoch", () => {
  const epoch = readEpoch(parseCanonical(utf8(epochs.recovered)));
  const beginning = { gen: epochs.gen, genesis: { case: epochs.case } } as Beginning;
  assert.ok(trusteesConsent(epoch, epoch, beginning));
  assert.ok(!trusteesConsent({ ...epoch, threshold: 3 }, epoch, beginning));
  assert.ok(!trusteesConsent({ threshold: 0, trustees: epoch.trustees.slice(1) }, epoch, beginning));
});

test("a vault takes two to open, and says what the source signed", async () => {
  const keys = sourceKeys();
  const identity = { contact: "073-000 00 00", name: "Åsa Öberg" };
  const sent = await submit(keys, { ...WANTED, identity });
  const { vault } = sent;
  assert.ok(vault);
  assert.deepEqual(
    vault.shares.map(({ holder }) => holder),
    ["h1", "h2", "h3", "t1", "t2", "t3"],
  );
  assert.ok(!JSON.stringify(sent).includes("berg"));
  const opened = await openCase(keys, { ...WANTED, identity });
  assert.notEqual(opened.beginning.genesis.vault, null);
  const begun = opened.vault;
  const share = (at: number, seed: Uint8Array) => openShare(fromB64(begun.shares[at]?.file ?? ""), seed);
  const seed = await combineVault([await share(1, PANEL[1].seed), await share(3, T1.seed)], opened.beginning);
  assert.deepEqual(await openVault(fromB64(begun.file), seed, opened.beginning), identity);
  const reason = async (work: Promise<unknown>) => (await work.catch((error: EnvelopeError) => error.reason)) as string;
  assert.equal(await reason(combineVault([await share(1, PANEL[1].seed)], opened.beginning)), "share_count");
  // Another case's vault, though its source is the same.
  const other = fromB64(vault.file);
  assert.equal(await reason(openVault(other, seed, opened.beginning)), "not_opened");
  const bare = (await openCase(keys)).beginning;
  assert.equal(await reason(openVault(fromB64(begun.file), seed, bare)), "recipient");
});

test("no vault without a name or contact, and none that says nothing", async () => {
  assert.equal((await submit()).vault, null);
  await assert.rejects(submit(sourceKeys(), { ...WANTED, identity: { contact: "", name: "" } }, offerJson()), {
    reason: "value",
  });
});
