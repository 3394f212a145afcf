/** What a source wrote, its beginning and the whole, as this browser has verified it. No DOM. */
import { isMembers, type Members } from "../crypto/shape";
import type { OpenedCase } from "./opened";

/** How much of a text is read before obvious junk is judged, in code points. */
export const EXCERPT = 200;

type Dialogue = Pick<OpenedCase, "dialogue">;

function answersOf({ dialogue }: Dialogue): Members | null {
  const [first] = dialogue.entries;
  if (!first?.ok || first.header.kind !== "report" || !isMembers(first.body)) return null;
  const { answers } = first.body;
  return isMembers(answers) ? answers : null;
}

/** Everything that the source has written, in every answer and message, and how many files they attached. */
export function wholeOf(opened: Dialogue): { readonly files: number; readonly text: string } | null {
  const answers = answersOf(opened);
  if (answers === null) return null;
  const { what_happened: first, ...others } = answers;
  const told = [first, ...Object.values(others)].map((answer) => (Array.isArray(answer) ? answer.join(", ") : answer));
  let files = 0;
  for (const entry of opened.dialogue.entries) {
    // What fails is told before anything can be ticked: `doubts`.
    if (!entry.ok || entry.header.from !== "source") continue;
    files += entry.header.attachments.length;
    if (entry.header.kind === "message" && isMembers(entry.body)) told.push(entry.body["text"]);
  }
  return { files, text: told.filter((one) => typeof one === "string" && one !== "").join("\n\n") };
}

/** The first characters of the report or tip; null where it is withheld, missing or does not hold. */
export function excerptOf(opened: Dialogue): string | null {
  const told = answersOf(opened)?.["what_happened"];
  if (typeof told !== "string") return null;
  const points = [...told];
  return points.length <= EXCERPT ? told : `${points.slice(0, EXCERPT).join("")} …`;
}
