/** A case as a form has it, sealed: for a source's own page, and for staff who enter one for somebody. No DOM. */
import type { SourceKeys } from "../crypto/code";
import type { Channel } from "../crypto/genesis";
import { buildSubmission, type Facts, type Offer, type Submission } from "../crypto/submission";
import type { Attached } from "../files/chosen";
import type { Answers } from "./answers";

const NOBODY = new Set(["none", "unknown"]);

/** What was filled in, and where. */
export interface Filled {
  readonly answers: Answers;
  readonly channel: Channel;
  readonly facts: Facts;
  readonly language: string;
  readonly organisation: string;
}

/** The routing facts among the answers: all that the server sees of them. */
export function factsOf(answers: Answers): Facts {
  const { area, concerns, subject_role } = answers;
  const named = Array.isArray(concerns) ? (concerns as readonly string[]) : [];
  return {
    area: typeof area === "string" && area !== "unknown" ? area : "",
    concerns: named.filter((party) => !NOBODY.has(party)).sort(),
    subject_role: typeof subject_role === "string" ? subject_role : "unknown",
  };
}

/**
 * Seal a case for the offered panel, its report naming the files that were sent beforehand.
 *
 * @throws as `buildSubmission`
 */
export async function sealCase(
  offer: Offer,
  filled: Filled,
  files: readonly Attached[],
  keys: SourceKeys,
): Promise<Submission> {
  const { contact, ...others } = filled.answers;
  // Who reported is sealed apart, to a vault that takes two to open: it never stands among the answers.
  const apart = filled.channel === "report" && typeof contact === "string" && contact !== "";
  const identity = apart ? { contact, name: "" } : undefined;
  const answers = apart ? others : filled.answers;
  const attachments = files.map(({ attachment }) => attachment);
  return naming(await buildSubmission(offer, { ...filled, answers, attachments, identity }, keys), files);
}

/** The submission with the uploads that its report attaches, in the order of the report's header. */
function naming(submission: Submission, files: readonly Attached[]): Submission {
  if (files.length === 0) return submission;
  const uploads = files.map(({ upload }) => upload);
  const records = submission["records"] as readonly { readonly kind: string }[];
  const named = records.map((record) => (record.kind === "report" ? { ...record, files: uploads } : record));
  return { ...submission, records: named };
}
