// What a file is, is judged by its bytes; how large a picture is, by its header; what was claimed, against both.

import assert from "node:assert/strict";
import { test } from "node:test";
import { lies, mayShow } from "../src/viewer/claims";
import { bounded, sizeOf } from "../src/viewer/dimensions";
import { decodeText, type Kind, kindOf } from "../src/viewer/kind";
import { readHanded } from "../src/viewer/message";

function bytes(...parts: (string | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...part].map(code) : part)));
}

function code(one: string): number {
  return one.charCodeAt(0);
}

const utf8 = (text: string) => new TextEncoder().encode(text);
const PNG = "\x89PNG\r\n\x1a\n";

function png(width: number, height: number): Uint8Array {
  const head = new Uint8Array(33);
  head.set(bytes(PNG, [0, 0, 0, 13], "IHDR"));
  const view = new DataView(head.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return head;
}

const KINDS: readonly (readonly [string, Uint8Array, Kind])[] = [
  ["PNG", png(1, 1), "png"],
  ["JPEG", bytes([0xff, 0xd8, 0xff, 0xe0]), "jpeg"],
  ["GIF", bytes("GIF89a"), "gif"],
  ["WebP", bytes("RIFF", [0, 0, 0, 0], "WEBPVP8 "), "webp"],
  ["WAV", bytes("RIFF", [0, 0, 0, 0], "WAVEfmt "), "media"],
  ["PDF", bytes("%PDF-1.7\n"), "pdf"],
  ["PDF after other bytes", bytes("x%PDF-1.7\n"), "text"],
  ["PDF after bytes that are no text", bytes([0], "%PDF-1.7\n"), "other"],
  ["archive", bytes("PK\x03\x04"), "zip"],
  ["Windows program", bytes("MZ\x90\x00"), "program"],
  ["shell script", bytes("#!/bin/sh\n"), "program"],
  ["older document", bytes([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), "ole"],
  ["HEIC", bytes([0, 0, 0, 24], "ftypheic"), "media"],
  ["text", utf8("Räksmörgås\r\n\tåäö"), "text"],
  ["text of a Swedish spreadsheet", bytes("Bel\xf6pp;\xc5r\r\n"), "text"],
  ["UTF-16 text", bytes([0xff, 0xfe, 0xe5, 0x00]), "text"],
  ["text with NUL", bytes("abc\x00def"), "other"],
  ["SVG", utf8('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'), "markup"],
  ["HTML after a mark and white space", utf8("\ufeff \n\t<!DOCTYPE html>"), "markup"],
  ["XML in UTF-16", bytes([0xff, 0xfe, 0x3c, 0x00]), "markup"],
  ["nothing", bytes(), "other"],
];

for (const [name, content, kind] of KINDS) {
  test(`${name} is judged ${kind}`, () => assert.equal(kindOf(content, true), kind));
}

test("a beginning that ends inside a letter is text all the same", () => {
  const cut = utf8("aå").subarray(0, 2);
  assert.equal(decodeText(cut, false), "a");
  assert.equal(kindOf(cut, false), "text");
});

test("a text in UTF-8 stays what it is, and one in Windows' letters is read as those", () => {
  assert.equal(decodeText(utf8("ÅÄÖ 🙂"), true), "ÅÄÖ 🙂");
  assert.equal(decodeText(bytes("\xc5\xc4\xd6"), true), "ÅÄÖ");
});

const JPEG = bytes(
  [0xff, 0xd8, 0xff, 0xe1, 0, 8, 0xff, 0xc0, 0, 1, 0, 1], // what looks like a frame stands inside a segment
  [0xff, 0xff, 0xdb, 0, 3, 0],
  [0xff, 0xc2, 0, 17, 8, 0x01, 0x02, 0x03, 0x04],
);
const gif = (width: number, frame: number) =>
  bytes(
    "GIF89a",
    [width, 0, 5, 0, 0x80, 0, 0],
    "......",
    [0x21, 0xfe, 2, 65, 66, 0],
    [0x2c, 0, 0, 0, 0, frame, 0, 5, 0, 0],
  );

test("sizes are read from the headers of every kind of picture", () => {
  assert.deepEqual(sizeOf(png(7, 9), "png"), { height: 9, width: 7 });
  assert.deepEqual(sizeOf(JPEG, "jpeg"), { height: 0x0102, width: 0x0304 });
  assert.deepEqual(sizeOf(gif(6, 4), "gif"), { height: 5, width: 6 });
  assert.deepEqual(sizeOf(gif(6, 200), "gif"), { height: 5, width: 200 });
  const head = bytes("RIFF", [0, 0, 0, 0], "WEBP");
  const lossy = bytes([...head], "VP8 ", [0, 0, 0, 0, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00]);
  assert.deepEqual(sizeOf(lossy, "webp"), { height: 240, width: 320 });
  const lossless = bytes([...head], "VP8L", [0, 0, 0, 0, 0x2f, 0x3f, 0xc1, 0x3b, 0x00]);
  assert.deepEqual(sizeOf(lossless, "webp"), { height: 240, width: 320 });
  const extended = bytes([...head], "VP8X", [10, 0, 0, 0, 0, 0, 0, 0, 0x3f, 0x01, 0x00, 0xef, 0x00, 0x00]);
  assert.deepEqual(sizeOf(extended, "webp"), { height: 240, width: 320 });
});

test("a picture whose header ends too soon has no size", () => {
  for (const [content, kind] of [
    [png(1, 1).subarray(0, 20), "png"],
    [JPEG.subarray(0, 14), "jpeg"],
    [gif(1, 1).subarray(0, 20), "gif"],
    [bytes("RIFF", [0, 0, 0, 0], "WEBPVP8 "), "webp"],
  ] as const) {
    assert.equal(sizeOf(content, kind), null);
  }
});

test("what would take too much room once decoded is not decoded", () => {
  for (const [width, height] of [
    [10_000, 5001],
    [30_001, 1],
    [0, 10],
    [0xffffffff, 0xffffffff],
  ] as const) {
    assert.equal(bounded({ height, width }), false);
  }
  assert.equal(bounded({ height: 5000, width: 10_000 }), true);
});

test("a name or a type that says something else than the bytes is noticed", () => {
  assert.equal(lies("bild.jpg", "image/jpeg", "jpeg"), false);
  assert.equal(lies("bild.JPG", "", "markup"), true);
  assert.equal(lies("bild.jpg", "image/jpeg", "program"), true);
  assert.equal(lies("faktura.pdf.exe", "application/pdf", "pdf"), true);
  assert.equal(lies("faktura.pdf", "text/html", "pdf"), true);
  assert.equal(lies("lista.csv", "application/vnd.ms-excel", "text"), false);
  assert.equal(lies("avtal.docx", "", "zip"), false);
  assert.equal(lies("avtal.docx", "", "program"), true);
  assert.equal(lies("utan ändelse", "", "program"), false);
});

test("showing is offered where something claims to be worth it", () => {
  for (const [name, type] of [
    ["a.png", ""],
    ["a.docx", "application/pdf"],
    ["anteckning", ""],
    ["läs.nfo", "text/x-nfo"],
  ] as const) {
    assert.equal(mayShow(name, type), true, name);
  }
  for (const [name, type] of [
    ["a.svg", "image/svg+xml"],
    ["a.html", "text/html"],
    ["a.docx", ""],
    ["a.bin", "application/octet-stream"],
  ] as const) {
    assert.equal(mayShow(name, type), false, name);
  }
});

test("the frame takes bytes and a kind that it shows, and nothing else", () => {
  const content = new ArrayBuffer(3);
  assert.deepEqual(readHanded({ bytes: content, kind: "pdf" }), { bytes: content, kind: "pdf" });
  for (const wrong of [
    null,
    "ready",
    { bytes: content },
    { bytes: content, kind: "markup" },
    { bytes: [1], kind: "png" },
    { bytes: content, kind: "png", script: "x" },
    { bytes: new ArrayBuffer(2 ** 21 + 1), kind: "text" },
  ]) {
    assert.equal(readHanded(wrong), null);
  }
});
