// What the tests in `tests/browser/interop` call, the same bundle in Node and in a browser: bytes go in and out as
// base64, so that both can be driven from Python.

import { openWith, recipientHash, recipientOf, sealTo } from "../src/crypto/age";
import type { Attachment } from "../src/crypto/attachment";
import { b64, fromB64, fromHex, sha256Hex } from "../src/crypto/bytes";
import { type Row, readStream } from "../src/crypto/chain";
import { deriveKeys } from "../src/crypto/code";
import { writeText } from "../src/crypto/dialogue";
import { safeName } from "../src/crypto/filename";
import { openFile, type SealedContent, sealFile } from "../src/crypto/files";
import { openGenesis } from "../src/crypto/genesis";
import { openGrant } from "../src/crypto/grant";
import { openIdentity, sealIdentity } from "../src/crypto/identity";
import { buildSubmission, type Case, readOffer } from "../src/crypto/submission";

/** A case as the server keeps it: what a source fetches with its lookup token. */
interface Kept {
  readonly reference: string;
  readonly installation: string;
  readonly genesis: string;
  readonly work: string;
  readonly dialogue: string;
  readonly grant: string;
  readonly records: readonly (Omit<Row, "file"> & { readonly file: string })[];
}

/** Open and verify a case with its code, as the source's page does. */
async function openCase(code: string, kept: Kept) {
  const keys = await deriveKeys(code, fromHex(kept.installation, 16));
  const recipients = { dialogue: fromB64(kept.dialogue), work: fromB64(kept.work) };
  const expected = { case: kept.reference, installation: kept.installation, source: keys };
  const sealedTo = { source: keys.recipient, work: recipients.work };
  const beginning = await openGenesis(fromB64(kept.genesis), keys.seed, sealedTo, expected);
  const seed = await openGrant(fromB64(kept.grant), keys.seed, recipientHash(recipients.dialogue));
  const rows = kept.records.map((row) => ({ ...row, file: fromB64(row.file) }));
  const stream = await readStream(beginning, rows, new Map([[0, { ...recipients, seed }]]));
  return { beginning, keys, recipients, stream };
}

const calls = {
  recipient: async (seed: string) => b64(recipientOf(fromB64(seed))),
  seal: async (plaintext: string, recipients: readonly string[]) =>
    b64(await sealTo(fromB64(plaintext), recipients.map(fromB64))),
  open: async (file: string, seed: string) => b64(await openWith(fromB64(file), fromB64(seed))),
  // The file is the piece so many times over: a large one need not come as base64.
  sealFile: async (piece: string, times: number) => {
    const sealing = await sealFile(new Blob(Array.from({ length: times }, () => fromB64(piece))));
    const parts: Blob[] = [];
    for (let part = await sealing.next(); part !== null; part = await sealing.next()) parts.push(new Blob([part]));
    const file = b64(new Uint8Array(await new Blob(parts).arrayBuffer()));
    return { ...sealing.finished(), file, parts: parts.map((part) => part.size) };
  },
  // Gives the digest of what came out.
  openFile: async (file: string, said: SealedContent) =>
    sha256Hex(new Uint8Array(await (await openFile(new Blob([fromB64(file)]).stream(), said)).arrayBuffer())),
  // For `benchmarks/files_in_browser.py`: seconds that sealing, opening and, as a baseline, the engine's own AES and
  // SHA-256 take over so many MiB. The parts go to blobs at once, as they go to the network in earnest.
  timeFile: async (mebibytes: number) => {
    const piece = crypto.getRandomValues(new Uint8Array(65_536));
    const file = new Blob(Array.from({ length: 16 * mebibytes }, () => piece));
    const parts: Blob[] = [];
    const start = performance.now();
    const sealing = await sealFile(file);
    for (let part = await sealing.next(); part !== null; part = await sealing.next()) parts.push(new Blob([part]));
    const sealed = performance.now();
    await openFile(new Blob(parts).stream(), sealing.finished());
    const opened = performance.now();
    const key = await crypto.subtle.generateKey({ length: 256, name: "AES-GCM" }, false, ["encrypt"]);
    for (let at = 0; at < 16 * mebibytes; at += 1) {
      await crypto.subtle.encrypt({ iv: new Uint8Array(12), name: "AES-GCM" }, key, piece);
      await crypto.subtle.digest("SHA-256", piece);
    }
    const bare = performance.now();
    return { bare: (bare - opened) / 1000, open: (opened - sealed) / 1000, seal: (sealed - start) / 1000 };
  },
  safeNames: async (names: readonly string[]) => names.map(safeName),
  sealIdentity: async (signing: string, age: string, passphrase: string) =>
    b64(await sealIdentity({ age: fromB64(age), signing: fromB64(signing) }, passphrase)),
  openIdentity: async (file: string, passphrase: string) => {
    const keys = await openIdentity(fromB64(file), passphrase);
    return { age: b64(keys.age), signing: b64(keys.signing) };
  },
  submit: async (offer: unknown, wanted: Case, code: string) => {
    const read = readOffer(offer);
    return buildSubmission(read, wanted, await deriveKeys(code, read.installation));
  },
  read: async (code: string, kept: Kept) => {
    const { stream } = await openCase(code, kept);
    return stream.entries.map((entry) =>
      entry.ok
        ? {
            attachments: entry.header.attachments,
            body: entry.body,
            from: entry.header.from,
            kind: entry.header.kind,
          }
        : { reason: entry.reason },
    );
  },
  answer: async (code: string, kept: Kept, text: string, at: string, attachments: readonly Attachment[]) => {
    const { beginning, keys, recipients, stream } = await openCase(code, kept);
    const author = { from: "source", signingSeed: keys.signingSeed };
    return (await writeText("message", text, { at, author, beginning, recipients, stream }, attachments)).record;
  },
};

export type Calls = typeof calls;
Object.assign(globalThis, { interop: calls });
