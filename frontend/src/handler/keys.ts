/**
 * A handler's unlocked keys. In memory while a page is open; between pages in this tab's `sessionStorage`, but only
 * sealed under a key that the server's session holds and forgets after 15 idle minutes. Chromium leaves what lies in
 * `sessionStorage` on disk, so it must be worth nothing there.
 */
import { b64, same } from "../crypto/bytes";
import { EnvelopeError } from "../crypto/errors";
import { type HandlerKeys, openIdentity, publicKeys, readPassphrase, unwrapKeys, wrapKeys } from "../crypto/identity";
import * as shape from "../crypto/shape";
import { Problem, post } from "./api";
import { openWithPasskey, type PasskeyWay } from "./passkey";

const PLACE = "tipportal.keys";
/** Where `linking` keeps its digests: they go with the keys. */
export const MATCHES = "tipportal.matches";
const KEY_SIZE = 32;

/** Why unlocking failed: words not in the list (from 1), another number of words, another passphrase, no passkey. */
export class UnlockError extends Error {
  constructor(
    readonly reason: "count" | "unknown" | "wrong" | "no_passkey",
    readonly words: readonly number[] = [],
  ) {
    super(reason);
    this.name = "UnlockError";
  }
}

export function forget(): void {
  sessionStorage.removeItem(PLACE);
  sessionStorage.removeItem(MATCHES);
}

/** Ask for the storage key; asking moves the idle limit. Null when the session is locked. */
async function storageKey(): Promise<Uint8Array | null> {
  try {
    return shape.bytes(shape.including(await post("storage-key"), "storage_key")["storage_key"], KEY_SIZE);
  } catch (error) {
    if (error instanceof Problem && error.code === "locked") return null;
    throw error;
  }
}

/** The keys that an earlier page in this tab unlocked, or null. */
export async function resume(): Promise<HandlerKeys | null> {
  const kept = sessionStorage.getItem(PLACE);
  if (kept === null) return null;
  const key = await storageKey();
  if (key === null) {
    forget();
    return null;
  }
  try {
    return await unwrapKeys(shape.bytes(kept), key);
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    // Sealed under a key of an earlier session: worth nothing any more.
    forget();
    return null;
  }
}

/** Keep the session unlocked while somebody works. False when it has been locked. */
export async function stillUnlocked(): Promise<boolean> {
  return (await storageKey()) !== null;
}

/** A way to the keys: sealed under a passphrase, or with what a passkey is asked. */
interface Way {
  readonly file: Uint8Array;
  readonly passkey: PasskeyWay | null;
}

function readWay(value: unknown): Way {
  const read = shape.including(value, "kind", "file");
  const file = shape.bytes(read["file"]);
  if (shape.oneOf(read["kind"], "passphrase", "passkey") === "passphrase") return { file, passkey: null };
  const credentialId = shape.bytes(read["credential_id"]);
  return { file, passkey: { credentialId, file, salt: shape.bytes(read["salt"]) } };
}

/** The keys under whichever of the passphrases this is, in the order in which they were added. */
async function openedWith(ways: readonly Way[], passphrase: string): Promise<HandlerKeys> {
  for (const way of ways) {
    if (way.passkey !== null) continue;
    try {
      return await openIdentity(way.file, passphrase);
    } catch (error) {
      if (!(error instanceof EnvelopeError && error.reason === "not_opened")) throw error;
    }
  }
  throw new UnlockError("wrong");
}

/** Unlock with a passphrase of seven words. Raises UnlockError, Problem. */
export async function unlock(written: string): Promise<HandlerKeys> {
  const read = readPassphrase(written);
  if (!read.ok) throw new UnlockError(read.unknown.length > 0 ? "unknown" : "count", read.unknown);
  return unlocked((ways) => openedWith(ways, read.text));
}

/** Unlock with a passkey that has a PRF. Raises UnlockError, PasskeyError, Problem. */
export async function unlockWithPasskey(): Promise<HandlerKeys> {
  return unlocked((ways, rpId) => {
    const passkeys = ways.flatMap(({ passkey }) => (passkey === null ? [] : [passkey]));
    if (passkeys.length === 0) throw new UnlockError("no_passkey");
    return openWithPasskey(passkeys, rpId);
  });
}

async function unlocked(open: (ways: readonly Way[], rpId: string) => Promise<HandlerKeys>): Promise<HandlerKeys> {
  const answer = shape.including(
    await post("unlock"),
    ...["ways", "rp_id", "recipient", "verification_key", "storage_key"],
  );
  const keys = await open(shape.list(answer["ways"], readWay), shape.string(answer["rp_id"]));
  const { recipient, verificationKey } = publicKeys(keys);
  // A server that named other public keys than mine would have cases sealed to somebody else.
  if (
    !same(recipient, shape.bytes(answer["recipient"])) ||
    !same(verificationKey, shape.bytes(answer["verification_key"]))
  ) {
    throw new EnvelopeError("key");
  }
  sessionStorage.setItem(PLACE, b64(await wrapKeys(keys, shape.bytes(answer["storage_key"], KEY_SIZE))));
  return keys;
}

/** Lock: nothing in this browser opens anything from now on. */
export async function lock(): Promise<void> {
  forget();
  await post("lock");
}
