import assert from "node:assert/strict";
import { test } from "node:test";
import vectors from "../../tests/vectors/directory.json";
import {
  checkRemembered,
  type Directory,
  fingerprint,
  memberFaults,
  type Remembered,
  readDirectory,
  readTrusteesThen,
  remembered,
  trusteeFaults,
} from "../src/crypto/directory";
import { EnvelopeError } from "../src/crypto/errors";

type Roots = keyof typeof vectors.roots;
type Snapshots = keyof typeof vectors.snapshots;

function answer(roots: readonly string[], snapshot: string): unknown {
  return structuredClone({
    directory: vectors.snapshots[snapshot as Snapshots],
    roots: roots.map((name) => vectors.roots[name as Roots]),
  });
}

for (const one of vectors.cases) {
  test(`directory: ${one.name}`, () => {
    const verify = () => {
      const read = readDirectory(answer(one.roots, one.snapshot), vectors.installation, vectors.day, one.day);
      if (one.remembered !== null) checkRemembered(read, one.remembered as Remembered);
    };
    if (one.fault === null) verify();
    else assert.throws(verify, { reason: one.fault });
  });
}

const DIRECTORY: Directory = readDirectory(answer(["first"], "first"), vectors.installation, vectors.day);
const SNAPSHOT = vectors.snapshots.first.snapshot;

test("digests and fingerprints are the server's", () => {
  assert.deepEqual(fingerprint(DIRECTORY.root), vectors.fingerprints.first);
  const rotated = readDirectory(answer(["first", "rotated"], "third, of the new root"), vectors.installation);
  assert.deepEqual(fingerprint(rotated.root), vectors.fingerprints.rotated);
  assert.deepEqual(remembered(DIRECTORY), {
    digest: vectors.digests.snapshot,
    root: 1,
    root_digest: vectors.digests.first,
    version: 1,
  });
});

test("nothing published", () => {
  const nothing = { directory: null, roots: [] };
  assert.throws(() => readDirectory(nothing, vectors.installation), { reason: "directory_none" });
  assert.throws(() => readDirectory({ ...(answer([], "first") as object) }, vectors.installation), {
    reason: "directory_none",
  });
});

/** The value with one of its parts wrong, in every way and place; signatures of ML-DSA excepted, as browsers skip them. */
function* damaged(value: unknown, key = ""): Generator<unknown> {
  if (Array.isArray(value)) {
    for (const [place, part] of value.entries()) {
      for (const worse of damaged(part)) yield value.map((old, at) => (at === place ? worse : old));
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [name, part] of Object.entries(value)) {
      const { [name]: _, ...rest } = value as Record<string, unknown>;
      yield rest;
      for (const worse of damaged(part, name)) yield { ...value, [name]: worse };
    }
  } else if (key !== "mldsa65") {
    yield typeof value === "string" ? (value === "" ? "x" : null) : 0.5;
  }
}

test("damage anywhere is refused", () => {
  let tried = 0;
  for (const worse of damaged(answer(["first"], "first"))) {
    tried += 1;
    assert.throws(() => readDirectory(worse, vectors.installation, vectors.day), EnvelopeError);
  }
  assert.ok(tried > 150);
});

const MEMBERS = SNAPSHOT.handlers.map((handler, place) => ({
  function: handler.designations[0]?.function ?? "",
  recipient: handler.recipient,
  role: place < 2 ? ("panel" as const) : ("standby" as const),
  unit: handler.designations[0]?.unit ?? "",
  verification_key: handler.verification_key,
}));

test("members as listed", () => {
  assert.deepEqual(memberFaults(DIRECTORY, MEMBERS, vectors.day), []);
});

const [FIRST, SECOND] = MEMBERS as [(typeof MEMBERS)[0], (typeof MEMBERS)[0]];
for (const [change, fault] of [
  [{ recipient: "0".repeat(64) }, "member_unlisted"],
  [{ verification_key: SECOND.verification_key }, "member_unlisted"],
  [{ function: "f-tips" }, "member_not_designated"],
  [{ unit: "u-finance" }, "member_not_designated"],
] as const) {
  test(`a member with another ${Object.keys(change)[0]}`, () => {
    for (const place of [0, 2]) {
      const members = MEMBERS.map((member, at) => (at === place ? { ...member, ...change } : member));
      assert.deepEqual(memberFaults(DIRECTORY, members, vectors.day), [fault]);
    }
  });
}

test("designated on the day", () => {
  assert.deepEqual(memberFaults(DIRECTORY, MEMBERS, "2020-01-01"), ["member_not_designated"]);
});

/** People of one party, each with a unit of their own. */
function firm(count: number, external: boolean): Directory {
  const handlers = Array.from({ length: count }, (_, place) => ({
    designations: [{ external, from: "2026-01-01", function: "f", party: "firm", to: null, unit: `u${place}` }],
    recipient: `r${place}`,
    verification_key: `k${place}`,
  }));
  return { ...DIRECTORY, handlers };
}

test("one firm is one party, until there are three of its people", () => {
  const two = [0, 1].map((place) => ({
    function: "f",
    recipient: `r${place}`,
    role: "panel" as const,
    unit: `u${place}`,
    verification_key: `k${place}`,
  }));
  assert.deepEqual(memberFaults(firm(2, true), two, vectors.day), ["panel_one_party"]);
  assert.deepEqual(memberFaults(firm(3, true), two, vectors.day), []);
  assert.deepEqual(memberFaults(firm(2, false), two, vectors.day), []);
});

test("trustees", () => {
  const trustees = SNAPSHOT.trustees.members;
  assert.deepEqual(trusteeFaults(DIRECTORY, trustees, 2), []);
  assert.deepEqual(trusteeFaults(DIRECTORY, trustees.slice(1), 2), []);
  assert.deepEqual(trusteeFaults(DIRECTORY, [{ ...FIRST }], 3), ["trustee_unlisted", "trustee_threshold"]);
});

test("a directory's trustees count for an epoch begun while it was in force, or while those keys were in use", () => {
  const second = answer(["first"], "second");
  const genesis = { directory_version: 1, installation: vectors.installation };
  const then = (since: string, at: string, version = 1) =>
    readTrusteesThen(second, { ...genesis, directory_version: version }, since, at);
  // In force from 2026-11-17 to 2026-12-22.
  assert.equal(then("2026-01-01", "2026-11-17").version, 2);
  assert.equal(then("2026-11-20", "2026-11-22", 2).version, 2);
  assert.equal(then("2026-12-22", "2027-06-01").version, 2);
  assert.throws(() => then("2026-01-01", "2026-11-16"), { reason: "directory_not_yet" });
  assert.throws(() => then("2026-12-23", "2027-06-01"), { reason: "directory_stale" });
  assert.throws(() => then("2026-11-23", "2026-11-22"), { reason: "directory_stale" });
  assert.throws(() => then("2026-11-20", "2026-11-22", 3), { reason: "directory_rollback" });
  assert.throws(() => readTrusteesThen(answer(["first"], "by one"), genesis, "2026-11-20", "2026-11-22"), {
    reason: "directory_signatures",
  });
});
