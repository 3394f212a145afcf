/**
 * The members of a case, held against the handler directory. What a server tells of its handlers is not enough: two
 * administrators of the offline root have signed who they are. The highest directory seen is remembered in this browser,
 * so that an older one is not taken later.
 */
import type { FurtherTrustees } from "../crypto/chain";
import {
  checkRemembered,
  type Directory,
  memberFaults,
  type Remembered,
  type Root,
  readDirectory,
  readRoots,
  readTrusteesThen,
  remembered,
} from "../crypto/directory";
import { demand, EnvelopeError, refusing } from "../crypto/errors";
import { type Beginning, type Member, named } from "../crypto/genesis";
import * as shape from "../crypto/shape";
import type { CaseAnswer } from "./answer";
import { post } from "./api";
import type { OpenedCase } from "./opened";

const KEPT = "tipportal-directory";

function seen(installation: string): Remembered | null {
  const kept = localStorage.getItem(KEPT);
  if (kept === null) return null;
  const read = shape.including(JSON.parse(kept), "installation", "root", "root_digest", "version", "digest");
  if (read["installation"] !== installation) return null;
  return {
    digest: shape.digest(read["digest"]),
    root: shape.count(read["root"]),
    root_digest: shape.digest(read["root_digest"]),
    version: shape.count(read["version"]),
  };
}

/** Verify what the server gives as the directory, never one older than this browser has seen. */
export function trusted(value: unknown, installation: string): Directory {
  const directory = readDirectory(value, installation);
  const before = seen(installation);
  if (before !== null) checkRemembered(directory, before);
  localStorage.setItem(KEPT, JSON.stringify({ installation, ...remembered(directory) }));
  return directory;
}

/** The newest root, also before the first snapshot under it; null where none has been published. */
export function rootOf(value: unknown, installation: string): Root | null {
  const { directory, roots } = shape.including(value, "roots", "directory");
  if (directory !== null) return trusted(value, installation).root;
  // Whoever has seen a directory here is not told that there is none.
  demand(seen(installation) === null, "directory_rollback");
  return readRoots(roots, installation).at(-1) ?? null;
}

/**
 * Trustees who came after the epoch before, from the directory of their time. It has to stand under roots that this
 * browser's newest one goes back to: a server cannot show this case another directory than it shows everywhere else.
 */
export function laterTrustees(answer: CaseAnswer, { genesis }: Beginning): FurtherTrustees {
  return async (number, since, at) => {
    const version = answer.epochs.find(({ epoch }) => epoch === number)?.directory ?? null;
    demand(version !== null, "too_few_signatures");
    const value = await post("directory");
    const newest = await refusing("directory", () => trusted(value, answer.installation));
    const then = readTrusteesThen(await post("directory", { version }), genesis, since, at);
    demand(newest.roots[then.root.version - 1]?.digest === then.root.digest, "directory_forked");
    return then;
  };
}

const same = (one: Member, other: Member) =>
  one.recipient === other.recipient &&
  one.verification_key === other.verification_key &&
  one.function === other.function &&
  one.unit === other.unit;

/**
 * What speaks against this case's members, as text keys. Each is looked up for the day on which the case first had
 * them: whoever has been designated and left since was rightly a member then.
 */
export function againstDirectory(directory: Directory, { answer, beginning, work }: OpenedCase): string[] {
  const began = new Map(
    work.entries.flatMap((one) => (one.ok ? [[one.header.epoch, one.header.at] as const] : [])).reverse(),
  );
  const known: Member[] = [];
  const listed = (members: readonly Member[], day: string | undefined): boolean => {
    const coming = members.filter((member) => !known.some((one) => same(one, member)));
    known.push(...coming);
    const faults = memberFaults(directory, coming, day ?? answer.date);
    // Of an epoch that I have no keys to, the day is not known: then it is enough to stand in the directory at all.
    if (day === undefined) return !faults.includes("member_unlisted");
    // Whether a panel is of two parties is seen from the whole of it, which only genesis is here.
    return faults.every((fault) => fault === "panel_one_party" && coming.length < members.length);
  };
  const epochs = work.epochs.map(({ epoch, members }) => listed(members, began.get(epoch)));
  const next = answer.nextMembers?.map(named) ?? [];
  const joining = next.some((member) => !known.some((one) => same(one, member)));
  const found: string[] = [];
  // A case from before the first directory could not be checked by whoever sealed it, and is not made worse by that.
  if (epochs.some((fine, epoch) => !fine && (epoch > 0 || beginning.genesis.directory_version > 0))) {
    found.push("doubt-listed");
  }
  if (joining && (answer.date > directory.expires || !listed(next, answer.date))) found.push("doubt-next");
  return found;
}

/** The case with what the directory says against it among its doubts. */
export async function held(opened: OpenedCase): Promise<OpenedCase> {
  const value = await post("directory");
  let found: string[];
  try {
    found = againstDirectory(trusted(value, opened.answer.installation), opened);
  } catch (error) {
    if (!(error instanceof EnvelopeError || error instanceof SyntaxError)) throw error;
    found = ["doubt-directory"];
  }
  return found.length === 0 ? opened : { ...opened, doubts: [...opened.doubts, ...found] };
}
