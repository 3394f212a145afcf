/** Proposals as cards: who asks, what changes, who may approve, and why my button is off. */
import { byId, day, fromTemplate, say, slot, text } from "./dom";
import { type OpenedCase, present, type ReadProposal, readProposal } from "./opened";
import { nameOf } from "./records";

/** What the buttons of a card do; an error is told on the card. */
export interface CardActions {
  approve(proposal: ReadProposal): Promise<string>;
  decline(proposal: ReadProposal): Promise<string>;
}

function change(proposal: ReadProposal): string {
  const { payload } = proposal.answer;
  if (payload.kind === "assess") return text(payload.covered ? "act-covered" : "act-not-covered");
  return payload.kind === "close" ? text("act-close", { outcome: text(`outcome-${payload.outcome}`) }) : payload.kind;
}

function others(opened: OpenedCase, proposer: string): string {
  const panel = present(opened.work).members.filter(({ id, role }) => role === "panel" && id !== proposer);
  return panel.map(({ id }) => nameOf(opened, id)).join(", ");
}

function whyOff(opened: OpenedCase, proposal: ReadProposal): string {
  if (proposal.fault !== null) return text("proposal-fault", { reason: proposal.fault });
  if (proposal.act?.epoch !== present(opened.work).epoch) return text("proposal-epoch");
  return proposal.answer.mayApprove ? "" : proposal.answer.whyNot;
}

function openCard(opened: OpenedCase, proposal: ReadProposal, actions: CardActions): HTMLElement {
  const { answer } = proposal;
  const card = fromTemplate("proposal-template");
  card.dataset["proposal"] = answer.id;
  slot(card, "change").textContent = change(proposal);
  slot(card, "who").textContent = nameOf(opened, answer.proposer);
  slot(card, "approvers").textContent = others(opened, answer.proposer);
  slot(card, "expires").textContent = proposal.act === null ? "–" : day(proposal.act.expires.slice(0, 10));
  slot(card, "reasons").textContent = proposal.reasons ?? text("reasons-failed");
  const off = whyOff(opened, proposal);
  const why = slot(card, "why");
  why.textContent = off;
  why.hidden = off === "";
  why.id = `why-${answer.id}`;
  const status = slot(card, "status");
  const approve = slot(card, "approve", HTMLButtonElement);
  const decline = slot(card, "decline", HTMLButtonElement);
  approve.disabled = off !== "";
  if (off !== "") approve.setAttribute("aria-describedby", why.id);
  decline.hidden = !answer.mayDecline;
  decline.textContent = text(answer.proposer === opened.answer.me ? "withdraw" : "decline");
  const act = (button: HTMLButtonElement, run: (proposal: ReadProposal) => Promise<string>): void =>
    button.addEventListener("click", async () => {
      const before = [approve.disabled, decline.disabled] as const;
      approve.disabled = true;
      decline.disabled = true;
      const fault = await run(proposal);
      if (fault !== "") {
        [approve.disabled, decline.disabled] = before;
        say(status, fault, "bad");
      }
    });
  act(approve, (one) => actions.approve(one));
  act(decline, (one) => actions.decline(one));
  return card;
}

function decidedCard(opened: OpenedCase, proposal: ReadProposal): HTMLElement {
  const { answer } = proposal;
  const card = fromTemplate("decided-template");
  card.dataset["state"] = answer.state;
  slot(card, "change").textContent = change(proposal);
  slot(card, "state").textContent = text(`proposal-${answer.state}`);
  slot(card, "who").textContent =
    answer.approver === null
      ? text("decided-by-one", { name: nameOf(opened, answer.proposer) })
      : text(proposal.fault === null ? "decided-by-two" : "decided-unchecked", {
          one: nameOf(opened, answer.proposer),
          two: nameOf(opened, answer.approver),
        });
  slot(card, "reasons").textContent = proposal.reasons ?? text("reasons-failed");
  const fault = slot(card, "fault");
  fault.hidden = proposal.fault === null;
  fault.textContent = proposal.fault === null ? "" : text("proposal-fault", { reason: proposal.fault });
  return card;
}

/** Put all proposals of a case on the page. */
export function showCards(opened: OpenedCase, actions: CardActions): void {
  const read = opened.answer.proposals.map((answer) => readProposal(opened, answer));
  const waiting = read.filter(({ answer }) => answer.state === "open");
  byId("cards").replaceChildren(...waiting.map((one) => openCard(opened, one, actions)));
  const decided = read.filter(({ answer }) => answer.state !== "open").reverse();
  byId("decided").replaceChildren(...decided.map((one) => decidedCard(opened, one)));
  byId("decided-heading").hidden = decided.length === 0;
}
