// A vault from a member's browser: whom shares are lent to, what a lent share opens, who gets shares anew; and excerpts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EnvelopeError } from "../src/crypto/errors";
import { named } from "../src/crypto/genesis";
import { combine, split } from "../src/crypto/shamir";
import { namedTrustee } from "../src/crypto/trustee";
import { lendVaultShare, openLentShare } from "../src/crypto/vault";
import { excerptOf, wholeOf } from "../src/handler/excerpt";
import type { OpenedCase } from "../src/handler/opened";
import { borrowers, hasVault, holders, openingAct } from "../src/handler/vault";
import { handler, offered, PANEL, seedOf, TRUSTEES } from "./case";

const [FIRST, SECOND, STANDBY] = PANEL;
const STRANGER = offered(handler("h2", "panel", "neighbour of another"));

function opened(change: { newest?: ReturnType<typeof offered>[]; released?: string[]; proposals?: unknown[] } = {}) {
  const members = PANEL.map(offered);
  return {
    answer: { me: "h1", released: new Set(change.released ?? []), trustees: TRUSTEES },
    beginning: { genesis: { vault: null } },
    newest: { members: change.newest ?? members },
    proposals: change.proposals ?? [],
    work: { epochs: [{ members: members.map(named), trustees: TRUSTEES.map(namedTrustee) }] },
  } as unknown as OpenedCase;
}

test("a share is lent to those who may decide with me, and one alone when one has proposed", async () => {
  const [, second, standby] = PANEL.map(offered);
  assert.deepEqual(borrowers(opened()), [second?.recipient]);
  assert.deepEqual(borrowers(opened({ released: ["h3"] })), [second?.recipient, standby?.recipient]);
  assert.deepEqual(borrowers(opened(), "h3"), [standby?.recipient]);
  assert.throws(() => borrowers(opened(), "h9"), EnvelopeError);
  assert.throws(() => borrowers(opened(), "h1"), EnvelopeError);
});

test("a share is never lent to keys that the chain does not name", () => {
  const swapped = PANEL.map(offered).map((one) =>
    one.id === "h2" ? { ...one, recipient: offered(handler("x", "panel", "x")).recipient } : one,
  );
  assert.throws(() => borrowers(opened({ newest: swapped })), EnvelopeError);
  assert.equal(STRANGER.id, "h2");
});

test("what was lent opens for each of them, and with one's own share gives the seed", async () => {
  const seed = seedOf("vault");
  const shares = await split(seed, 3, 2);
  const recipients = [SECOND, STANDBY].map((one) => offered(one).recipient);
  const file = await lendVaultShare(shares[0] as Uint8Array, recipients);
  for (const one of [SECOND, STANDBY]) {
    const lent = await openLentShare(file, one.seed);
    assert.deepEqual(await combine([lent, shares[1] as Uint8Array]), seed);
  }
  await assert.rejects(openLentShare(file, FIRST.seed), EnvelopeError);
  const short = await lendVaultShare(new Uint8Array(32), recipients);
  await assert.rejects(openLentShare(short, SECOND.seed), EnvelopeError);
});

test("split anew, everybody with a key has a share, and no trustee whom nobody has signed for", () => {
  const found = holders(opened(), new Set());
  assert.deepEqual(
    found.map(({ id }) => id),
    ["h1", "h2", "h3", "t1", "t2", "t3"],
  );
  const unsigned = opened();
  (unsigned.work.epochs[0] as unknown as { trustees: unknown[] }).trustees = [];
  assert.throws(() => holders(unsigned, new Set()), EnvelopeError);
  const signed = new Set(TRUSTEES.map((one) => namedTrustee(one).recipient));
  assert.equal(holders(unsigned, signed).length, 6);
});

test("the vault opens by an act of mine that two have signed and this browser has verified", () => {
  const act = (change: object, fault: string | null = null) => ({
    answer: { approver: "h2", kind: "open_identity", proposer: "h1", state: "approved", ...change },
    fault,
  });
  const by = (...proposals: unknown[]) => openingAct(opened({ proposals }));
  assert.equal(hasVault(opened()), false);
  assert.notEqual(by(act({})), undefined);
  assert.notEqual(by(act({ approver: "h1", proposer: "h2" })), undefined);
  for (const wrong of [act({ state: "open" }), act({ kind: "close" }), act({ proposer: "h3" }), act({}, "signature")]) {
    assert.equal(by(wrong), undefined);
  }
});

test("an excerpt is the beginning of what was verified, in whole characters", () => {
  const entry = (body: unknown, change: object = {}) => ({ body, header: { kind: "report" }, ok: true, ...change });
  const of = (...entries: unknown[]) => excerptOf({ dialogue: { entries } } as unknown as OpenedCase);
  const told = (text: unknown) => entry({ answers: { what_happened: text }, form: "tip" });
  assert.equal(of(told("Kort.")), "Kort.");
  assert.equal(of(told("\u{1f333}".repeat(200))), "\u{1f333}".repeat(200));
  assert.equal(of(told("\u{1f333}".repeat(201))), `${"\u{1f333}".repeat(200)} …`);
  for (const none of [
    told(["a"]),
    entry({}),
    entry(null),
    entry({}, { ok: false }),
    entry({}, { header: { kind: "message" } }),
  ]) {
    assert.equal(of(none), null);
  }
  assert.equal(of(), null);
});

test("the whole text has every answer and every message of the source, and counts the files", () => {
  const entry = (body: unknown, header: object, ok = true) => ({
    body,
    header: { attachments: [], from: "source", kind: "message", ...header },
    ok,
  });
  const of = (...entries: unknown[]) => wholeOf({ dialogue: { entries } } as unknown as OpenedCase);
  const long = "a".repeat(5000);
  const answers = { empty: "", how: ["sett", "hört"], what_happened: long, where: "I kajutan." };
  const first = entry({ answers, form: "tip" }, { attachments: [{}, {}], kind: "report" });
  const found = of(
    first,
    entry({ text: "Mer." }, { attachments: [{}] }),
    entry({ text: "Av oss." }, { attachments: [{}], from: "h1" }),
    entry({ text: "Fel." }, {}, false),
  );
  assert.deepEqual(found, { files: 3, text: [long, "sett, hört", "I kajutan.", "Mer."].join("\n\n") });
  assert.equal(of(entry({ text: "Mer." }, {})), null);
});
