import type { Json } from "./canonical";
import { demand } from "./errors";
import type { Kind } from "./record";
import * as shape from "./shape";

/** What a source is told of an act by two. */
export const NOTICES = [
  "identity_opened",
  "identity_disclosed",
  "exclusion_ends",
  "dialogue_restricted",
  "restriction_lifted",
  "member_changed",
  "reclassified",
  "handed_over",
] as const;
export type Notice = (typeof NOTICES)[number];

const MAX_FIELDS = 64;
const MAX_CHOICES = 100;
const MAX_VAULT = 1000;
const FIELD = /^[a-z][a-z0-9_]{0,31}$/;
const LANGUAGE = /^[a-z]{2,3}$/;

const FORM = /^[a-z_]{1,32}$/;

function checkAnswers(answers: unknown): void {
  demand(shape.isMembers(answers) && Object.keys(answers).length <= MAX_FIELDS, "value");
  demand(
    Object.keys(answers).every((name) => FIELD.test(name)),
    "members",
  );
  for (const answer of Object.values(answers)) {
    if (typeof answer !== "string") shape.list(answer, shape.string, MAX_CHOICES);
  }
}

function checkReport(body: Json): void {
  const read = shape.exactly(body, "answers", "form", "language");
  checkAnswers(read["answers"]);
  shape.oneOf(read["form"], "tip", "report");
  demand(LANGUAGE.test(shape.string(read["language"])), "value");
}

function checkVault(body: Json): void {
  const read = shape.exactly(body, "name", "contact");
  const lengths = [read["name"], read["contact"]].map((text) => [...shape.string(text)].length);
  demand(Math.max(...lengths) > 0 && Math.max(...lengths) <= MAX_VAULT, "value");
}

/** Refuse a body that is not of its kind (`docs/protocol.md` section 4). Genesis and epoch have readers of their own. */
export function checkBody(kind: Kind, body: Json): void {
  if (kind === "genesis" || kind === "epoch") return;
  if (kind === "report") {
    checkReport(body);
  } else if (kind === "form") {
    const read = shape.exactly(body, "answers", "form");
    checkAnswers(read["answers"]);
    demand(FORM.test(shape.string(read["form"])), "value");
  } else if (kind === "vault") {
    checkVault(body);
  } else if (kind === "facts") {
    const read = shape.exactly(body, "area", "subject_role", "concerns");
    shape.string(read["area"]);
    shape.string(read["subject_role"]);
    shape.list(read["concerns"], shape.string, MAX_CHOICES);
  } else {
    const notice = kind === "notice";
    const read = shape.exactly(body, "text", ...(notice ? ["notice"] : []));
    shape.string(read["text"]);
    if (notice) shape.oneOf(read["notice"], ...NOTICES);
  }
}
