/** Proposals as cards: who asks, what changes, who may approve, and why my button is off. */

import { noticeOf } from "./deciding";
import { partyDigest } from "./decision";
import { byId, day, fromTemplate, say, slot, text } from "./dom";
import { partyName, placeName } from "./group";
import { contentOf } from "./handover";
import { nameIn } from "./handovertext";
import { type OpenedCase, present } from "./opened";
import type { ReadProposal } from "./proposals";
import { nameOf } from "./records";

/** What the buttons of a card do; an error is told on the card. */
export interface CardActions {
  /** `notice`: what the source is told, where the act tells it something. */
  approve(proposal: ReadProposal, notice: string): Promise<string>;
  decline(proposal: ReadProposal): Promise<string>;
}

/** What a proposal changes, in a sentence. */
export function changeOf(opened: OpenedCase, { answer: { payload } }: ReadProposal): string {
  switch (payload.kind) {
    case "assess":
      return text("act-assess", {
        covered: text(payload.covered ? "act-assess-covered" : "act-assess-not-covered"),
        ground: text(`ground-assess-${payload.ground}`),
      });
    case "close":
      return text("act-close", { outcome: text(`outcome-${payload.outcome}`) });
    case "exclude_member":
      return text("act-exclude_member", { name: nameOf(opened, payload.member) });
    case "add_member": {
      const { function: group, id, role, unit } = payload.member;
      const name = opened.answer.names.get(id) ?? id;
      const values = { function: placeName(opened, group), name, unit: placeName(opened, unit) };
      return text(`act-add_member-${role}`, values);
    }
    case "reclassify": {
      const drawn = (role: "panel" | "standby", words: string) => {
        const people = (payload.panel ?? []).filter((one) => one.role === role);
        const names = people.map(({ id }) => opened.answer.names.get(id) ?? id).join(", ");
        return names === "" ? [] : [text(words, { names })];
      };
      const coming = [...drawn("panel", "act-reclassify-in"), ...drawn("standby", "act-reclassify-standbys")];
      const leaving = coming.length === 0 ? [] : [text("act-reclassify-out")];
      return [text("act-reclassify"), ...coming, ...leaving].join(" ");
    }
    case "end_exclusion":
      return text("act-end_exclusion", { party: concernedParty(opened, payload.party) });
    case "disclose_identity":
      return text(`act-disclose_identity-${payload.notice}`, { to: text(`disclosed-${payload.to}`) });
    case "hand_over": {
      const named = (id: string, word: string) => nameIn(byId(id, HTMLSelectElement), word);
      return text("act-hand_over", {
        basis: named("handover-basis", payload.basis),
        notice: text(`told-${payload.notice}`),
        recipient: named("handover-recipient", payload.recipient),
      });
    }
    case "retain":
      return text(`act-retain-${payload.decision}`, { number: payload.decision_number });
    case "restrict_dialogue":
      return text("act-restrict_dialogue", { date: day(payload.review_on) });
    default:
      return text(`act-${payload.kind}`);
  }
}

/** The party that an act names by digest: one that the source named, by the sealed decision. */
function concernedParty(opened: OpenedCase, digest: string): string {
  const { decision } = opened.decided;
  const found = decision?.concerns.find((party) => partyDigest(decision, party) === digest);
  return found === undefined ? text("party-unknown") : partyName(opened, found);
}

function others(opened: OpenedCase, { payload, proposer }: ReadProposal["answer"]): string {
  const { released } = opened.answer;
  const concerned = payload.kind === "exclude_member" ? payload.member : "";
  const entitled = present(opened.work).members.filter(
    ({ id, role }) => (role === "panel" || released.has(id)) && id !== proposer && id !== concerned,
  );
  // Where nobody else is left on the panel, the first standby decides with the others.
  return entitled.map(({ id }) => nameOf(opened, id)).join(", ") || text("approver-standby");
}

function whyOff(opened: OpenedCase, proposal: ReadProposal): string {
  if (proposal.fault !== null) return text("proposal-fault", { reason: proposal.fault });
  if (proposal.act?.epoch !== present(opened.work).epoch) return text("proposal-epoch");
  return proposal.answer.mayApprove ? "" : proposal.answer.whyNot;
}

function reasons(opened: OpenedCase, proposal: ReadProposal): string {
  const apart = proposal.fault === null && proposal.answer.kind === "exclude_member";
  const why = proposal.reasons ?? text(apart ? "reasons-apart" : "reasons-failed");
  const { payload } = proposal.answer;
  if (payload.kind !== "hand_over" || proposal.fault !== null) return why;
  return `${why}\n\n${text("handed-over-content")}\n${contentOf(opened, payload.content)}`;
}

/** What the source will be told, for whoever approves to put into words; null where the act tells nothing. */
function noticeField(card: HTMLElement, proposal: ReadProposal, off: string): HTMLTextAreaElement | null {
  const notice = noticeOf(proposal.answer.payload);
  if (notice === undefined || off !== "") return null;
  const place = slot(card, "notice");
  const field = slot(place, "text", HTMLTextAreaElement);
  field.id = `notice-${proposal.answer.id}`;
  slot(place, "label", HTMLLabelElement).htmlFor = field.id;
  field.value = text(`notice-${notice}`);
  place.hidden = false;
  return field;
}

function openCard(opened: OpenedCase, proposal: ReadProposal, actions: CardActions): HTMLElement {
  const { answer } = proposal;
  const card = fromTemplate("proposal-template");
  card.dataset["proposal"] = answer.id;
  slot(card, "change").textContent = changeOf(opened, proposal);
  slot(card, "who").textContent = nameOf(opened, answer.proposer);
  slot(card, "approvers").textContent = others(opened, answer);
  slot(card, "expires").textContent = proposal.act === null ? "–" : day(proposal.act.expires.slice(0, 10));
  slot(card, "reasons").textContent = reasons(opened, proposal);
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
  const notice = noticeField(card, proposal, off);
  const act = (button: HTMLButtonElement, run: (proposal: ReadProposal) => Promise<string>): void =>
    button.addEventListener("click", async () => {
      const told = notice?.value.trim();
      // The words that are given end where the reason comes, which nobody but whoever approves can write.
      if (button === approve && (told === "" || told?.endsWith(":") === true)) {
        say(status, text("write-notice"), "bad");
        notice?.focus();
        return;
      }
      const before = [approve.disabled, decline.disabled] as const;
      approve.disabled = true;
      decline.disabled = true;
      const fault = await run(proposal);
      if (fault !== "") {
        [approve.disabled, decline.disabled] = before;
        say(status, fault, "bad");
      }
    });
  act(approve, (one) => actions.approve(one, notice?.value.trim() ?? ""));
  act(decline, (one) => actions.decline(one));
  return card;
}

function decidedCard(opened: OpenedCase, proposal: ReadProposal): HTMLElement {
  const { answer } = proposal;
  const card = fromTemplate("decided-template");
  card.dataset["state"] = answer.state;
  slot(card, "change").textContent = changeOf(opened, proposal);
  slot(card, "state").textContent = text(`proposal-${answer.state}`);
  slot(card, "who").textContent =
    answer.approver === null
      ? text("decided-by-one", { name: nameOf(opened, answer.proposer) })
      : text(proposal.fault === null ? "decided-by-two" : "decided-unchecked", {
          one: nameOf(opened, answer.proposer),
          two: nameOf(opened, answer.approver),
        });
  slot(card, "reasons").textContent = reasons(opened, proposal);
  const fault = slot(card, "fault");
  fault.hidden = proposal.fault === null;
  fault.textContent = proposal.fault === null ? "" : text("proposal-fault", { reason: proposal.fault });
  return card;
}

/** Put all proposals of a case on the page. */
export function showCards(opened: OpenedCase, actions: CardActions): void {
  const read = opened.proposals;
  const waiting = read.filter(({ answer }) => answer.state === "open");
  byId("cards").replaceChildren(...waiting.map((one) => openCard(opened, one, actions)));
  const decided = read.filter(({ answer }) => answer.state !== "open").reverse();
  byId("decided").replaceChildren(...decided.map((one) => decidedCard(opened, one)));
  byId("decided-heading").hidden = decided.length === 0;
}
