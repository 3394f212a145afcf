/** The places where a handler writes: each its own form, its own button, its own audience. */
import { OUTCOMES } from "../crypto/act";
import type { TextKind } from "../crypto/dialogue";
import type { FileLimits } from "../files/chosen";
import type { FileWorker } from "../files/worker";
import { explain } from "./api";
import { Attaching } from "./attaching";
import { propose } from "./deciding";
import { all, byId, onSubmit, painted, say, slot, text } from "./dom";
import { faultOf, stops } from "./faults";
import type { OpenedCase } from "./opened";
import type { Desk } from "./writing";

const MOST_TEXT = 100_000;
const MOST_TITLE = 120;

type Field = HTMLTextAreaElement | HTMLInputElement;

/** What the composers need of the page: the case in hand, and a way to show it anew. */
export interface Bench {
  desk(): Desk | null;
  shown(): void;
  /** A field's text has been taken, and only now leaves it. */
  taken(field: Field): void;
  readonly limits: FileLimits;
  readonly worker: FileWorker;
}

function buttonOf(form: HTMLFormElement): HTMLButtonElement {
  return slot(form, "send", HTMLButtonElement);
}

/** The written text, or what is wrong with it. Counted before anything is sealed. Files may say all that there is to say. */
export function written(field: Field, most: number, files: Attaching | null = null): { text: string; fault: string } {
  const content = field.value.trim();
  const length = [...content].length;
  if (length === 0 && files === null) return { fault: text("write-something"), text: content };
  if (length === 0 && !files?.any) return { fault: text("write-or-attach"), text: content };
  if (length > most) return { fault: text("too-long", { length, most }), text: content };
  return { fault: "", text: content };
}

/** Run one act of a form. The text leaves its field only when the server has taken it. */
export async function run(
  form: HTMLFormElement,
  bench: Bench,
  act: (desk: Desk) => Promise<void>,
  reason: (error: unknown) => string | null = () => null,
): Promise<void> {
  const desk = bench.desk();
  const status = slot(form, "status");
  const button = buttonOf(form);
  if (desk === null) return;
  say(status, text("sending"));
  button.disabled = true;
  const before = desk.opened;
  await painted();
  try {
    await act(desk);
    say(status, text(`${form.id}-done`), "good");
    bench.shown();
  } catch (error) {
    say(status, reason(error) ?? explain(error), "bad");
    button.disabled = bench.desk() === null;
    // Somebody else came first: what they did is shown beside what could not be sent.
    if (bench.desk() === desk && desk.opened !== before) bench.shown();
  }
}

/** What is written in two fields as one text, each under its heading: neither may be left out. */
interface Parts {
  readonly first: Field;
  readonly headings: readonly [string, string];
}

function textForm(
  id: string,
  fieldId: string,
  kind: TextKind,
  most: number,
  bench: Bench,
  parts?: Parts,
): Attaching | null {
  const form = byId(id, HTMLFormElement);
  const attaching =
    form.querySelector("[data-slot='files']") === null ? null : new Attaching(form, bench.limits, bench.worker);
  const field = byId(fieldId) as Field;
  const fields = parts === undefined ? [field] : [parts.first, field];
  onSubmit(form, async () => {
    const said = fields.map((one) => ({ field: one, ...written(one, most, parts === undefined ? attaching : null) }));
    if (stops(form, ...said.map((one) => faultOf(one.field, one.fault)))) return;
    const texts = said.map((one, place) => (parts === undefined ? one.text : `${parts.headings[place]}\n${one.text}`));
    const content = texts.join("\n\n");
    const write = async (desk: Desk): Promise<void> => {
      if (attaching === null) await desk.write(kind, content);
      else await attaching.with((files) => desk.write(kind, content, files));
      for (const one of fields) bench.taken(one);
    };
    // What is sent is what stands there: with files it can take long, and nobody must write on into nothing.
    for (const one of fields) one.readOnly = true;
    await run(form, bench, write, (error) => attaching?.reason(error) ?? null);
    for (const one of fields) one.readOnly = false;
  });
  return attaching;
}

function closing(bench: Bench): void {
  const form = byId("close-form", HTMLFormElement);
  const field = byId("close-reasons") as Field;
  const outcome = byId("outcome", HTMLSelectElement);
  onSubmit(form, async () => {
    const { fault, text: said } = written(field, MOST_TEXT);
    const chosen = OUTCOMES.find((one) => one === outcome.value);
    const missing = faultOf(outcome, chosen === undefined ? text("choose-something") : "");
    if (stops(form, missing, faultOf(field, fault)) || chosen === undefined) return;
    await run(form, bench, async (desk) => {
      await propose(desk, (reasons) => ({ kind: "close", outcome: chosen, reasons }), said);
      bench.taken(field);
    });
  });
}

/** Make all composers work. They stay off until a case is in hand. Gives what lets go of all files that were chosen. */
export function composers(bench: Bench): () => void {
  const attaching = [
    textForm("message-form", "message", "message", MOST_TEXT, bench),
    textForm("note-form", "note", "note", MOST_TEXT, bench),
    textForm("title-form", "title", "title", MOST_TITLE, bench),
    // What has been done or will be, and why: the law wants both (lag 2021:890, 5 kap. 8 § p. 3).
    textForm("feedback-form", "feedback", "feedback", MOST_TEXT / 2, bench, {
      first: byId("feedback-measure") as Field,
      headings: [text("feedback-measure-heading"), text("feedback-reasons-heading")],
    }),
  ];
  onSubmit(byId("follow_up-form", HTMLFormElement), () =>
    run(byId("follow_up-form", HTMLFormElement), bench, (desk) => desk.beginFollowUp()),
  );
  closing(bench);
  return () => {
    for (const one of attaching) one?.clear();
  };
}

/** Whether anything can be written: it holds together, is not locked, and does not wait for others. */
export function isWritable({ answer, doubts }: OpenedCase): boolean {
  return doubts.length === 0 && answer.state !== "locked" && answer.stuck === null;
}

/** Turn each form on or off for the case as it now is, saying why one is off. */
export function arrange(opened: OpenedCase | null): void {
  const writable = opened !== null && isWritable(opened);
  for (const id of ["message-form", "note-form", "title-form"])
    buttonOf(byId(id, HTMLFormElement)).disabled = !writable;
  for (const [step, why] of Object.entries(opened?.answer.steps ?? {})) {
    const section = document.getElementById(`step-${step}`);
    if (section === null) continue;
    const form = byId(`${step}-form`, HTMLFormElement);
    const waits = opened?.answer.proposals.some(({ kind, state }) => kind === step && state === "open") ?? false;
    const off = waits ? text("step-waits") : (why ?? "");
    form.hidden = off !== "";
    buttonOf(form).disabled = !writable || off !== "";
    section.dataset["state"] = off === "" ? "now" : waits ? "waits" : "off";
    const reason = slot(section, "why");
    reason.textContent = off;
    reason.hidden = off === "";
  }
  const allowed = opened?.answer.outcomes ?? [];
  for (const option of all("option[value]", byId("outcome")) as HTMLOptionElement[]) {
    const offered = option.value === "" || allowed.includes(option.value);
    option.hidden = !offered;
    option.disabled = !offered;
  }
}
