/** What is signed, for whoever wants to read it: the payload's own members, one on each line. */
import type { Json } from "../crypto/canonical";

/** JSON with line breaks; a text of several lines (a policy) stands as it is written. */
export function exact(value: Json): string {
  return JSON.stringify(value, null, 2).replaceAll("\\n", "\n");
}
