// A case as the tests need it: a server's offer, a source's submission, and what each side then reads.

import { recipientHash, recipientOf } from "../src/crypto/age";
import { b64, fromB64, fromHex, hex, sha256, utf8 } from "../src/crypto/bytes";
import { type EpochKeys, type Row, readStream } from "../src/crypto/chain";
import type { SourceKeys } from "../src/crypto/code";
import type { Author } from "../src/crypto/dialogue";
import { type Beginning, openGenesis, type Role } from "../src/crypto/genesis";
import { openGrant } from "../src/crypto/grant";
import { hkdf, verificationKey } from "../src/crypto/keys";
import { buildSubmission, type Case, readOffer } from "../src/crypto/submission";
import { trusteeIdentity } from "../src/crypto/trustee";

export const INSTALLATION = fromHex("00112233445566778899aabbccddeeff", 16);
export const REFERENCE = "SKG-7K2M-9QXD";

/** A seed that is the same in every run. */
export function seedOf(name: string): Uint8Array<ArrayBuffer> {
  return sha256(utf8(name));
}

/** The keys that a code would give, without the second that deriving them takes. */
export function sourceKeys(name = "source"): SourceKeys {
  const root = seedOf(name);
  const seed = hkdf(root, "tipportal/v1/source/age");
  const signingSeed = hkdf(root, "tipportal/v1/source/ed25519");
  const lookupToken = hkdf(root, "tipportal/v1/source/lookup");
  return {
    installation: hex(INSTALLATION),
    lookupDigest: hex(sha256(lookupToken)),
    lookupToken,
    recipient: recipientOf(seed),
    seed,
    signingSeed,
    verificationKey: verificationKey(signingSeed),
  };
}

export interface Handler extends Author {
  readonly seed: Uint8Array;
  readonly role: Role;
  readonly unit: string;
}

export function handler(from: string, role: Role, unit: string): Handler {
  return { from, role, seed: seedOf(`${from} age`), signingSeed: seedOf(`${from} signing`), unit };
}

export const PANEL = [
  handler("h1", "panel", "legal"),
  handler("h2", "panel", "neighbour"),
  handler("h3", "standby", "audit"),
] as const;

export function offered(one: Handler) {
  return {
    id: one.from,
    role: one.role,
    function: "tips",
    unit: one.unit,
    recipient: recipientOf(one.seed),
    verificationKey: verificationKey(one.signingSeed),
  };
}

/** Three trustees, two of whom open a case together. */
export const TRUSTEES = ["t1", "t2", "t3"].map((id) => ({ ...trusteeIdentity(seedOf(`${id} paper`)), id }));
export const THRESHOLD = 2;

/** What the server answers to `POST /api/panel`. */
export function offerJson(handlers: readonly Handler[] = PANEL): Record<string, unknown> {
  return {
    ticket: "ticket",
    reference: REFERENCE,
    installation: hex(INSTALLATION),
    date: "2026-11-22",
    organisation: "skogsby",
    authority: "skogsby",
    policy_version: 3,
    directory_version: 5,
    members: handlers.map((one) => {
      const { verificationKey: key, recipient, ...rest } = offered(one);
      return { ...rest, recipient: b64(recipient), verification_key: b64(key) };
    }),
    trustees: TRUSTEES.map(({ id, recipient, verificationKey: key }) => ({
      id,
      recipient: b64(recipient),
      verification_key: b64(key),
    })),
    trustee_threshold: THRESHOLD,
  };
}

export const WANTED: Case = {
  organisation: "skogsby",
  channel: "tip",
  facts: { area: "procurement", concerns: ["unit:works"], subject_role: "manager" },
  answers: { what_happened: "Fakturor för arbete som aldrig gjordes – \u{1f333}", how_known: ["saw", "heard"] },
  language: "sv",
};

interface SentRow extends Omit<Row, "file" | "stream"> {
  readonly stream: "genesis" | "dialogue" | "work";
  readonly file: string;
}

/** The parts of a submission that the tests look into. */
export interface Sent {
  readonly genesis: string;
  readonly records: readonly SentRow[];
  readonly grants: readonly { readonly holder: string; readonly kind: string; readonly file: string }[];
  readonly work: string;
  readonly dialogue: string;
  readonly source: Readonly<Record<string, string>>;
  readonly vault: SentVault | null;
}

interface SentVault {
  readonly file: string;
  readonly shares: readonly { readonly holder: string; readonly file: string }[];
}

export async function submit(keys = sourceKeys(), wanted = WANTED, offer = offerJson()): Promise<Sent> {
  return (await buildSubmission(readOffer(offer), wanted, keys)) as unknown as Sent;
}

export function received(row: SentRow): Row {
  if (row.stream === "genesis") throw new Error("the genesis record is no row");
  return { ...row, file: fromB64(row.file), stream: row.stream };
}

/** A submitted case, opened by the source and by a handler. */
export interface Opened {
  readonly keys: SourceKeys;
  readonly beginning: Beginning;
  readonly genesisFile: Uint8Array;
  readonly dialogueRows: readonly Row[];
  readonly workRows: readonly Row[];
  readonly dialogueKeys: ReadonlyMap<number, EpochKeys>;
  readonly workKeys: ReadonlyMap<number, EpochKeys>;
  readonly vault: SentVault;
}

export async function openCase(keys = sourceKeys(), wanted = WANTED): Promise<Opened> {
  const sent = await submit(keys, wanted);
  const [genesis, report, facts] = sent.records as [SentRow, SentRow, SentRow];
  const recipients = { dialogue: fromB64(sent.dialogue), work: fromB64(sent.work) };
  const genesisFile = fromB64(genesis.file);
  const grant = (holder: string) => fromB64(sent.grants.find((one) => one.holder === holder)?.file ?? "");
  const work = await openGrant(grant("h1"), PANEL[0].seed, recipientHash(recipients.work));
  const dialogue = await openGrant(grant("source"), keys.seed, recipientHash(recipients.dialogue));
  const sealedTo = { source: keys.recipient, work: recipients.work };
  const expected = { case: REFERENCE, installation: keys.installation, source: keys };
  return {
    keys,
    beginning: await openGenesis(genesisFile, keys.seed, sealedTo, expected),
    genesisFile,
    dialogueRows: [received(report)],
    workRows: [received(facts)],
    dialogueKeys: new Map([[0, { ...recipients, seed: dialogue }]]),
    workKeys: new Map([[0, { ...recipients, seed: work }]]),
    vault: sent.vault ?? { file: "", shares: [] },
  };
}

/** Read a stream of the case and give, for each row, `ok` or the reason. */
export async function verdicts(opened: Opened, rows: readonly Row[], keys = opened.dialogueKeys): Promise<string[]> {
  const { entries } = await readStream(opened.beginning, rows, keys);
  return entries.map((entry) => (entry.ok ? "ok" : entry.reason));
}
