// What a record says of its attached files is signed and of the protocol's form, or the record fails.

import assert from "node:assert/strict";
import { test } from "node:test";
import { recipientHash, recipientOf } from "../src/crypto/age";
import { type Attachment, mediaType } from "../src/crypto/attachment";
import { b64, concat, u32 } from "../src/crypto/bytes";
import { canonical, type Json } from "../src/crypto/canonical";
import { type EpochKeys, readStream } from "../src/crypto/chain";
import { writeText } from "../src/crypto/dialogue";
import { pad } from "../src/crypto/padding";
import { type Header, KINDS, type Kind, readRecord, STREAMS, sealRecord, writeRecord } from "../src/crypto/record";
import { openCase, PANEL, received, seedOf, sourceKeys, submit, WANTED } from "./case";
import { KEY, MESSAGE, refusal, SIGNING, written } from "./written";

const BODY = canonical({ text: "Se bilagorna." });
const PHOTO: Attachment = {
  name: "Foto från bygget \u{1f477}.jpg",
  type: "image/jpeg",
  size: 3_141_592,
  sha256: "a".repeat(64),
  key: b64(seedOf("photo")),
  cleaned: true,
};
const LIST: Attachment = {
  name: "lista",
  type: "",
  size: 1,
  sha256: "b".repeat(64),
  key: b64(seedOf("list")),
  cleaned: false,
};
const HEADER: Header = {
  ...MESSAGE,
  recipient: recipientHash(recipientOf(seedOf("reader"))),
  len: BODY.length,
  attachments: [PHOTO, LIST],
};

/** The plaintext of a record with any attachments. */
function attaching(attachments: Json, change: Partial<Header> = {}): Uint8Array {
  return written(canonical({ ...HEADER, ...change, attachments }), BODY);
}

test("attached files come back as they were written, in their order", () => {
  const plaintext = writeRecord(HEADER, BODY, SIGNING);
  assert.deepEqual(plaintext, attaching([PHOTO, LIST]));
  const record = readRecord(plaintext);
  assert.deepEqual(record.header, HEADER);
  assert.ok(record.signedBy(KEY));
});

const CHANGED: readonly (readonly Attachment[])[] = [
  [{ ...PHOTO, name: "another.jpg" }, LIST],
  [{ ...PHOTO, type: "image/png" }, LIST],
  [{ ...PHOTO, size: 1 }, LIST],
  [{ ...PHOTO, sha256: "c".repeat(64) }, LIST],
  [{ ...PHOTO, key: b64(seedOf("another")) }, LIST],
  [{ ...PHOTO, cleaned: false }, LIST],
  [LIST, PHOTO],
  [PHOTO],
  [PHOTO, LIST, LIST],
  [],
];
test("nothing about a file can be changed without the signature", () => {
  const old = canonical({ ...HEADER }).length + 4;
  const signature = writeRecord(HEADER, BODY, SIGNING).subarray(old, old + 64);
  for (const attachments of CHANGED) {
    const header = canonical({ ...HEADER, attachments });
    const record = readRecord(pad(concat(u32(header.length), header, signature, BODY)));
    assert.deepEqual(record.header.attachments, attachments);
    assert.ok(!record.signedBy(KEY));
  }
});

const MALFORMED: readonly (readonly [keyof Attachment | "more", Json, string])[] = [
  ["name", "", "value"],
  ["name", "x".repeat(256), "value"],
  ["name", 1, "value"],
  ["type", "Image/jpeg", "value"],
  ["type", "image", "value"],
  ["type", "image/jpeg; q=1", "value"],
  ["type", "image/jpeg\n", "value"],
  ["type", null, "value"],
  ["size", 0, "value"],
  ["size", -1, "value"],
  ["size", true, "value"],
  ["size", "1", "value"],
  ["sha256", "A".repeat(64), "value"],
  ["sha256", "a".repeat(63), "value"],
  ["key", b64(new Uint8Array(31)), "value"],
  ["key", b64(new Uint8Array(33)), "value"],
  ["key", "A".repeat(43), "value"],
  ["key", `${"A".repeat(42)}B=`, "value"],
  ["key", null, "value"],
  ["cleaned", 0, "value"],
  ["cleaned", null, "value"],
  ["more", 1, "members"],
];
for (const [name, value, reason] of MALFORMED) {
  test(`refused although signed: ${name} ${JSON.stringify(value).slice(0, 20)}`, () => {
    assert.equal(refusal(attaching([PHOTO, { ...LIST, [name]: value }])), reason);
  });
}

test("a file that lacks a member, or is no object, is refused", () => {
  for (const name of Object.keys(LIST)) {
    const { [name as keyof Attachment]: _, ...rest } = LIST;
    assert.equal(refusal(attaching([rest])), "members", name);
  }
  assert.equal(refusal(attaching(["lista"])), "value");
  assert.equal(refusal(attaching([[]])), "value");
});

test("at most twenty files, with names of at most 255 characters", () => {
  const longest = {
    ...LIST,
    name: "\u0001".repeat(255),
    size: 2 ** 53 - 1,
    type: `${"a".repeat(127)}/${"b".repeat(127)}`,
  };
  const attachments = Array.from({ length: 20 }, () => longest);
  const header = { ...HEADER, attachments };
  assert.deepEqual(readRecord(writeRecord(header, BODY, SIGNING)).header, header);
  assert.equal(refusal(attaching([...attachments, longest])), "value");
  assert.equal(refusal(attaching([{ ...LIST, name: "\u{1f477}".repeat(255) }])), "none");
});

test("only some kinds carry files", async () => {
  for (const stream of STREAMS) {
    for (const kind of KINDS[stream] as readonly Kind[]) {
      const carries = ["report", "message", "feedback", "note"].includes(kind);
      assert.equal(refusal(attaching([LIST], { kind, stream })), carries ? "none" : "attachments", kind);
    }
  }
  const { v: _, recipient: __, sealed_by: ___, len: ____, ...wanted } = HEADER;
  const to = [recipientOf(seedOf("reader"))];
  const title = { ...wanted, kind: "title", stream: "work" } as const;
  await assert.rejects(sealRecord(title, { text: "" }, SIGNING, to), { reason: "attachments" });
  const more = { ...wanted, attachments: Array.from({ length: 21 }, () => LIST) };
  await assert.rejects(sealRecord(more, { text: "" }, SIGNING, to), { reason: "value" });
  const empty = { ...wanted, attachments: [{ ...LIST, size: 0 }] };
  await assert.rejects(sealRecord(empty, { text: "" }, SIGNING, to), { reason: "value" });
  const extra = { ...wanted, attachments: [{ ...LIST, upload: "1" } as Attachment] };
  await assert.rejects(sealRecord(extra, { text: "" }, SIGNING, to), { reason: "members" });
});

test("a report, an answer and a note carry their files to whoever reads the streams", async () => {
  const keys = sourceKeys();
  const opened = await openCase(keys, { ...WANTED, attachments: [PHOTO, LIST] });
  const report = await readStream(opened.beginning, opened.dialogueRows, opened.dialogueKeys);
  const recipients = opened.workKeys.get(0) as EpochKeys;
  const source = { from: "source", signingSeed: keys.signingSeed };
  const at = "2026-11-23";
  const answer = await writeText(
    "message",
    "Mer",
    { at, author: source, beginning: opened.beginning, recipients, stream: report },
    [LIST],
  );
  const rows = [...opened.dialogueRows, received(answer.record)];
  const dialogue = await readStream(opened.beginning, rows, opened.dialogueKeys);
  assert.deepEqual(
    dialogue.entries.map((entry) => entry.ok && entry.header.attachments),
    [[PHOTO, LIST], [LIST]],
  );
  const work = await readStream(opened.beginning, opened.workRows, opened.workKeys);
  const note = await writeText(
    "note",
    "?",
    { at, author: PANEL[0], beginning: opened.beginning, recipients, stream: work },
    [PHOTO],
  );
  const notes = await readStream(opened.beginning, [...opened.workRows, received(note.record)], opened.workKeys);
  assert.deepEqual(
    notes.entries.map((entry) => entry.ok && entry.header.attachments),
    [[], [PHOTO]],
  );
  await assert.rejects(
    writeText("title", "?", { at, author: PANEL[0], beginning: opened.beginning, recipients, stream: work }, [PHOTO]),
    {
      reason: "attachments",
    },
  );
  await assert.rejects(submit(keys, { ...WANTED, attachments: Array.from({ length: 21 }, () => LIST) }), {
    reason: "value",
  });
});

test("what a header can carry of a type", () => {
  const types = [
    ["IMAGE/PNG", "image/png"],
    ["audio/webm;codecs=opus", "audio/webm"],
    [" text/plain ; charset=utf-8", "text/plain"],
    ["application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"],
    ["", ""],
    ["image", ""],
    ["image/png/x", ""],
    ["a\n/b", ""],
  ];
  for (const [said, kept] of types) assert.equal(mediaType(said as string), kept);
});
