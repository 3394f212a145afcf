/** One timeline of a case: the log as the server tells it, each line with what was written, opened here. */
import { sha256Hex } from "../crypto/bytes";
import type { Entry } from "../crypto/chain";
import * as shape from "../crypto/shape";
import { isMembers } from "../crypto/shape";
import { explain, post } from "./api";
import { changeOf } from "./cards";
import { formName, formOf, formText } from "./dialogueforms";
import { all, byId, day, fromTemplate, say, slot, text } from "./dom";
import type { OpenedCase } from "./opened";
import { nameOf } from "./records";

const DATE_LENGTH = 10;
/** What stands on a tab of its own, or changes keys and says nothing. */
const UNTOLD: readonly string[] = ["epoch", "report", "facts"];

/** A line before it is on the page. `told`: what was written. */
interface Line {
  readonly at: string;
  readonly kind: string;
  readonly sort: string;
  readonly when: string;
  readonly who: string;
  readonly what: string;
  readonly told: string;
}

function saidIn(entry: Entry | undefined): string {
  if (!entry?.ok || UNTOLD.includes(entry.row.kind)) return "";
  const form = formOf(entry);
  if (form !== null) return formText(form);
  const said = isMembers(entry.body) ? entry.body["text"] : "";
  return typeof said === "string" ? said : "";
}

/** The log's lines with what was written, and after them what the log has no line for yet, in the order of dates. */
function linesOf(opened: OpenedCase, answer: unknown): Line[] {
  const entries = [...opened.dialogue.entries, ...opened.work.entries];
  const byDigest = new Map(entries.map((entry) => [sha256Hex(entry.row.file), entry]));
  const proposals = new Map(opened.proposals.map((proposal) => [proposal.answer.id, proposal]));
  const named = new Set<string>();
  const logged = shape.list(shape.including(answer, "entries")["entries"], (value): Line => {
    const read = shape.including(value, "at", "kind", "when", "who", "what", "sort", "record", "proposal");
    const [record, id] = [shape.orNull(read["record"], shape.string), shape.orNull(read["proposal"], shape.string)];
    // A record is told once: what else names it, such as the decision about a proposal, says what it is about.
    const said = record === null || named.has(record) ? "" : saidIn(byDigest.get(record));
    if (record !== null) named.add(record);
    const proposal = id === null ? undefined : proposals.get(id);
    const about = proposal === undefined ? "" : changeOf(opened, proposal);
    // The reasons stand where the proposal was made, and nowhere else.
    const reasons = proposal !== undefined && read["kind"] === "proposed" ? (proposal.reasons ?? "") : "";
    if (proposal !== undefined) named.add(proposal.answer.payload.reasons);
    return {
      at: shape.string(read["at"]),
      kind: shape.string(read["kind"]),
      sort: shape.string(read["sort"]),
      told: [about, reasons, said].filter((one) => one !== "").join("\n"),
      what: shape.string(read["what"]),
      when: shape.string(read["when"]),
      who: shape.string(read["who"]),
    };
  });
  const waiting = [...byDigest].flatMap(([digest, entry]): Line[] => {
    const said = named.has(digest) ? "" : saidIn(entry);
    if (said === "" || !entry.ok) return [];
    const { at, from, kind } = entry.header;
    const form = formOf(entry);
    return [
      {
        at,
        kind,
        sort: entry.row.stream === "dialogue" ? "dialogue" : "note",
        told: said,
        what: form === null ? text(`kind-${kind}`) : formName(form.name),
        when: day(at),
        who: nameOf(opened, from),
      },
    ];
  });
  const dateOf = (line: Line): string => line.at.slice(0, DATE_LENGTH);
  return [...logged, ...waiting].sort((one, other) =>
    dateOf(one) < dateOf(other) ? -1 : Number(dateOf(one) > dateOf(other)),
  );
}

function made(line: Line): HTMLElement {
  const item = fromTemplate("entry-template");
  item.dataset["kind"] = line.kind;
  item.dataset["sort"] = line.sort;
  const when = slot<HTMLTimeElement>(item, "when");
  when.dateTime = line.at;
  when.textContent = line.when;
  slot(item, "who").textContent = line.who;
  slot(item, "what").textContent = line.what;
  const told = slot(item, "text");
  told.textContent = line.told;
  told.hidden = line.told === "";
  return item;
}

/** Show the kinds that are ticked, and say how many lines that is. */
function filter(): void {
  const ticks = all("input", byId("timeline-filter")) as HTMLInputElement[];
  const wanted = new Set(ticks.filter((tick) => tick.checked).map((tick) => tick.value));
  const lines = all(":scope > li", byId("log"));
  for (const line of lines) line.hidden = !wanted.has(line.dataset["sort"] ?? "");
  const shown = lines.filter((line) => !line.hidden).length;
  const partly = shown < lines.length ? text("timeline-count", { all: lines.length, shown }) : "";
  say(byId("timeline-count"), partly);
}

/** Let the filter of the timeline work. */
export function timelineFilter(): void {
  byId("timeline-filter").addEventListener("change", filter);
}

/** Fetch the case's part of the log and put the timeline on the page. `still`: whether this case is still shown. */
export async function showTimeline(opened: OpenedCase, still: () => boolean): Promise<void> {
  try {
    const answer = await post(`cases/${opened.answer.reference}/log`);
    if (!still()) return;
    byId("log").replaceChildren(...linesOf(opened, answer).map(made));
    filter();
  } catch (error) {
    say(byId("case-status"), explain(error), "bad");
  }
}
