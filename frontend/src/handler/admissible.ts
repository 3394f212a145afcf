/** Whether somebody may be let into a case, by what the server cannot decide for itself. */
import { memberFaults, readDirectory } from "../crypto/directory";
import { demand } from "../crypto/errors";
import type { Member } from "../crypto/genesis";
import { post } from "./api";
import { type Decision, partyDigest } from "./decision";
import type { OpenedCase } from "./opened";

/** Parties whose exclusion two have ended, as their acts name them: those that this browser has verified. */
function ended({ proposals }: Pick<OpenedCase, "proposals">): Set<string> {
  const held = proposals.filter(({ answer, fault }) => answer.state === "approved" && fault === null);
  return new Set(held.flatMap(({ answer: { payload } }) => (payload.kind === "end_exclusion" ? [payload.party] : [])));
}

/** Whether the source named this person's unit or function, and nothing has ended it: who that is, the server cannot know. */
export function isExcluded(
  decision: Decision | null,
  member: Pick<Member, "function" | "unit">,
  opened: Pick<OpenedCase, "proposals">,
): boolean {
  if (decision === null) return false;
  const again = ended(opened);
  return [`unit:${member.unit}`, `function:${member.function}`].some(
    (party) => decision.concerns.includes(party) && !again.has(partyDigest(decision, party)),
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
