/** What an administrator proposes and approves about trustees, signed with the own key. */
import { hex } from "../crypto/bytes";
import type { Json } from "../crypto/canonical";
import { changePayloadDigest, changeSignedBy, readChange, signChange } from "../crypto/change";
import { EnvelopeError } from "../crypto/errors";
import type { HandlerKeys } from "../crypto/identity";
import { randomBytes } from "../crypto/keys";
import * as shape from "../crypto/shape";
import { explain, get, post } from "../handler/api";
import { all, byId, onSubmit, say, text } from "../handler/dom";
import { readPublicPart } from "./ceremony";

const NONCE_SIZE = 16;
type Keys = () => HandlerKeys | null;

async function propose(kind: string, payload: Json, keys: HandlerKeys): Promise<void> {
  const read = shape.including(await get("changes"), "installation", "expires", "bases");
  const act = readChange({
    base: shape.including(read["bases"], kind)[kind],
    expires: read["expires"],
    installation: read["installation"],
    kind,
    nonce: hex(randomBytes(NONCE_SIZE)),
    payload: changePayloadDigest(payload),
  });
  await post("changes", { act: { ...act }, payload, signature: signChange(act, keys.signing) });
}

/** Approve the ceremony that waits: its act must name the payload, and its proposer's key must have signed it. */
async function approve(waiting: Json, phrases: Json, keys: HandlerKeys): Promise<void> {
  const read = shape.including(await get("changes"), "changes");
  const changes = shape.list(read["changes"], (one) =>
    shape.including(one, "id", "act", "kind", "state", "payload", "proposer_signature", "proposer_key"),
  );
  const found = changes.find((one) => one["kind"] === "ceremony" && one["state"] === "open");
  if (found === undefined) throw new EnvelopeError("act");
  const act = readChange(found["act"]);
  if (changePayloadDigest(waiting) !== act.payload) throw new EnvelopeError("payload");
  const signed = changeSignedBy(act, shape.string(found["proposer_signature"]), shape.string(found["proposer_key"]));
  if (!signed) throw new EnvelopeError("signature");
  const id = shape.reference(found["id"]);
  await post(`changes/${id}/approve`, { said: { phrases }, signature: signChange(act, keys.signing) });
}

function value(id: string): string {
  return written(byId(id));
}

function written(field: Element | null): string {
  const typed = field instanceof HTMLInputElement || field instanceof HTMLSelectElement;
  return typed ? field.value.trim() : "";
}

function part(row: HTMLElement, name: string): string {
  return written(row.querySelector(`[data-part="${name}"]`));
}

/** Where a trustee belongs: a unit of the register, so that they are left out of what concerns it, or one outside. */
function place(row: HTMLElement): { organisation: string; unit: string; unit_id: string | null } {
  const select = row.querySelector("select");
  const chosen = select?.value ? select.selectedOptions[0] : undefined;
  if (chosen === undefined) return { organisation: part(row, "organisation"), unit: part(row, "unit"), unit_id: null };
  const { organisation = "", unit = "" } = chosen.dataset;
  return { organisation, unit, unit_id: chosen.value };
}

function trusteesPayload(): Json {
  const rows = all("[data-trustee]").filter((row) => part(row, "name") !== "");
  const trustees = rows.map((row) => ({
    ...readPublicPart(part(row, "public")),
    name: part(row, "name"),
    ...place(row),
  }));
  return {
    decision: { decided_on: value("decided-on"), number: value("decision-number"), organisation: value("decided-by") },
    threshold: Number(value("threshold")),
    trustees,
  };
}

async function tell(status: HTMLElement, keysNow: Keys, done: string, act: (keys: HandlerKeys) => Promise<void>) {
  const keys = keysNow();
  if (keys === null) return say(status, text("unlock-first"), "bad");
  say(status, text("signing"));
  try {
    await act(keys);
    say(status, text(done), "good");
  } catch (error) {
    const unread = error instanceof EnvelopeError || error instanceof SyntaxError;
    say(status, unread ? text("fill-in") : explain(error), "bad");
  }
}

/** One more place in the form, so that what has been filled in stays. Without this script its link asks for it. */
function addPlace(link: HTMLElement): void {
  const rows = all("[data-trustee]");
  const last = rows.at(-1);
  if (last === undefined) return;
  const number = rows.length + 1;
  const added = last.cloneNode(true) as HTMLElement;
  added.dataset["trustee"] = String(number);
  for (const element of added.querySelectorAll<HTMLElement>("*")) {
    for (const name of ["id", "for", "data-field", "aria-describedby"]) {
      const value = element.getAttribute(name);
      if (value !== null) element.setAttribute(name, value.replace(/-\d+(?=$|-hint$)/, `-${number}`));
    }
    if (element instanceof HTMLInputElement) element.value = "";
    else if (element instanceof HTMLSelectElement) element.selectedIndex = 0;
  }
  const legend = added.querySelector("legend");
  if (legend !== null) legend.textContent = (legend.textContent ?? "").replace(/\d+/, String(number));
  last.after(added);
  legend?.focus();
  if (number >= Number(link.dataset["most"])) link.remove();
}

/** Wire the proposals of this page. */
export function proposing(keysNow: Keys): void {
  const more = document.getElementById("add-trustee");
  more?.addEventListener("click", (event) => {
    event.preventDefault();
    addPlace(more);
  });
  const proposed = byId("propose-status");
  onSubmit(byId("propose", HTMLFormElement), () =>
    tell(proposed, keysNow, "proposed", (keys) => propose("trustees", trusteesPayload(), keys)),
  );
  onSubmit(byId("recover-form", HTMLFormElement), () =>
    tell(byId("recover-status"), keysNow, "proposed", (keys) =>
      propose("recover_case", { reference: value("reference"), why: value("why") }, keys),
    ),
  );
  const form = document.getElementById("acknowledge-form");
  if (!(form instanceof HTMLFormElement)) return;
  const status = byId("acknowledge-status");
  const waiting = JSON.parse(byId("acknowledge").dataset["waiting"] ?? "null") as Json;
  byId("propose-ceremony", HTMLButtonElement).addEventListener("click", () => {
    void tell(status, keysNow, "proposed", (keys) => propose("ceremony", waiting, keys));
  });
  onSubmit(form, () => {
    const fields = all("[data-phrase]").map((field) => [
      field.dataset["phrase"] ?? "",
      field instanceof HTMLInputElement ? field.value : "",
    ]);
    return tell(status, keysNow, "approved", (keys) => approve(waiting, Object.fromEntries(fields), keys));
  });
}
