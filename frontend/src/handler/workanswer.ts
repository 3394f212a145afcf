/** What a case led to, as the server tells it: measures, checklists, handovers, and what waits after closing. */
import type { Bytes } from "../crypto/bytes";
import { demand } from "../crypto/errors";
import * as shape from "../crypto/shape";

/** The largest amount of one measure; sums are of many. */
const MOST_KRONOR = 1e12;

export type Kronor = Readonly<Record<string, number>>;

export interface Measure {
  readonly id: string;
  readonly kind: string;
  readonly takenOn: string;
  readonly amounts: Kronor;
  readonly step: string | null;
  readonly reason: string | null;
  /** Digest of the form that tells of it. */
  readonly record: string;
  readonly member: string;
  /** The entry that it stands in the place of. */
  readonly corrects: string | null;
  readonly recordedOn: string;
  readonly withdrawn: boolean;
  /** Neither corrected since nor withdrawn. */
  readonly counts: boolean;
}

export interface Progress {
  readonly done: number;
  readonly of: number;
  readonly record: string;
  readonly on: string;
}

export interface Ask {
  readonly months: number;
  readonly askedOn: string;
  readonly link: "none" | "works" | "outdated";
}

export interface Answered {
  readonly months: number;
  readonly on: string;
  readonly result: string;
  readonly kronor: number | null;
  readonly epoch: number;
  readonly file: Bytes;
}

export interface Handover {
  readonly id: string;
  readonly recipient: string;
  readonly basis: string;
  readonly notice: string;
  readonly content: string;
  readonly on: string;
  readonly asks: readonly Ask[];
  readonly reports: readonly Answered[];
}

/** Whether two have decided that the case is exported since it was closed, or why nobody can propose it. */
export interface Exporting {
  readonly decided: boolean;
  readonly whyNot: string | null;
}

/** The source has written since the case was closed. `strict`: the last day to decide. */
export interface Reopening {
  readonly askedOn: string;
  readonly upto: number;
  readonly strict: string;
}

export interface WorkAnswer {
  readonly measures: readonly Measure[];
  readonly sums: Kronor;
  /** Steps of the ladder of sanctions that have been taken. */
  readonly ladder: readonly string[];
  readonly checklists: ReadonlyMap<string, Progress>;
  readonly handovers: readonly Handover[];
  readonly reopening: Reopening | null;
  /** Null when the case may be opened again, else why not. */
  readonly reopen: string | null;
  readonly export: Exporting;
}

function kronor(value: unknown): number {
  demand(Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= 1000 * MOST_KRONOR, "value");
  return value as number;
}

function amounts(value: unknown): Kronor {
  return Object.fromEntries(Object.entries(shape.including(value)).map(([name, one]) => [name, kronor(one)]));
}

function measure(value: unknown): Measure {
  const read = shape.including(
    value,
    ...[
      "id",
      "kind",
      "taken_on",
      "amounts",
      "step",
      "reason",
      "record",
      "member",
      "recorded_on",
      "corrects",
      "withdrawn",
      "counts",
    ],
  );
  return {
    amounts: amounts(read["amounts"]),
    corrects: shape.orNull(read["corrects"], shape.string),
    counts: read["counts"] === true,
    id: shape.reference(read["id"]),
    kind: shape.string(read["kind"]),
    member: shape.pseudonym(read["member"]),
    reason: shape.orNull(read["reason"], shape.string),
    record: shape.digest(read["record"]),
    recordedOn: shape.date(read["recorded_on"]),
    step: shape.orNull(read["step"], shape.string),
    takenOn: shape.date(read["taken_on"]),
    withdrawn: read["withdrawn"] === true,
  };
}

function progress(value: unknown): Progress {
  const read = shape.including(value, "done", "of", "record", "on");
  return {
    done: shape.count(read["done"]),
    of: shape.count(read["of"]),
    on: shape.date(read["on"]),
    record: shape.digest(read["record"]),
  };
}

function ask(value: unknown): Ask {
  const read = shape.including(value, "months", "asked_on", "link");
  return {
    askedOn: shape.date(read["asked_on"]),
    link: shape.oneOf(read["link"], "none", "works", "outdated"),
    months: shape.count(read["months"]),
  };
}

function answered(value: unknown): Answered {
  const read = shape.including(value, "months", "on", "result", "kronor", "epoch", "file");
  return {
    epoch: shape.count(read["epoch"]),
    file: shape.bytes(read["file"]),
    kronor: shape.orNull(read["kronor"], kronor),
    months: shape.count(read["months"]),
    on: shape.date(read["on"]),
    result: shape.string(read["result"]),
  };
}

function handover(value: unknown): Handover {
  const read = shape.including(value, "id", "recipient", "basis", "notice", "content", "on", "asks", "reports");
  return {
    asks: shape.list(read["asks"], ask),
    basis: shape.string(read["basis"]),
    content: shape.digest(read["content"]),
    id: shape.reference(read["id"]),
    notice: shape.string(read["notice"]),
    on: shape.date(read["on"]),
    recipient: shape.string(read["recipient"]),
    reports: shape.list(read["reports"], answered),
  };
}

function exporting(value: unknown): Exporting {
  const read = shape.including(value, "why_not", "decided");
  return { decided: read["decided"] === true, whyNot: shape.orNull(read["why_not"], shape.string) };
}

function reopening(value: unknown): Reopening | null {
  if (value === null) return null;
  const read = shape.including(value, "asked_on", "upto", "strict");
  return {
    askedOn: shape.date(read["asked_on"]),
    strict: shape.date(read["strict"]),
    upto: shape.count(read["upto"]),
  };
}

/** Read what belongs here of the answer; raises EnvelopeError when it is not there. */
export function readWork(value: unknown): WorkAnswer {
  const read = shape.including(
    value,
    ...["measures", "sums", "ladder", "checklists", "handovers", "reopening", "reopen", "export"],
  );
  const lists = Object.entries(shape.including(read["checklists"]));
  return {
    checklists: new Map(lists.map(([key, one]) => [key, progress(one)])),
    handovers: shape.list(read["handovers"], handover),
    ladder: shape.list(read["ladder"], shape.string),
    measures: shape.list(read["measures"], measure),
    export: exporting(read["export"]),
    reopen: shape.orNull(read["reopen"], shape.string),
    reopening: reopening(read["reopening"]),
    sums: amounts(read["sums"]),
  };
}
