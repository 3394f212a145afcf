import assert from "node:assert/strict";
import { test } from "node:test";
import { recipientOf } from "../src/crypto/age";
import { openApart } from "../src/crypto/apart";
import { b64url, concat, sha256 } from "../src/crypto/bytes";
import { EnvelopeError } from "../src/crypto/errors";
import { readLink, sealAnswer } from "../src/crypto/handoveranswer";
import { kronorText, readKronor } from "../src/handler/forms";
import { revealing } from "../src/handler/handover";
import { skippedBy } from "../src/handler/measures";
import { unansweredSince } from "../src/handler/reopening";

const SEED = new Uint8Array(32).fill(7);
const ABOUT = { case: "ABC-DEF-GHJ", handover: "h1", months: 3 };

test("an answer is sealed to the keys that the link names, and to no others", async () => {
  const work = recipientOf(SEED);
  const link = readLink(b64url(concat(new Uint8Array(32).fill(1), sha256(work))));
  const file = await sealAnswer(link, work, ABOUT, "Klart.");
  assert.deepEqual(await openApart(file, SEED), { ...ABOUT, answers: { text: "Klart." }, v: 1 });
  const other = recipientOf(new Uint8Array(32).fill(8));
  await assert.rejects(sealAnswer(link, other, ABOUT, "Klart."), EnvelopeError);
});

test("a link is whole or none", () => {
  for (const wrong of ["", "a".repeat(85), "a".repeat(87), `${"a".repeat(85)}=`, `${"a".repeat(85)}å`]) {
    assert.throws(() => readLink(wrong), EnvelopeError);
  }
});

test("kronor are whole, with spaces or without, and bounded", () => {
  const read = ["0", "12 500", "12\u00a0500 kr", "1000000000000"].map(readKronor);
  assert.deepEqual(read, [0, 12_500, 12_500, 1e12]);
  for (const wrong of ["", "-1", "1,5", "1.5", "tolv", "1000000000001", "99999999999999"]) {
    assert.equal(readKronor(wrong), null);
  }
  assert.match(kronorText(12_500, "sv"), /^12\s500 kr$/);
});

test("milder steps that were not taken are skipped, but never the local one", () => {
  assert.deepEqual(skippedBy("deauthorisation", []), ["action_plan", "warning"]);
  assert.deepEqual(skippedBy("deauthorisation", ["action_plan", "warning"]), []);
  assert.deepEqual(skippedBy("warning", ["deauthorisation"]), []);
  assert.deepEqual(skippedBy("", []), []);
});

test("what the source wrote of how to be reached is found in what would go out", () => {
  const answers = { contact: "Ring Vera Lind, 070-123 45 67" };
  const entries = [{ body: { answers }, ok: true, row: { kind: "report" } }];
  const found = (content: string) => revealing({ dialogue: { entries } } as never, content);
  assert.equal(found("Fakturorna för mars."), null);
  assert.equal(found("Uppgifterna kommer från 070-123."), "070-123");
  assert.equal(revealing(undefined, "070-123"), null);
});

test("a question waits for its answer while nothing from the source has come since", () => {
  const said = (kind: string, from: string) => ({ header: { at: "2026-11-01", from, kind }, ok: true, row: { kind } });
  const asked = (...entries: unknown[]) => unansweredSince({ dialogue: { entries } } as never);
  assert.equal(asked(said("report", "source"), said("message", "h1")), "2026-11-01");
  assert.equal(asked(said("report", "source"), said("message", "h1"), said("notice", "h1")), "2026-11-01");
  assert.equal(asked(said("message", "h1"), said("message", "source")), null);
  assert.equal(asked(said("report", "source")), null);
});
