/** Whether somebody may be let into a case, by what the server cannot decide for itself. */
import { memberFaults, readDirectory } from "../crypto/directory";
import { demand } from "../crypto/errors";
import type { Member } from "../crypto/genesis";
import * as shape from "../crypto/shape";
import { post } from "./api";
import { partyDigest } from "./decision";
import type { OpenedCase } from "./opened";

/** Parties whose exclusion two have ended, as their acts name them: those that this browser has verified. */
function ended({ proposals }: Pick<OpenedCase, "proposals">): Set<string> {
  const held = proposals.filter(({ answer, fault }) => answer.state === "approved" && fault === null);
  return new Set(held.flatMap(({ answer: { payload } }) => (payload.kind === "end_exclusion" ? [payload.party] : [])));
}

/** Whom the source named as concerned, by what it signed; null where that cannot be read. */
function concernsOf({ work }: Pick<OpenedCase, "work">): readonly string[] | null {
  const facts = work.entries.find(({ row }) => row.kind === "facts" && row.seq === 0);
  return facts?.ok ? shape.list(shape.including(facts.body)["concerns"], shape.string) : null;
}

/**
 * Whether the source named this person's unit or function, and two have not ended it. The server cannot know; and what
 * it leaves out lets nobody in: the source's own signed word is asked, and without the decision nothing has ended.
 */
export function isExcluded(member: Pick<Member, "function" | "unit">, opened: OpenedCase): boolean {
  const concerns = concernsOf(opened);
  if (concerns === null) return true;
  const { decision } = opened.decided;
  const again = ended(opened);
  return [`unit:${member.unit}`, `function:${member.function}`].some(
    (party) => concerns.includes(party) && !(decision !== null && again.has(partyDigest(decision, party))),
  );
}

/**
 * Hold somebody against the directory, whose signatures the server cannot make: listed with these keys, and designated
 * today for this function and unit.
 *
 * @throws Problem, EnvelopeError `directory_…`
 */
export async function checkListed({ answer }: OpenedCase, member: Member): Promise<void> {
  const directory = readDirectory(await post("directory"), answer.installation, answer.date);
  // One person alone is always of one party; the case's own rules are checked with the epoch.
  const faults = memberFaults(directory, [member], answer.date).filter((fault) => fault !== "panel_one_party");
  demand(faults.length === 0, "directory_members");
}
