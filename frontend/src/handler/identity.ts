/** The section about who the reporter is: opening the vault by two, disclosing it outside, splitting it anew. */
import { DISCLOSED_TO } from "../crypto/act";
import type { Identity } from "../crypto/vault";
import { explain, post } from "./api";
import type { Bench } from "./composers";
import { trusted } from "./directory";
import { byId, painted, say, show, slot, text } from "./dom";
import type { OpenedCase } from "./opened";
import { proposing } from "./proposing";
import { nameOf } from "./records";
import { hasVault, lendForRenewal, openIdentity, openingAct, renewalOf, splitVaultAnew } from "./vault";
import type { Desk } from "./writing";

function disclosing(bench: Bench) {
  return proposing("disclose_identity", bench, (form, reasons) => {
    const to = slot(form, "to", HTMLSelectElement);
    const chosen = DISCLOSED_TO.find((one) => one === to.value);
    if (chosen === undefined) return { field: to, why: text("choose-something") };
    const withheld = slot(form, "withheld", HTMLInputElement).checked;
    const hinders = slot(form, "hinders", HTMLTextAreaElement);
    const against = hinders.value.trim();
    // Not to tell the source is the exception, and the exception has a reason of its own.
    if (withheld && against === "") return { field: hinders, why: text("hinders-why") };
    const notice = withheld ? "withheld" : "given";
    return {
      payload: (digest) => ({ kind: "disclose_identity", notice, reasons: digest, to: chosen }),
      reasons: withheld ? `${reasons}\n\n${text("hinders-said")} ${against}` : reasons,
    };
  });
}

/** Make the section work. Gives what shows it for a case as it now is, and takes away what was opened for null. */
export function identitySection(bench: Bench): (opened: OpenedCase | null) => void {
  const section = byId("identity");
  const opener = slot(section, "open", HTMLButtonElement);
  const openedPlace = slot(section, "opened");
  const renewal = slot(section, "renewal");
  const lend = slot(renewal, "lend", HTMLButtonElement);
  const split = slot(renewal, "split", HTMLButtonElement);
  const status = slot(section, "said");
  const showOpening = proposing("open_identity", bench, () => ({
    payload: (reasons) => ({ kind: "open_identity", reasons }),
  }));
  const showDisclosing = disclosing(bench);
  const withheld = slot(byId("disclose_identity-form"), "withheld", HTMLInputElement);
  const why = slot(byId("disclose_identity-form"), "why_withheld");
  let inHand: Desk | null = null;

  function clear(): void {
    for (const name of ["name", "contact"]) slot(openedPlace, name).textContent = "";
    openedPlace.hidden = true;
  }

  function put({ contact, name }: Identity): void {
    slot(openedPlace, "name").textContent = name || text("identity-none");
    slot(openedPlace, "contact").textContent = contact || text("identity-none");
    openedPlace.hidden = false;
    openedPlace.focus();
  }

  /** Run a step; what it found is shown only while the case is still in hand. */
  async function step(
    button: HTMLButtonElement,
    act: (desk: Desk) => Promise<(() => void) | undefined>,
  ): Promise<void> {
    const desk = bench.desk();
    if (desk === null) return;
    button.disabled = true;
    say(status, text("identity-working"));
    await painted();
    try {
      const then = await act(desk);
      if (bench.desk() !== desk) return;
      say(status, "");
      then?.();
    } catch (error) {
      if (bench.desk() === desk) say(status, explain(error), "bad");
    } finally {
      button.disabled = false;
    }
  }

  async function look(desk: Desk): Promise<void> {
    try {
      const { lent, needed } = await renewalOf(desk.reference);
      if (bench.desk() !== desk) return;
      renewal.hidden = !needed;
      show(lent === null, lend, slot(renewal, "first"));
      show(lent !== null, split, slot(renewal, "second"));
      if (lent !== null) {
        slot(renewal, "second").textContent = text("vault-second", { name: nameOf(desk.opened, lent.member) });
      }
    } catch (error) {
      // Somebody who came later has no share yet: the others are told the same way.
      if (bench.desk() === desk) say(status, explain(error));
    }
  }

  withheld.addEventListener("change", () => show(withheld.checked, why));
  opener.addEventListener("click", () =>
    step(opener, async (desk) => {
      const act = openingAct(desk.opened);
      if (act === undefined) return undefined;
      const told = await openIdentity(desk, act);
      return () => put(told);
    }),
  );
  lend.addEventListener("click", () =>
    step(lend, async (desk) => {
      await lendForRenewal(desk);
      return () => say(status, text("vault-lent"), "good");
    }),
  );
  split.addEventListener("click", () =>
    step(split, async (desk) => {
      const directory = trusted(await post("directory"), desk.opened.answer.installation);
      await splitVaultAnew(desk, new Set(directory.trustees.map(({ recipient }) => recipient)));
      return () => {
        renewal.hidden = true;
        say(status, text("vault-split"), "good");
      };
    }),
  );

  return (opened) => {
    const has = opened !== null && hasVault(opened);
    section.hidden = !has;
    showOpening(opened, has);
    const act = opened === null ? undefined : openingAct(opened);
    const before = opened?.answer.proposals.some((one) => one.kind === "open_identity" && one.state === "approved");
    showDisclosing(opened, has && before === true);
    opener.hidden = act === undefined;
    if (!has) {
      clear();
      renewal.hidden = true;
      say(status, "");
      inHand = null;
      return;
    }
    const desk = bench.desk();
    if (desk !== null && desk !== inHand) void look(desk);
    inHand = desk;
  };
}
