import assert from "node:assert/strict";
import { test } from "node:test";
import { recipientHash, recipientOf, sealTo } from "../src/crypto/age";
import { fromB64, sha256Hex } from "../src/crypto/bytes";
import { canonical, type Json } from "../src/crypto/canonical";
import { type Row, readStream } from "../src/crypto/chain";
import { type Author, type TextKind, writeText } from "../src/crypto/dialogue";
import { type NewHeader, writeRecord } from "../src/crypto/record";
import { handler, type Opened, openCase, PANEL, REFERENCE, seedOf, sourceKeys, verdicts } from "./case";

const SOURCE: Author = { from: "source", signingSeed: sourceKeys().signingSeed };
const [H1, H2] = PANEL;

/** Write the next record of a dialogue as a client does. */
async function add(opened: Opened, rows: readonly Row[], author: Author, kind: TextKind = "message", text = "Hej") {
  const stream = await readStream(opened.beginning, rows, opened.dialogueKeys);
  const keys = opened.dialogueKeys.get(stream.epochs.length - 1);
  assert.ok(keys);
  const { record } = await writeText(kind, text, {
    at: "2026-11-23",
    author,
    beginning: opened.beginning,
    recipients: keys,
    stream,
  });
  return [...rows, { ...record, file: fromB64(record.file) }];
}

/** Write a record that a client would not: any header, body, recipient and signature. */
async function forge(opened: Opened, rows: readonly Row[], change: Partial<NewHeader>, more: Partial<Forged> = {}) {
  const last = rows.at(-1);
  const header: NewHeader = {
    at: "2026-11-23",
    case: REFERENCE,
    epoch: 0,
    from: "source",
    gen: opened.beginning.gen,
    kind: "message",
    prev: last === undefined ? opened.beginning.fileDigest : sha256Hex(last.file),
    seq: rows.length,
    stream: "dialogue",
    ...change,
  };
  const recipient = more.recipient ?? (opened.dialogueKeys.get(0)?.dialogue as Uint8Array);
  const body = canonical(more.body ?? { text: "Hej" });
  const whole = { ...header, attachments: [], len: body.length, recipient: recipientHash(recipient), v: 1 } as const;
  const plaintext = writeRecord({ ...whole, sealed_by: "browser" }, body, more.signingSeed ?? SOURCE.signingSeed);
  const { epoch, kind, prev, seq, stream } = header;
  const row = { epoch, kind, prev, seq, stream: stream as Row["stream"], file: await sealTo(plaintext, [recipient]) };
  return [...rows, { ...row, ...more.row }];
}

interface Forged {
  readonly body: Json;
  readonly recipient: Uint8Array;
  readonly signingSeed: Uint8Array;
  readonly row: Partial<Row>;
}

async function conversation() {
  const opened = await openCase();
  let rows = opened.dialogueRows;
  rows = await add(opened, rows, SOURCE);
  rows = await add(opened, rows, H1, "message");
  rows = await add(opened, rows, H2, "feedback", "Vi har utrett");
  rows = await add(opened, rows, SOURCE, "message", "Tack");
  return { opened, rows };
}

test("a conversation holds, and tells who wrote what and where the next record goes", async () => {
  const { opened, rows } = await conversation();
  const { entries, epochs, next } = await readStream(opened.beginning, rows, opened.dialogueKeys);
  assert.deepEqual(
    entries.map((entry) => entry.ok && [entry.header.from, entry.header.kind]),
    [
      ["source", "report"],
      ["source", "message"],
      ["h1", "message"],
      ["h2", "feedback"],
      ["source", "message"],
    ],
  );
  assert.deepEqual(entries[4]?.ok && entries[4].body, { text: "Tack" });
  assert.equal(epochs.length, 1);
  assert.deepEqual(next, { prev: sha256Hex(rows[4]?.file as Uint8Array), seq: 5 });
});

test("the work stream holds as well", async () => {
  const opened = await openCase();
  assert.deepEqual(await verdicts(opened, opened.workRows, opened.workKeys), ["ok"]);
  const stream = await readStream(opened.beginning, opened.workRows, opened.workKeys);
  const keys = opened.workKeys.get(0);
  assert.ok(keys);
  const { record } = await writeText("note", "Ring", {
    at: "2026-11-23",
    author: H1,
    beginning: opened.beginning,
    recipients: keys,
    stream,
  });
  const rows = [...opened.workRows, { ...record, file: fromB64(record.file) }];
  assert.deepEqual(await verdicts(opened, rows, opened.workKeys), ["ok", "ok"]);
  // A source's side has no seed for it: a visible state, not an error.
  const none = new Map([[0, { ...keys, seed: null }]]);
  assert.deepEqual(await verdicts(opened, rows, none), ["no_key", "no_key"]);
  assert.deepEqual(await verdicts(opened, rows, new Map()), ["no_key", "no_key"]);
});

test("a missing record shows at the next one, and only there", async () => {
  const { opened, rows } = await conversation();
  assert.deepEqual(await verdicts(opened, rows.slice(1)), ["sequence", "ok", "ok", "ok"]);
  const without = rows.filter((_, at) => at !== 2);
  assert.deepEqual(await verdicts(opened, without), ["ok", "ok", "sequence", "ok"]);
});

test("records in another order, doubled or renumbered fail", async () => {
  const { opened, rows } = await conversation();
  const [r0, r1, r2, r3] = rows as [Row, Row, Row, Row];
  assert.deepEqual(await verdicts(opened, [r0, r2, r1, r3]), ["ok", "sequence", "sequence", "ok"]);
  assert.deepEqual(await verdicts(opened, [r0, r1, r1]), ["ok", "ok", "sequence"]);
  const moved = [
    { ...r1, prev: sha256Hex(r0.file), seq: 1 },
    { ...r1, prev: sha256Hex(r1.file), seq: 2 },
  ] as const;
  assert.deepEqual(await verdicts(opened, [r0, ...moved]), ["ok", "ok", "sequence"]);
  const closed = [r0, r1, { ...r3, prev: sha256Hex(r1.file), seq: 2 }];
  assert.deepEqual(await verdicts(opened, closed), ["ok", "ok", "sequence"]);
  assert.deepEqual(await verdicts(opened, [r0, { ...r1, prev: "0".repeat(64) }]), ["ok", "previous"]);
});

test("a stretch cannot be shown a second time", async () => {
  const { opened, rows } = await conversation();
  const again = [...rows.slice(0, 3), ...rows.slice(1)];
  assert.deepEqual(await verdicts(opened, again), ["ok", "ok", "ok", "sequence", "sequence", "ok", "ok"]);
});

test("one damaged file fails alone, and the next one notices that it was exchanged", async () => {
  const { opened, rows } = await conversation();
  const file = Uint8Array.from((rows[2] as Row).file);
  file[file.length - 1] = (file.at(-1) as number) ^ 1;
  const damaged = rows.map((row, at) => (at === 2 ? { ...row, file } : row));
  assert.deepEqual(await verdicts(opened, damaged), ["ok", "ok", "not_opened", "previous", "ok"]);
});

const STRANGER = handler("h7", "panel", "elsewhere");
const REPORT = { answers: {}, form: "tip", language: "sv" };
const FORGERIES: readonly (readonly [string, Partial<NewHeader>, Partial<Forged>, string])[] = [
  ["another case", { case: "OTHER" }, {}, "case"],
  ["another beginning", { gen: "d".repeat(64) }, {}, "genesis"],
  ["a note in the dialogue", { kind: "note", stream: "work" }, { row: { stream: "dialogue" } }, "stream"],
  ["another epoch", { epoch: 1 }, { row: { epoch: 0 } }, "epoch"],
  ["an epoch that nobody opened", { epoch: 1 }, {}, "epoch"],
  ["another kind than listed", { kind: "feedback" }, { row: { kind: "message" } }, "kind"],
  ["another place than listed", { seq: 7 }, { row: { seq: 1 } }, "sequence"],
  ["another predecessor than listed", { prev: "d".repeat(64) }, { row: { prev: "" } }, "previous"],
  ["a stranger's signature", {}, { signingSeed: seedOf("stranger") }, "signature"],
  ["a handler in the source's name", {}, { signingSeed: H1.signingSeed }, "signature"],
  ["a handler in another's name", { from: "h2" }, { signingSeed: H1.signingSeed }, "signature"],
  ["the source in a handler's name", { from: "h1" }, {}, "signature"],
  ["somebody who is no member", { from: "h7" }, { signingSeed: STRANGER.signingSeed }, "author"],
  ["staff that is nobody of the panel", { from: "staff" }, {}, "signature"],
  ["the source's own feedback", { kind: "feedback" }, {}, "author"],
  ["a second report", { kind: "report" }, { body: REPORT }, "kind"],
  ["a handler's report", { from: "h1", kind: "report" }, { body: REPORT, signingSeed: H1.signingSeed }, "author"],
  ["a body without text", {}, { body: {} }, "members"],
  ["a body with more than text", {}, { body: { html: "<b>", text: "" } }, "members"],
  ["a text that is none", {}, { body: { text: 1 } }, "value"],
];
for (const [name, header, more, reason] of FORGERIES) {
  test(`a record fails: ${name}`, async () => {
    const opened = await openCase();
    const rows = await forge(opened, opened.dialogueRows, header, more);
    const before = sha256Hex(opened.dialogueRows[0]?.file as Uint8Array);
    const listed = rows.map((row, at) => (at === 1 && row.prev === "" ? { ...row, prev: before } : row));
    assert.deepEqual(await verdicts(opened, listed), ["ok", reason]);
  });
}

test("staff is any one member, in the dialogue only", async () => {
  const opened = await openCase();
  const signed = { signingSeed: H2.signingSeed };
  const rows = await forge(opened, opened.dialogueRows, { from: "staff" }, signed);
  assert.deepEqual(await verdicts(opened, rows), ["ok", "ok"]);
  const recipient = opened.workKeys.get(0)?.work as Uint8Array;
  const note = await forge(
    opened,
    opened.workRows,
    { from: "staff", kind: "note", stream: "work" },
    { ...signed, recipient },
  );
  assert.deepEqual(await verdicts(opened, note, opened.workKeys), ["ok", "author"]);
});

test("the first record is the source's report", async () => {
  const opened = await openCase();
  assert.deepEqual(await verdicts(opened, await forge(opened, [], {})), ["kind"]);
  const byHandler = await forge(opened, [], { from: "h1" }, { signingSeed: H1.signingSeed });
  assert.deepEqual(await verdicts(opened, byHandler), ["author"]);
});

test("a header that names other recipients than the chain does fails", async () => {
  const opened = await openCase();
  const rows = await forge(opened, opened.dialogueRows, {}, { recipient: recipientOf(seedOf("x")) });
  assert.deepEqual(await verdicts(opened, rows), ["ok", "not_opened"]);
});

test("recipients that the server exchanged are noticed, in reading and in writing", async () => {
  const opened = await openCase();
  const held = opened.dialogueKeys.get(0);
  assert.ok(held);
  const seed = seedOf("the server's own");
  const mine = { dialogue: recipientOf(seed), seed, work: held.work };
  assert.deepEqual(await verdicts(opened, opened.dialogueRows, new Map([[0, { ...held, work: mine.dialogue }]])), [
    "recipient",
  ]);
  const stream = await readStream(opened.beginning, opened.dialogueRows, opened.dialogueKeys);
  await assert.rejects(
    writeText("message", "Hej", {
      at: "2026-11-23",
      author: SOURCE,
      beginning: opened.beginning,
      recipients: mine,
      stream,
    }),
    {
      reason: "recipient",
    },
  );
  assert.notEqual(recipientHash(mine.dialogue), opened.beginning.genesis.dialogue);
});

test("who may not write is told before anything is sealed", async () => {
  const opened = await openCase();
  const stream = await readStream(opened.beginning, opened.dialogueRows, opened.dialogueKeys);
  const keys = opened.dialogueKeys.get(0);
  assert.ok(keys);
  const write = (author: Author, kind: TextKind) =>
    writeText(kind, "Hej", { at: "2026-11-23", author, beginning: opened.beginning, recipients: keys, stream });
  await assert.rejects(write(SOURCE, "feedback"), { reason: "author" });
  await assert.rejects(write(SOURCE, "note"), { reason: "author" });
  await assert.rejects(write(STRANGER, "message"), { reason: "author" });
});

test("a message cannot be carried over from another case of the same source and panel", async () => {
  const one = await openCase();
  const other = await openCase();
  const rows = await add(other, other.dialogueRows, SOURCE);
  const carried = { ...(rows[1] as Row), prev: sha256Hex(one.dialogueRows[0]?.file as Uint8Array) };
  assert.deepEqual(await verdicts(one, [...one.dialogueRows, carried]), ["ok", "not_opened"]);
});

test("a file that others can open as well fails", async () => {
  const opened = await openCase();
  const held = opened.dialogueKeys.get(0);
  assert.ok(held);
  const file = await sealTo(new Uint8Array(4096), [held.dialogue, recipientOf(seedOf("listener"))]);
  const row: Row = {
    epoch: 0,
    file,
    kind: "message",
    prev: sha256Hex(opened.dialogueRows[0]?.file as Uint8Array),
    seq: 1,
    stream: "dialogue",
  };
  assert.deepEqual(await verdicts(opened, [...opened.dialogueRows, row]), ["ok", "recipients"]);
});
