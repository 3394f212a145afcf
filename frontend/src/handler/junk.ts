/**
 * Obvious junk closed together by two: ticked, read, and then proposed or approved one by one, each with a signature of
 * its own. A tick stays only when the text has been opened, verified and shown.
 */
import { EnvelopeError } from "../crypto/errors";
import type { HandlerKeys } from "../crypto/identity";
import { explain } from "./api";
import { written } from "./composers";
import { approve, propose } from "./deciding";
import { all, byId, fromTemplate, onSubmit, say, slot, text } from "./dom";
import { excerptOf, wholeOf } from "./excerpt";
import type { Lockable } from "./locking";
import type { ReadProposal } from "./proposals";
import { Desk } from "./writing";

const MOST_TEXT = 10_000;
const MOST = 50;

/** A case that has been read: what the signature will be about. `proposal`: null where the closing is only proposed. */
interface Read {
  readonly desk: Desk;
  readonly proposal: ReadProposal | null;
}

interface Line {
  readonly reference: string;
  readonly place: HTMLElement;
  readonly tick: HTMLInputElement;
}

/** The proposal of a case that its card is about: verified, to close as junk, and for me to approve. */
function proposalOf({ opened }: Desk, id: string): ReadProposal | null {
  const found = opened.proposals.find(({ answer }) => answer.id === id);
  const { payload } = found?.answer ?? {};
  const fine =
    found?.fault === null && found.answer.mayApprove && payload?.kind === "close" && payload.outcome === "junk";
  return fine ? found : null;
}

class Batch {
  private readonly lines: Line[] = [];
  private readonly read = new Map<string, Read>();
  private readonly form = byId("junk", HTMLFormElement);
  private readonly status = slot(this.form, "status");
  private readonly failures = slot(this.form, "failures");
  private readonly send = slot(this.form, "send", HTMLButtonElement);
  private keys: HandlerKeys | null = null;

  constructor() {
    for (const row of all("[data-may-be-junk]")) {
      const place = fromTemplate("junk-template");
      const tick = slot(place, "tick", HTMLInputElement);
      const reference = row.dataset["mayBeJunk"] ?? "";
      tick.id = `junk-${reference}`;
      slot(place, "label", HTMLLabelElement).htmlFor = tick.id;
      slot(place, "reference").textContent = reference;
      const line = { place, reference, tick };
      tick.addEventListener("change", () => void this.ticked(line, row.dataset["proposal"] ?? null));
      row.append(place);
      this.lines.push(line);
    }
    onSubmit(this.form, () => this.all());
  }

  async opened(keys: HandlerKeys): Promise<void> {
    this.keys = keys;
    this.form.hidden = this.lines.length === 0;
    for (const { place } of this.lines) place.hidden = false;
    this.count();
  }

  async closed(): Promise<void> {
    this.keys = null;
    this.read.clear();
    this.form.hidden = true;
    this.failures.replaceChildren();
    for (const { place, tick } of this.lines) {
      place.hidden = true;
      tick.checked = false;
      this.show(place, "");
    }
  }

  private show(place: HTMLElement, told: string, reasons = "", whole: ReturnType<typeof wholeOf> = null): void {
    say(slot(place, "text"), told);
    say(slot(place, "reasons"), reasons);
    const more = slot(place, "more", HTMLDetailsElement);
    more.hidden = whole === null;
    more.open = false;
    slot(place, "whole").textContent = whole?.text ?? "";
    say(slot(place, "files"), (whole?.files ?? 0) > 0 ? text("junk-files", { count: whole?.files ?? 0 }) : "");
  }

  private count(): void {
    this.send.disabled = this.read.size === 0;
    slot(this.form, "count").textContent = text("junk-count", { count: this.read.size });
  }

  /** Open what was ticked and show how it begins. What cannot be shown cannot be ticked. */
  private async ticked({ place, reference, tick }: Line, proposed: string | null): Promise<void> {
    const { keys } = this;
    this.read.delete(reference);
    this.show(place, "");
    this.count();
    if (!tick.checked || keys === null) return;
    tick.disabled = true;
    this.show(place, text("junk-opening"));
    let why = "";
    try {
      if (this.read.size >= MOST) why = text("junk-most", { count: MOST });
      else {
        const desk = await Desk.open(reference, keys);
        if (this.keys !== keys) return;
        const told = excerptOf(desk.opened);
        const proposal = proposed === null ? null : proposalOf(desk, proposed);
        if (told === null || desk.opened.doubts.length > 0) why = text("junk-unreadable");
        else if (proposed !== null && proposal === null) why = text("junk-not-mine");
        else if (proposed === null && !desk.opened.answer.outcomes.includes("junk")) why = text("junk-late");
        else {
          this.read.set(reference, { desk, proposal });
          const reasons = proposal === null ? "" : text("junk-reasons", { reasons: proposal.reasons ?? "" });
          this.show(place, told, reasons, wholeOf(desk.opened));
        }
      }
    } catch (error) {
      why = error instanceof EnvelopeError ? text("junk-unreadable") : explain(error);
    } finally {
      tick.disabled = false;
    }
    if (why !== "" && this.keys === keys) {
      tick.checked = false;
      this.show(place, why);
    }
    this.count();
  }

  private async all(): Promise<void> {
    const field = this.form.querySelector("textarea");
    const { fault, text: reasons } = field === null ? { fault: "", text: "" } : written(field, MOST_TEXT);
    if (fault !== "") {
      say(this.status, fault, "bad");
      field?.focus();
      return;
    }
    this.send.disabled = true;
    this.failures.replaceChildren();
    const waiting = [...this.read];
    let done = 0;
    for (const [reference, { desk, proposal }] of waiting) {
      // Locked meanwhile: nothing more is signed.
      if (this.keys === null) return;
      say(this.status, text("junk-progress", { count: waiting.length, done }));
      try {
        if (proposal === null) {
          await propose(desk, (digest) => ({ kind: "close", outcome: "junk", reasons: digest }), reasons);
        } else {
          await approve(desk, proposal, "");
        }
        done += 1;
        this.settled(reference);
      } catch (error) {
        this.failed(reference, explain(error));
      }
    }
    const missed = waiting.length - done;
    say(this.status, text("junk-done", { done, missed }), missed === 0 ? "good" : "bad");
    if (field !== null && missed === 0) field.value = "";
    this.count();
  }

  private settled(reference: string): void {
    this.read.delete(reference);
    const at = this.lines.findIndex((line) => line.reference === reference);
    const [line] = this.lines.splice(at, 1);
    if (line === undefined) return;
    line.place.replaceChildren(
      text(`junk-${line.place.closest("[data-proposal]") === null ? "proposed" : "approved"}`),
    );
    line.place.parentElement?.setAttribute("data-settled", "");
  }

  private failed(reference: string, why: string): void {
    const made = document.createElement("li");
    made.textContent = text("junk-failed", { reference, why });
    this.failures.append(made);
  }
}

/** Closing junk on this page; null where the page has none of it. */
export function junk(): Lockable | null {
  return document.getElementById("junk") === null ? null : new Batch();
}
