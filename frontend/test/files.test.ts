// Attached files: what is sealed opens whole, and whatever is changed, cut, swapped or said wrongly of one does not.

import assert from "node:assert/strict";
import { test } from "node:test";
import files from "../../tests/vectors/files.json";
import names from "../../tests/vectors/names.json";
import { inspect, openWith, recipientOf, sealedSize, sealTo } from "../src/crypto/age";
import { b64, concat, fromB64, sha256Hex } from "../src/crypto/bytes";
import { EnvelopeError } from "../src/crypto/errors";
import { safeName } from "../src/crypto/filename";
import { openFile, PART_SIZE, type SealedContent, sealFile } from "../src/crypto/files";
import { pad, paddedLength } from "../src/crypto/padding";
import { seedOf } from "./case";

/** The file of the vectors: the bytes 0 to 250, over and over. */
function numbered(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_one, place) => place % 251);
}

async function parts(file: Blob): Promise<{ sealed: Uint8Array<ArrayBuffer>[]; content: SealedContent }> {
  const sealing = await sealFile(file);
  const sealed: Uint8Array<ArrayBuffer>[] = [];
  for (let part = await sealing.next(); part !== null; part = await sealing.next()) sealed.push(part);
  assert.equal(await sealing.next(), null);
  const total = sealed.reduce((sum, part) => sum + part.length, 0);
  assert.equal(total, sealing.sealedSize);
  return { content: sealing.finished(), sealed };
}

async function bytesOf(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.arrayBuffer());
}

const CONTENT = numbered(5000);
const KEY = seedOf("file");
const SAID: SealedContent = { key: b64(KEY), sha256: sha256Hex(CONTENT), size: CONTENT.length };

/** A file that the key opens, with any plaintext. */
function sealedAs(plaintext: Uint8Array, ...others: Uint8Array[]): Promise<Uint8Array<ArrayBuffer>> {
  return sealTo(plaintext, [recipientOf(KEY), ...others]);
}

async function refusal(file: Uint8Array<ArrayBuffer>, said = SAID): Promise<string> {
  try {
    await openFile(new Blob([file]).stream(), said);
  } catch (error) {
    assert.ok(error instanceof EnvelopeError, String(error));
    return error.reason;
  }
  return "none";
}

for (const { name, safe } of names.names) {
  test(`a safe name: ${JSON.stringify(name).slice(0, 40)}`, () => {
    assert.equal(safeName(name), safe);
    assert.equal(safeName(safe), safe);
  });
}

test("a name with half a character", () => {
  assert.equal(safeName("a\ud800b\udc00.txt"), "ab.txt");
});

for (const expected of files.padded) {
  test(`a file of ${expected.size} bytes`, async () => {
    const content = numbered(expected.size);
    const { content: said, sealed } = await parts(new Blob([content]));
    const file = concat(...sealed);
    assert.deepEqual([said.size, said.sha256, file.length], [expected.size, expected.sha256, expected.sealed_size]);
    assert.deepEqual(inspect(file), { length: expected.padded_size, recipients: 1 });
    assert.equal(sha256Hex(await openWith(file, fromB64(said.key))), expected.padded_sha256);
    const opened = await openFile(new Blob([file]).stream(), said);
    assert.deepEqual(await bytesOf(opened), content);
    assert.equal(opened.type, "");
  });
}

for (const { file, ...said } of files.sealed) {
  test(`a sealed file of ${said.size} bytes opens`, async () => {
    assert.deepEqual(await bytesOf(await openFile(new Blob([fromB64(file)]).stream(), said)), numbered(said.size));
  });
}

test("a large file comes in parts of one size, and opens whole", async () => {
  const content = concat(
    ...Array.from({ length: 9 }, () => crypto.getRandomValues(new Uint8Array(65_536))),
    numbered(9),
  );
  const file = new Blob([...Array.from({ length: 16 }, () => content)]);
  const { content: said, sealed } = await parts(file);
  assert.equal(
    sealedSize(paddedLength(file.size), 1),
    sealed.reduce((sum, part) => sum + part.length, 0),
  );
  assert.equal(sealed.length, 3);
  assert.deepEqual([sealed[0]?.length, sealed[1]?.length], [PART_SIZE, PART_SIZE]);
  const opened = await bytesOf(await openFile(new Blob(sealed).stream(), said));
  assert.equal(sha256Hex(opened), said.sha256);
  assert.equal(sha256Hex(await bytesOf(file)), said.sha256);
});

test("each file has a key of its own", async () => {
  const one = await parts(new Blob([CONTENT]));
  const other = await parts(new Blob([CONTENT]));
  assert.notEqual(one.content.key, other.content.key);
  assert.equal(await refusal(concat(...one.sealed), other.content), "not_opened");
});

test("an empty file is not sealed, and what opens a file is told only at its end", async () => {
  await assert.rejects(sealFile(new Blob([])), { reason: "file_size" });
  const sealing = await sealFile(new Blob([CONTENT]));
  assert.throws(sealing.finished, { reason: "seal" });
  await sealing.next();
  assert.throws(sealing.finished, { reason: "seal" });
  await sealing.next();
  assert.equal(sealing.finished().sha256, SAID.sha256);
});

/** A file that the system gives otherwise than it was chosen. */
class Gone extends Blob {
  override slice(): Blob {
    return new Blob(["x"]);
  }
}

test("a file that has changed since it was chosen is not sealed", async () => {
  const sealing = await sealFile(new Gone([CONTENT]));
  await assert.rejects(sealing.next(), { reason: "file_unreadable" });
  assert.throws(sealing.finished, { reason: "seal" });
});

const WRONG: readonly (readonly [Partial<SealedContent>, string])[] = [
  [{ size: CONTENT.length - 1 }, "file_padding"],
  [{ size: CONTENT.length + 1 }, "file_digest"],
  [{ size: 1 }, "file_size"],
  [{ size: 2 ** 53 - 1 }, "file_size"],
  [{ sha256: sha256Hex(CONTENT.subarray(1)) }, "file_digest"],
  [{ sha256: sha256Hex(pad(CONTENT)) }, "file_digest"],
  [{ key: b64(seedOf("another")) }, "not_opened"],
  [{ key: "AAAA" }, "identity_length"],
];
for (const [change, reason] of WRONG) {
  test(`what the record says must hold: ${JSON.stringify(change).slice(0, 30)}`, async () => {
    const file = await sealedAs(pad(CONTENT));
    assert.equal(await refusal(file), "none");
    assert.equal(await refusal(file, { ...SAID, ...change }), reason);
  });
}

test("another file than the one that was attached", async () => {
  const padded = pad(CONTENT);
  const file = await sealedAs(padded);
  const noise = Uint8Array.from(padded);
  noise[noise.length - 1] = 1;
  assert.equal(await refusal(await sealedAs(noise)), "file_padding");
  const less = Uint8Array.from(padded);
  less[CONTENT.length - 1] = 0;
  assert.equal(await refusal(await sealedAs(less)), "file_digest");
  assert.equal(await refusal(await sealedAs(CONTENT)), "file_size");
  assert.equal(await refusal(await sealedAs(concat(padded, new Uint8Array(65_536)))), "file_size");
  assert.equal(await refusal(await sealedAs(padded, recipientOf(seedOf("listener")))), "file_size");
  assert.equal(await refusal(file.subarray(0, -1)), "file_size");
  assert.equal(await refusal(concat(file, new Uint8Array(1))), "file_size");
  assert.equal(await refusal(new Uint8Array(file.length)), "version");
  assert.equal(await refusal(new Uint8Array(0)), "file_size");
});

test("nobody else may open it, also where the size is right", async () => {
  // As long as one stanza more: the padded length of the size that the record then tells has to differ by as much.
  const plaintext = new Uint8Array(paddedLength(CONTENT.length));
  const listened = await sealedAs(plaintext, recipientOf(seedOf("listener")));
  const size = Array.from({ length: 9000 }, (_one, at) => at).find(
    (at) => sealedSize(paddedLength(at), 1) >= listened.length,
  );
  assert.ok(size !== undefined);
  const missing = sealedSize(paddedLength(size), 1) - listened.length;
  const file = await sealedAs(new Uint8Array(plaintext.length + missing), recipientOf(seedOf("listener")));
  assert.equal(await refusal(file, { ...SAID, size }), "recipients");
});

test("any changed byte is refused", async () => {
  const file = await sealedAs(pad(CONTENT));
  const places = [0, 20, 40, 100, 1500, 1560, 1590, 1620, 1640, 1650, 3000, file.length - 1];
  for (const place of places) {
    const changed = Uint8Array.from(file);
    changed[place] = (changed[place] as number) ^ 1;
    assert.notEqual(await refusal(changed), "none", String(place));
  }
});

test("chunks in another order are refused", async () => {
  const { content, sealed } = await parts(new Blob([new Uint8Array(200_000)]));
  const file = concat(...sealed);
  const start = file.length - (paddedLength(200_000) + 16 * Math.ceil(paddedLength(200_000) / 65_536));
  const chunk = 65_552;
  const one = file.subarray(start, start + chunk);
  const two = file.subarray(start + chunk, start + 2 * chunk);
  const swapped = concat(file.subarray(0, start), two, one, file.subarray(start + 2 * chunk));
  assert.equal(await refusal(swapped, content), "not_opened");
  assert.equal(await refusal(file, content), "none");
});
