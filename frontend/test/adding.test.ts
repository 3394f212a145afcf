// Letting somebody in takes two, and what the second one signs has been checked whole.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAddition, countersign, type DraftedEpoch, draftAddition, type OfferedEpoch } from "../src/crypto/adding";
import { recipientHash } from "../src/crypto/age";
import { b64, fromB64 } from "../src/crypto/bytes";
import { type EpochKeys, type Row, readStream } from "../src/crypto/chain";
import { EnvelopeError } from "../src/crypto/errors";
import { named } from "../src/crypto/genesis";
import { openGrant } from "../src/crypto/grant";
import { dialogueSeed } from "../src/crypto/keys";
import { type Handler, handler, type Opened, offered, openCase, PANEL, THRESHOLD, TRUSTEES } from "./case";

const [H1, H2, H3] = PANEL;
const NEW = handler("h4", "panel", "parks");

/** What a new epoch of the case follows on. */
async function placeIn(opened: Opened) {
  const work = await readStream(opened.beginning, opened.workRows, opened.workKeys);
  const dialogue = await readStream(opened.beginning, opened.dialogueRows, opened.dialogueKeys);
  const [before, recipients] = [work.epochs[0], opened.workKeys.get(0)];
  assert.ok(before && recipients?.seed);
  const place = { before, beginning: opened.beginning, recipients };
  return { place, places: { dialogue: dialogue.next, work: work.next }, seed: recipients.seed };
}

async function draft(opened: Opened, by: Handler = H1, members: readonly Handler[] = PANEL): Promise<DraftedEpoch> {
  const { place, seed } = await placeIn(opened);
  const people = { added: [offered(NEW)], members: members.map(offered), source: opened.keys.recipient };
  const trusted = { threshold: THRESHOLD, trustees: TRUSTEES };
  return draftAddition(
    { ...place, ...people, ...trusted, from: by.from, signingSeed: by.signingSeed },
    new Map([[0, seed]]),
  );
}

/** The draft as the server hands it to a member. */
function toMember(made: DraftedEpoch, id: string): OfferedEpoch {
  const grant = made.grants.find(({ holder }) => holder === id);
  assert.ok(grant);
  const { epoch, signature } = made;
  return { dialogue: fromB64(made.dialogue), epoch, grant: fromB64(grant.file), signature, work: fromB64(made.work) };
}

async function refusal(act: Promise<unknown>): Promise<string> {
  try {
    await act;
  } catch (error) {
    assert.ok(error instanceof EnvelopeError, String(error));
    return error.reason;
  }
  return "none";
}

test("two let somebody in, who then reads what has been and what comes", async () => {
  const opened = await openCase();
  const made = await draft(opened);
  const offer = toMember(made, "h2");
  const { place, places } = await placeIn(opened);
  await checkAddition(offer, [named(offered(NEW))], named(offered(H1)), place, H2.seed);
  const author = { from: "h2", signingSeed: H2.signingSeed };
  const records = await countersign(offer, [named(offered(NEW))], "h1", place, author, places, "2026-11-24");
  const seed = await openGrant(toMember(made, "h4").grant, NEW.seed, recipientHash(offer.work));
  const held: EpochKeys = { dialogue: offer.dialogue, seed, work: offer.work };
  const rows = records.map(({ file, header }): Row => ({ ...header, file, stream: header.stream as Row["stream"] }));
  const work = await readStream(
    opened.beginning,
    [...opened.workRows, rows[0] as Row],
    new Map([...opened.workKeys, [1, held]]),
  );
  const dialogue = await readStream(
    opened.beginning,
    [...opened.dialogueRows, rows[1] as Row],
    new Map([...opened.dialogueKeys, [1, { ...held, seed: dialogueSeed(seed) }]]),
  );
  for (const { entries, epochs } of [work, dialogue]) {
    assert.ok(entries.every((entry) => entry.ok));
    assert.deepEqual(
      epochs[1]?.members.map(({ id }) => id),
      ["h1", "h2", "h3", "h4"],
    );
  }
  const older = made.older.map(({ epoch, file }) => [epoch, file] as const);
  assert.deepEqual(
    older.map(([epoch]) => epoch),
    [0],
  );
  const first = await openGrant(fromB64(older[0]?.[1] ?? ""), NEW.seed, opened.beginning.genesis.work);
  assert.deepEqual(first, (await placeIn(opened)).seed);
  assert.deepEqual(
    made.grants.map(({ holder }) => holder),
    ["h1", "h2", "h3", "h4", "t1", "t2", "t3", "source"].filter((one) => made.grants.some((g) => g.holder === one)),
  );
});

test("what the second one would sign is refused unless all of it holds", async () => {
  const opened = await openCase();
  const made = await draft(opened);
  const other = await draft(opened);
  const { place } = await placeIn(opened);
  const [added, h1] = [named(offered(NEW)), named(offered(H1))];
  const check = (offer: OfferedEpoch, who = added, drafter = h1, seed = H2.seed) =>
    refusal(checkAddition(offer, [who], drafter, place, seed));
  const offer = toMember(made, "h2");
  assert.equal(await check(offer), "none");
  assert.equal(await check(offer, { ...added, unit: "legal" }), "signature", "another unit than was drafted");
  assert.equal(await check(offer, named(offered(handler("h5", "panel", "parks")))), "signature", "somebody else");
  assert.equal(await check(offer, added, named(offered(H3))), "signature", "another drafter");
  assert.equal(await check(offer, named(offered(H3))), "epoch_panel", "somebody who is in it already");
  assert.equal(await check({ ...offer, epoch: 2 }), "epoch");
  assert.equal(await check({ ...offer, work: fromB64(other.work) }), "signature", "keys of another draft");
  assert.equal(await check({ ...offer, grant: toMember(other, "h2").grant }), "grant_seed", "a key of another draft");
  assert.notEqual(await check({ ...offer, grant: toMember(made, "h3").grant }), "none", "a key for somebody else");
});

test("one alone lets nobody in, and nobody is drafted for other members than the chain names", async () => {
  const opened = await openCase();
  const { place, places } = await placeIn(opened);
  const offer = toMember(await draft(opened), "h2");
  const author = { from: "h1", signingSeed: H1.signingSeed };
  const alone = countersign(offer, [named(offered(NEW))], "h1", place, author, places, "2026-11-24");
  assert.notEqual(await refusal(alone), "none");
  const forged = { ...offer, signature: b64(new Uint8Array(64)) };
  const second = { from: "h2", signingSeed: H2.signingSeed };
  const unsigned = countersign(forged, [named(offered(NEW))], "h1", place, second, places, "2026-11-24");
  assert.equal(await refusal(unsigned), "too_few_signatures");
  assert.equal(await refusal(draft(opened, H1, [H1, H2])), "epoch_panel");
  assert.equal(await refusal(draft(opened, H1, [H1, H2, { ...H3, role: "panel" }])), "epoch_panel");
});

test("a drawn panel comes in at once, each with the keys to all that has been", async () => {
  const opened = await openCase();
  const { place, places, seed } = await placeIn(opened);
  const both = [NEW, handler("h5", "panel", "water")].map(offered);
  const made = await draftAddition(
    {
      ...place,
      added: both,
      from: H1.from,
      members: PANEL.map(offered),
      signingSeed: H1.signingSeed,
      source: opened.keys.recipient,
      threshold: THRESHOLD,
      trustees: TRUSTEES,
    },
    new Map([[0, seed]]),
  );
  assert.deepEqual(
    made.older.map(({ epoch, holder }) => [epoch, holder]),
    [
      [0, "h4"],
      [0, "h5"],
    ],
  );
  const offer = toMember(made, "h2");
  await checkAddition(offer, both.map(named), named(offered(H1)), place, H2.seed);
  // Whoever approves signs for all of them, and for nobody else.
  assert.equal(
    await refusal(checkAddition(offer, both.slice(0, 1).map(named), named(offered(H1)), place, H2.seed)),
    "signature",
  );
  const author = { from: "h2", signingSeed: H2.signingSeed };
  const [work] = await countersign(offer, both.map(named), "h1", place, author, places, "2026-11-24");
  assert.equal(work.header.kind, "epoch");
});
