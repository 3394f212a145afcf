/** Forms that propose an act by two with reasons: what is missing is said where it is, and a proposal that waits is not made twice. */
import type { ActKind, ActPayload } from "../crypto/act";
import { type Bench, isWritable, run, written } from "./composers";
import { propose } from "./deciding";
import { byId, onSubmit, slot, text } from "./dom";
import { type Fault, faultOf, stops } from "./faults";
import type { OpenedCase } from "./opened";
import type { Desk } from "./writing";

const MOST_TEXT = 100_000;

/** What a form asks for: the act but for the digest of its reasons, or which field lacks what. */
export type Asked =
  | {
      readonly payload: (reasons: string) => ActPayload;
      readonly reasons?: string;
      /** Hands it in, where more goes along than the act and its reasons. */
      readonly send?: (desk: Desk, reasons: string) => Promise<void>;
    }
  | Fault;

/**
 * Make `#<kind>-form` propose this act. `ask` is given the form and what was written as reasons. Gives what shows it
 * for a case as it now is, `offered` telling whether the act has a place there.
 */
export function proposing(
  kind: ActKind,
  bench: Bench,
  ask: (form: HTMLFormElement, reasons: string) => Asked,
): (opened: OpenedCase | null, offered: boolean) => void {
  const form = byId(`${kind}-form`, HTMLFormElement);
  const section = byId(`step-${kind}`);
  const field = slot(form, "reasons", HTMLTextAreaElement);
  const button = slot(form, "send", HTMLButtonElement);
  onSubmit(form, async () => {
    const { fault, text: said } = written(field, MOST_TEXT);
    const wrong = faultOf(field, fault);
    const asked = wrong ?? ask(form, said);
    if ("why" in asked) {
      stops(form, asked);
      return;
    }
    stops(form);
    await run(form, bench, async (desk) => {
      await (asked.send === undefined ? propose(desk, asked.payload, asked.reasons ?? said) : asked.send(desk, said));
      bench.taken(field);
    });
  });
  return (opened, offered) => {
    section.hidden = !offered;
    const waits = opened?.answer.proposals.some((one) => one.kind === kind && one.state === "open") ?? false;
    form.hidden = waits;
    const why = slot(section, "why");
    why.hidden = !waits;
    why.textContent = waits ? text("step-waits-there") : "";
    button.disabled = opened === null || waits || !isWritable(opened);
  };
}
