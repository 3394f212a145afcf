/**
 * The handler directory (section 9): who may be a member of a case, signed by two administrators of an offline root.
 * Browsers check the root's Ed25519 signatures; ML-DSA-65 beside them is for the command line.
 */
import { type Bytes, b64, concat, fromHex, hex, sha256Hex, utf8 } from "./bytes";
import { canonical, type Json } from "./canonical";
import { type ChangeAct, changePayloadDigest, changeSignedBy, readChange } from "./change";
import { wordsFrom } from "./code";
import { demand } from "./errors";
import { named, type OfferedMember } from "./genesis";
import { requireKey, VERIFICATION_KEY_SIZE, verifies } from "./keys";
import { NO_DIGEST } from "./record";
import * as shape from "./shape";
import { namedTrustee, type OfferedTrustee, type Trustee } from "./trustee";

const ROOT_CONTEXT = utf8("tipportal/root/v1\0");
const FINGERPRINT_CONTEXT = utf8("tipportal/root-keys/v1\0");
const MLDSA_KEY_SIZE = 1952;
const LONGEST_DAYS = 35;
const DAY_MS = 86_400_000;
/** How far a computer's own clock may be ahead. */
const GRACE_DAYS = 2;
/** 99 bits: whoever would pass off other root keys has to find ones with the same 99 bits. */
export const FINGERPRINT_WORDS = 9;

interface RootKey {
  readonly id: string;
  readonly ed25519: Bytes;
  /** SHA-256 of both halves, hex; `id` is its beginning. */
  readonly digest: string;
}

export interface Root {
  readonly installation: string;
  readonly version: number;
  readonly issued: string;
  readonly keys: readonly RootKey[];
  readonly threshold: number;
  /** Verification key (base64) by account. */
  readonly administrators: ReadonlyMap<string, string>;
  /** SHA-256 of the canonical document, hex. */
  readonly digest: string;
}

interface Designation {
  readonly function: string;
  readonly unit: string;
  readonly party: string;
  readonly external: boolean;
  readonly from: string;
  readonly to: string | null;
}

interface Handler {
  readonly recipient: string;
  readonly verification_key: string;
  readonly designations: readonly Designation[];
}

export interface Directory {
  readonly root: Root;
  readonly roots: readonly Root[];
  readonly version: number;
  readonly digest: string;
  readonly issued: string;
  readonly expires: string;
  readonly handlers: readonly Handler[];
  readonly threshold: number;
  readonly trustees: readonly Trustee[];
}

/** The highest that a client has seen: versions and digests of the root and of the snapshot under it. */
export interface Remembered {
  readonly root: number;
  readonly root_digest: string;
  readonly version: number;
  readonly digest: string;
}

/** A member as genesis and epoch records name one. */
interface Named {
  readonly role: "panel" | "standby";
  readonly function: string;
  readonly unit: string;
  readonly recipient: string;
  readonly verification_key: string;
}

export type MemberFault =
  | "member_unlisted"
  | "member_not_designated"
  | "panel_one_party"
  | "trustee_unlisted"
  | "trustee_threshold";

const different = (values: readonly unknown[]) => new Set(values).size === values.length;

function readKey(value: unknown): string {
  requireKey(shape.bytes(value, VERIFICATION_KEY_SIZE));
  return value as string;
}

function readRootKey(value: unknown): RootKey {
  const read = shape.exactly(value, "id", "ed25519", "mldsa65");
  const ed25519 = shape.bytes(readKey(read["ed25519"]));
  const digest = sha256Hex(ed25519, shape.bytes(read["mldsa65"], MLDSA_KEY_SIZE));
  demand(read["id"] === digest.slice(0, 16), "value");
  return { digest, ed25519, id: digest.slice(0, 16) };
}

function readRoot(value: unknown): Root {
  const read = shape.exactly(
    value,
    ...["v", "installation", "version", "issued", "keys", "threshold", "administrators"],
  );
  const keys = shape.list(read["keys"], readRootKey, 10);
  const threshold = shape.count(read["threshold"]);
  const administrators = shape.list(
    read["administrators"],
    (one) => {
      const { id, verification_key: key } = shape.exactly(one, "id", "verification_key");
      return [shape.reference(id), readKey(key)] as const;
    },
    20,
  );
  const version = shape.count(read["version"]);
  demand(read["v"] === 1 && version > 0 && keys.length > 2, "value");
  // One key may be lost without the root being lost.
  demand(threshold > 1 && threshold < keys.length, "value");
  // A key counts once, however it is named.
  demand(different(keys.map((key) => b64(key.ed25519))), "value");
  demand(administrators.length > 1 && different(administrators.map(([id]) => id)), "value");
  demand(different(administrators.map(([, key]) => key)), "value");
  shape.hexBytes(read["installation"], 16);
  return {
    administrators: new Map(administrators),
    digest: sha256Hex(canonical(value as Json)),
    installation: read["installation"] as string,
    issued: shape.date(read["issued"]),
    keys,
    threshold,
    version,
  };
}

/** Whether enough of these keys are among those who have signed. */
function enough({ keys, threshold }: Root, message: Bytes, signatures: ReadonlyMap<string, Bytes>): boolean {
  const signed = keys.filter(({ ed25519, id }) => {
    const signature = signatures.get(id);
    return signature !== undefined && verifies(signature, message, ed25519);
  });
  return signed.length >= threshold;
}

/** The chain of roots, from the first: each signed by enough of its own keys and of those before it. */
export function readRoots(value: unknown, installation: string): Root[] {
  const roots: Root[] = [];
  shape.list(
    value,
    (one) => {
      const signed = shape.exactly(one, "root", "signatures");
      const root = readRoot(signed["root"]);
      const before = roots.at(-1);
      demand(root.installation === installation, "directory_installation");
      demand(root.version === roots.length + 1, "directory_root_chain");
      demand(before === undefined || before.issued <= root.issued, "directory_root_chain");
      const signatures = new Map(
        shape.list(signed["signatures"], (signature) => {
          const read = shape.exactly(signature, "key", "ed25519", "mldsa65");
          return [shape.string(read["key"]), shape.bytes(read["ed25519"])] as const;
        }),
      );
      const message = concat(ROOT_CONTEXT, canonical(signed["root"] as Json));
      demand(
        [before ?? root, root].every((judged) => enough(judged, message, signatures)),
        "directory_root_signatures",
      );
      roots.push(root);
    },
    100,
  );
  return roots;
}

function readDesignation(value: unknown): Designation {
  const read = shape.exactly(value, "function", "unit", "party", "external", "from", "to");
  demand(typeof read["external"] === "boolean", "value");
  return {
    external: read["external"],
    from: shape.date(read["from"]),
    function: shape.reference(read["function"]),
    party: shape.reference(read["party"]),
    to: shape.orNull(read["to"], shape.date),
    unit: shape.reference(read["unit"]),
  };
}

function readHandler(value: unknown): Handler {
  const read = shape.exactly(value, "id", "name", "recipient", "verification_key", "designations");
  shape.digest(read["name"]);
  return {
    designations: shape.list(read["designations"], readDesignation),
    recipient: shape.digest(read["recipient"]),
    verification_key: readKey(read["verification_key"]),
  };
}

function readTrustee(value: unknown): Trustee {
  const read = shape.exactly(value, "id", "recipient", "verification_key");
  return {
    id: shape.string(read["id"]),
    recipient: shape.digest(read["recipient"]),
    verification_key: readKey(read["verification_key"]),
  };
}

function checkDecided(act: ChangeAct, snapshot: Json, version: number, root: Root, signatures: unknown): void {
  const decided = act.kind === "directory" && act.base === version - 1 && act.payload === changePayloadDigest(snapshot);
  const signers = shape.list(signatures, (one) => {
    const read = shape.exactly(one, "administrator", "signature");
    const key = root.administrators.get(shape.string(read["administrator"]));
    demand(key !== undefined && changeSignedBy(act, shape.string(read["signature"]), key), "directory_signatures");
    return key;
  });
  demand(decided && signers.length === 2 && different(signers), "directory_signatures");
}

/**
 * Read the answer of `GET /api/directory` and verify it: the chain of roots, two administrators' signatures under the
 * newest snapshot, and that it is in force on each of `days`.
 *
 * @throws EnvelopeError `directory_…` with what is wrong
 */
export function readDirectory(value: unknown, installation: string, ...days: string[]): Directory {
  const published = shape.exactly(value, "roots", "directory");
  demand(published["directory"] !== null, "directory_none");
  const roots = readRoots(published["roots"], installation);
  const root = roots.at(-1);
  demand(root !== undefined, "directory_none");
  const signed = shape.exactly(published["directory"], "snapshot", "act", "signatures");
  const read = shape.exactly(
    signed["snapshot"],
    ...["v", "installation", "version", "root", "previous", "issued", "expires", "handlers", "trustees"],
  );
  const trustees = shape.exactly(read["trustees"], "threshold", "members");
  const version = shape.count(read["version"]);
  const act = readChange(signed["act"]);
  demand(read["installation"] === installation && act.installation === installation, "directory_installation");
  demand(read["root"] === root.digest, "directory_wrong_root");
  const directory: Directory = {
    digest: sha256Hex(canonical(signed["snapshot"] as Json)),
    expires: shape.date(read["expires"]),
    handlers: shape.list(read["handlers"], readHandler, 5000),
    issued: shape.date(read["issued"]),
    root,
    roots,
    threshold: shape.count(trustees["threshold"]),
    trustees: shape.list(trustees["members"], readTrustee, 20),
    version,
  };
  demand(read["v"] === 1 && version > 0, "value");
  demand(version > 1 || read["previous"] === NO_DIGEST, "value");
  shape.digest(read["previous"]);
  // One key under two ids would make one person count as two.
  demand(different(directory.handlers.map((handler) => handler.recipient)), "value");
  demand(different(directory.handlers.map((handler) => handler.verification_key)), "value");
  demand(directory.threshold <= directory.trustees.length, "value");
  const lasts = (Date.parse(directory.expires) - Date.parse(directory.issued)) / DAY_MS;
  demand(lasts >= 0 && lasts <= LONGEST_DAYS, "directory_validity");
  checkDecided(act, signed["snapshot"] as Json, version, root, signed["signatures"]);
  for (const day of days) {
    demand(day <= directory.expires, "directory_stale");
    demand(day >= directory.issued, "directory_not_yet");
  }
  return directory;
}

/**
 * Read a directory, newest or earlier, whose trustees may have begun an epoch on the day `at`, after one begun on
 * `since` in a case with this `genesis`.
 *
 * Only those count who may have been given shares of the keys before: the directory has been in force on some day
 * between, and is none from before the case. Who left before `since` holds nothing of it and cannot take it over, not
 * even together with a server that lies about the day of the new record.
 *
 * @throws EnvelopeError `directory_…`
 */
export function readTrusteesThen(
  value: unknown,
  genesis: { readonly directory_version: number; readonly installation: string },
  since: string,
  at: string,
): Directory {
  const directory = readDirectory(value, genesis.installation);
  demand(directory.version >= genesis.directory_version, "directory_rollback");
  demand(directory.issued <= at, "directory_not_yet");
  demand(since <= at && since <= directory.expires, "directory_stale");
  return directory;
}

/** What to remember of a directory, where anything may be remembered: never in a source's browser. */
export function remembered({ digest, root, version }: Directory): Remembered {
  return { digest, root: root.version, root_digest: root.digest, version };
}

/**
 * Refuse a directory that is older than one that was seen, or differs from it.
 *
 * @throws EnvelopeError `directory_root_rollback`, `directory_rollback` or `directory_forked`
 */
export function checkRemembered(directory: Directory, seen: Remembered): void {
  const { root, roots, version, digest } = directory;
  demand(root.version >= seen.root, "directory_root_rollback");
  demand(roots[seen.root - 1]?.digest === seen.root_digest, "directory_forked");
  // A new root ends what the old one's administrators may have counted up to (TUF: fast-forward attacks).
  if (root.version > seen.root) return;
  demand(version >= seen.version, "directory_rollback");
  demand(version > seen.version || digest === seen.digest, "directory_forked");
}

/** Nine words that stand for the root's keys and threshold at this installation: what stands on posters. */
export function fingerprint({ installation, keys, threshold }: Root): string[] {
  const digests = keys.map((key) => key.digest).sort();
  const digest = sha256Hex(FINGERPRINT_CONTEXT, canonical({ installation, keys: digests, threshold }));
  return wordsFrom(fromHex(digest, 32), FINGERPRINT_WORDS);
}

const holds = (one: Designation, group: string, unit: string, day: string) =>
  one.function === group && one.unit === unit && one.from <= day && (one.to === null || day <= one.to);

/**
 * What is wrong with a case's members on a day: not listed with these keys, not designated, all of one party. An
 * external party counts as one unit; a firm is a whole panel only with three persons or more in the function.
 */
export function memberFaults(directory: Directory, members: readonly Named[], day: string): MemberFault[] {
  const faults = new Set<MemberFault>();
  const parties = new Map<string, Designation>();
  for (const member of members) {
    const listed = directory.handlers.find(
      ({ recipient, verification_key: key }) => recipient === member.recipient && key === member.verification_key,
    );
    const held = listed?.designations.find((one) => holds(one, member.function, member.unit, day));
    if (listed === undefined) faults.add("member_unlisted");
    else if (held === undefined) faults.add("member_not_designated");
    else if (member.role === "panel") {
      parties.set(held.external ? `party ${held.party}` : `unit ${held.unit}`, held);
    }
  }
  const [only] = parties.values();
  if (faults.size === 0 && parties.size === 1 && only !== undefined) {
    const firm = directory.handlers.filter(({ designations }) =>
      designations.some((one) => one.external && one.party === only.party && holds(one, only.function, one.unit, day)),
    );
    if (!only.external || firm.length < 3) faults.add("panel_one_party");
  }
  return [...faults];
}

/** An offer as it is held against the directory. */
interface Offered {
  readonly installation: Uint8Array;
  readonly date: string;
  readonly directory_version: number;
  readonly members: readonly OfferedMember[];
  readonly trustees: readonly OfferedTrustee[];
  readonly trustee_threshold: number;
}

/**
 * Read the directory and hold an offer against it, before anything is sealed. `now` is this computer's own time: a
 * server that tells another date cannot use a directory that has expired.
 *
 * @throws EnvelopeError `directory_…`: nothing may be sealed
 */
export function checkListed(value: unknown, offer: Offered, now = Date.now()): Directory {
  const directory = readDirectory(value, hex(offer.installation), offer.date);
  const own = new Date(now - GRACE_DAYS * DAY_MS).toISOString().slice(0, 10);
  demand(own <= directory.expires, "directory_stale");
  demand(directory.version >= offer.directory_version && offer.directory_version > 0, "directory_rollback");
  const faults = [
    ...memberFaults(directory, offer.members.map(named), offer.date),
    ...trusteeFaults(directory, offer.trustees.map(namedTrustee), offer.trustee_threshold),
  ];
  demand(faults.length === 0, "directory_members");
  return directory;
}

/** What is wrong with offered trustees: not listed with these keys, or another threshold. */
export function trusteeFaults(
  directory: Directory,
  trustees: readonly Pick<Trustee, "recipient" | "verification_key">[],
  threshold: number,
): MemberFault[] {
  const listed = trustees.every((trustee) =>
    directory.trustees.some(
      ({ recipient, verification_key: key }) => recipient === trustee.recipient && key === trustee.verification_key,
    ),
  );
  const faults: MemberFault[] = listed ? [] : ["trustee_unlisted"];
  return threshold === directory.threshold ? faults : [...faults, "trustee_threshold"];
}
