/** The beginning of what a source wrote, as this browser has verified it. No DOM. */
import { isMembers } from "../crypto/shape";
import type { OpenedCase } from "./opened";

/** How much of a text is read before obvious junk is judged, in code points. */
export const EXCERPT = 200;

/** The first characters of the report or tip; null where it is withheld, missing or does not hold. */
export function excerptOf({ dialogue }: Pick<OpenedCase, "dialogue">): string | null {
  const [first] = dialogue.entries;
  if (!first?.ok || first.header.kind !== "report" || !isMembers(first.body)) return null;
  const { answers } = first.body;
  const told = isMembers(answers) ? answers["what_happened"] : undefined;
  if (typeof told !== "string") return null;
  const points = [...told];
  return points.length <= EXCERPT ? told : `${points.slice(0, EXCERPT).join("")} …`;
}
