// A case's members and an offer, held against the directory; and what a handler's browser remembers.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import vectors from "../../tests/vectors/directory.json";
import { fromB64, fromHex } from "../src/crypto/bytes";
import { checkListed, readDirectory } from "../src/crypto/directory";
import type { OfferedMember } from "../src/crypto/genesis";
import { againstDirectory, trusted } from "../src/handler/directory";
import type { OpenedCase } from "../src/handler/opened";
import { offered, PANEL } from "./case";

const kept = new Map<string, string>();
Object.defineProperty(globalThis, "localStorage", {
  value: {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  },
});
beforeEach(() => kept.clear());

const published = (snapshot: "first" | "second" | "another second") => ({
  directory: vectors.snapshots[snapshot],
  roots: [vectors.roots.first],
});
const DIRECTORY = readDirectory(published("first"), vectors.installation);
const MEMBERS = vectors.snapshots.first.snapshot.handlers.map(
  ({ designations, recipient, verification_key }, place) => ({
    function: designations[0]?.function ?? "",
    id: `h${place + 1}`,
    recipient,
    role: place < 2 ? ("panel" as const) : ("standby" as const),
    unit: designations[0]?.unit ?? "",
    verification_key,
  }),
);
const [FIRST, SECOND, THIRD] = MEMBERS as [(typeof MEMBERS)[0], (typeof MEMBERS)[0], (typeof MEMBERS)[0]];
const STRANGER = { ...FIRST, verification_key: SECOND.verification_key };

function opened(
  epochs: readonly (readonly (typeof MEMBERS)[0][])[],
  days: readonly string[],
  next: readonly OfferedMember[] | null = null,
  version = 1,
): OpenedCase {
  const entries = days.map((at, epoch) => ({ header: { at, epoch }, ok: true }));
  return {
    answer: { date: vectors.day, nextMembers: next },
    beginning: { genesis: { directory_version: version } },
    work: { entries, epochs: epochs.map((members, epoch) => ({ epoch, members })) },
  } as unknown as OpenedCase;
}

test("members who were listed when the case got them", () => {
  assert.deepEqual(againstDirectory(DIRECTORY, opened([MEMBERS], [vectors.day])), []);
  assert.deepEqual(againstDirectory(DIRECTORY, opened([MEMBERS, [FIRST, THIRD]], [vectors.day, vectors.day])), []);
});

test("a member whom nobody has signed for", () => {
  assert.deepEqual(againstDirectory(DIRECTORY, opened([[STRANGER, SECOND]], [vectors.day])), ["doubt-listed"]);
  const later = opened(
    [
      [FIRST, SECOND],
      [STRANGER, SECOND],
    ],
    [vectors.day, vectors.day],
  );
  assert.deepEqual(againstDirectory(DIRECTORY, later), ["doubt-listed"]);
});

test("a member from before the designation", () => {
  assert.deepEqual(againstDirectory(DIRECTORY, opened([MEMBERS], ["2020-01-01"])), ["doubt-listed"]);
  // An epoch that cannot be opened tells no day: its members still have to stand in the directory.
  assert.deepEqual(againstDirectory(DIRECTORY, opened([MEMBERS], [])), []);
  assert.deepEqual(againstDirectory(DIRECTORY, opened([[STRANGER, SECOND]], [])), ["doubt-listed"]);
});

test("a case from before the first directory", () => {
  assert.deepEqual(againstDirectory(DIRECTORY, opened([[STRANGER, SECOND]], [vectors.day], null, 0)), []);
});

const COMING = { ...offered(PANEL[0]), role: "panel" as const };

test("whoever comes next is looked up before anything is sealed to them", () => {
  assert.deepEqual(againstDirectory(DIRECTORY, opened([MEMBERS], [vectors.day], [COMING])), ["doubt-next"]);
  assert.deepEqual(againstDirectory(DIRECTORY, opened([MEMBERS], [vectors.day], [])), []);
});

test("the highest directory seen is remembered, and no older one taken", () => {
  trusted(published("second"), vectors.installation);
  assert.throws(() => trusted(published("first"), vectors.installation), { reason: "directory_rollback" });
  assert.throws(() => trusted(published("another second"), vectors.installation), { reason: "directory_forked" });
  trusted(published("second"), vectors.installation);
  assert.equal(kept.size, 1);
});

test("what was remembered of another installation does not count", () => {
  trusted(published("second"), vectors.installation);
  const text = kept.get("tipportal-directory") ?? "";
  kept.set("tipportal-directory", text.replace(vectors.installation, "f".repeat(32)));
  trusted(published("first"), vectors.installation);
});

const OFFER = {
  date: vectors.day,
  directory_version: 1,
  installation: fromHex(vectors.installation, 16),
  members: [COMING],
  trustee_threshold: 2,
  trustees: [],
};
const NOW = Date.parse(vectors.day);

test("an offer of somebody who is not listed is refused", () => {
  assert.throws(() => checkListed(published("first"), OFFER, NOW), { reason: "directory_members" });
  assert.equal(checkListed(published("first"), { ...OFFER, members: [] }, NOW).version, 1);
});

test("an offer under another directory, or with other trustees, is refused", () => {
  const empty = { ...OFFER, members: [] };
  for (const version of [0, 2]) {
    const offer = { ...empty, directory_version: version };
    assert.throws(() => checkListed(published("first"), offer, NOW), { reason: "directory_rollback" });
  }
  const alone = { ...empty, trustee_threshold: 1 };
  assert.throws(() => checkListed(published("first"), alone, NOW), { reason: "directory_members" });
  const key = { id: "t1", recipient: COMING.recipient, verificationKey: fromB64(FIRST.verification_key) };
  const strange = { ...empty, trustees: [key] };
  assert.throws(() => checkListed(published("first"), strange, NOW), { reason: "directory_members" });
});

test("a server that tells another date cannot use an expired directory", () => {
  const empty = { ...OFFER, members: [] };
  const day = 86_400_000;
  const expires = Date.parse(DIRECTORY.expires);
  checkListed(published("first"), empty, expires + 2 * day);
  assert.throws(() => checkListed(published("first"), empty, expires + 3 * day), { reason: "directory_stale" });
  assert.throws(() => checkListed(published("first"), { ...empty, date: "2027-01-01" }, NOW), {
    reason: "directory_stale",
  });
});
