/** Sealed titles in lists, opened in the browser. */

import { recipientHash } from "../crypto/age";
import { demand, EnvelopeError } from "../crypto/errors";
import { openGrant } from "../crypto/grant";
import { openRecord } from "../crypto/record";
import * as shape from "../crypto/shape";
import { post } from "./api";

const AT_ONCE = 50;

/** A title by case reference: its text, none yet, or one that does not open or belongs elsewhere. */
export type Title = { readonly text: string } | "none" | "failed";

/** The newest title of one case. A list shows it unverified as to its author; the case page verifies the whole chain. */
async function openTitle(value: unknown, holder: Uint8Array): Promise<readonly [string, Title]> {
  const read = shape.including(value, "reference", "epochs", "title");
  const reference = shape.reference(read["reference"]);
  if (read["title"] === null) return [reference, "none"];
  try {
    const row = shape.including(read["title"], "stream", "kind", "epoch", "seq", "file");
    const number = shape.count(row["epoch"]);
    const epochs = shape.list(read["epochs"], (one) => shape.including(one, "epoch", "work", "grant"));
    const epoch = epochs.find((one) => one["epoch"] === number);
    demand(epoch !== undefined && epoch["grant"] !== null, "no_key");
    const seed = await openGrant(shape.bytes(epoch["grant"]), holder, recipientHash(shape.bytes(epoch["work"])));
    const { body, header } = await openRecord(shape.bytes(row["file"]), seed, 1);
    demand(header.case === reference && header.stream === "work" && header.kind === "title", "case");
    demand(header.epoch === number && header.seq === row["seq"], "sequence");
    return [reference, { text: shape.string(shape.exactly(body, "text")["text"]) }];
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    return [reference, "failed"];
  }
}

/** Fetch and open the titles of cases, by reference. Cases that are not mine are missing in the answer. */
export async function openTitles(references: readonly string[], holder: Uint8Array): Promise<Map<string, Title>> {
  const found = new Map<string, Title>();
  for (let at = 0; at < references.length; at += AT_ONCE) {
    const answer = await post("titles", { references: references.slice(at, at + AT_ONCE) });
    for (const one of shape.list(shape.including(answer, "cases")["cases"], (value) => value)) {
      found.set(...(await openTitle(one, holder)));
    }
  }
  return found;
}
