// Files that the browser is saving are let go of: after a while, at once beyond what browsers have room for, and on lock.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Saved } from "../src/files/save";
import type { Opened } from "../src/files/worker";

const MEGABYTE = 1024 * 1024;

function files(closed: string[], ...sizes: readonly number[]): Opened[] {
  return sizes.map((megabytes, number) => ({
    address: `blob:${number}`,
    beginning: () => Promise.reject(new Error("not asked")),
    close: () => void closed.push(`${number}`),
    size: megabytes * MEGABYTE,
  }));
}

test("several large files one after the other never fill the browser, and the newest is always kept", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const closed: string[] = [];
  const saved = new Saved();
  for (const file of files(closed, 100, 100, 100, 100, 100, 100, 600)) saved.add(file);
  assert.deepEqual(closed, ["0", "1", "2", "3", "4", "5"]);
  t.mock.timers.tick(29_999);
  assert.equal(closed.length, 6);
  t.mock.timers.tick(1);
  assert.deepEqual(closed.slice(6), ["6"]);
});

test("small files stay until the browser has had time to take them, or until the page is locked", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const closed: string[] = [];
  const saved = new Saved();
  for (const file of files(closed, 1, 1, 1)) saved.add(file);
  assert.deepEqual(closed, []);
  saved.clear();
  assert.deepEqual(closed, ["0", "1", "2"]);
  // Each is closed once: an address may be another file's by then.
  t.mock.timers.tick(60_000);
  assert.equal(closed.length, 3);
});
