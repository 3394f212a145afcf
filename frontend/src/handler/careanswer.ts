/** What the server knows of a case's dialogue and of the people in and around it, read into typed values. */
import * as shape from "../crypto/shape";

/** A form of the dialogue: what it is, and what the source answered to which. */
export interface FormAnswer {
  readonly seq: number;
  readonly form: string;
  readonly answers: number | null;
  readonly verdict: string | null;
}

export interface AfterCareAnswer {
  readonly months: number;
  readonly dueOn: string;
  readonly due: boolean;
  readonly found: string | null;
  readonly doneOn: string | null;
}

export interface RightAnswer {
  readonly right: string;
  readonly decision: string;
  readonly on: string;
  readonly reviewOn: string | null;
  /** SHA-256 of the sealed form that says why, hex. */
  readonly record: string;
}

export interface CareAnswer {
  readonly forms: readonly FormAnswer[];
  readonly readBySource: readonly { readonly seq: number; readonly on: string }[];
  readonly meetings: readonly { readonly mode: string; readonly heldOn: string }[];
  readonly reprisals: readonly { readonly phase: string; readonly on: string }[];
  readonly afterCare: readonly AfterCareAnswer[];
  readonly rights: readonly RightAnswer[];
  /** How staff entered the case, and what became of its code; null for one that came by a form. */
  readonly intake: { readonly origin: string; readonly code: string } | null;
}

/** Read what the case answer says of it. */
export function readCare(answer: unknown): CareAnswer {
  const names = ["forms", "read_by_source", "meetings", "reprisals", "after_care", "rights", "intake"];
  const read = shape.including(answer, ...names);
  return {
    afterCare: shape.list(read["after_care"], (value) => {
      const one = shape.including(value, "months", "due_on", "due", "found", "done_on");
      return {
        doneOn: shape.orNull(one["done_on"], shape.date),
        due: one["due"] === true,
        dueOn: shape.date(one["due_on"]),
        found: shape.orNull(one["found"], shape.string),
        months: shape.count(one["months"]),
      };
    }),
    forms: shape.list(read["forms"], (value) => {
      const one = shape.including(value, "seq", "form", "answers", "verdict");
      return {
        answers: shape.orNull(one["answers"], shape.count),
        form: shape.string(one["form"]),
        seq: shape.count(one["seq"]),
        verdict: shape.orNull(one["verdict"], shape.string),
      };
    }),
    intake: shape.orNull(read["intake"], (value) => {
      const one = shape.including(value, "origin", "code");
      return { code: shape.string(one["code"]), origin: shape.string(one["origin"]) };
    }),
    meetings: shape.list(read["meetings"], (value) => {
      const one = shape.including(value, "mode", "held_on");
      return { heldOn: shape.date(one["held_on"]), mode: shape.string(one["mode"]) };
    }),
    readBySource: shape.list(read["read_by_source"], (value) => {
      const one = shape.including(value, "seq", "on");
      return { on: shape.date(one["on"]), seq: shape.count(one["seq"]) };
    }),
    reprisals: shape.list(read["reprisals"], (value) => {
      const one = shape.including(value, "phase", "on");
      return { on: shape.date(one["on"]), phase: shape.string(one["phase"]) };
    }),
    rights: shape.list(read["rights"], (value) => {
      const one = shape.including(value, "right", "decision", "on", "review_on", "record");
      return {
        decision: shape.string(one["decision"]),
        on: shape.date(one["on"]),
        record: shape.digest(one["record"]),
        reviewOn: shape.orNull(one["review_on"], shape.date),
        right: shape.string(one["right"]),
      };
    }),
  };
}

/** The first day on which the source had what stands at `seq` open, or null. */
export function readOn({ readBySource }: CareAnswer, seq: number): string | null {
  const days = readBySource.filter((one) => one.seq >= seq).map(({ on }) => on);
  return days.sort()[0] ?? null;
}
