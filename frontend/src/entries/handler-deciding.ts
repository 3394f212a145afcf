/** What a standby decides about a colleague: the reference and the reason, opened here, and nothing else of the case. */
import { type Act, type ActPayload, actSignedBy, payloadDigest, readAct, readPayload, signAct } from "../crypto/act";
import { openConcern } from "../crypto/apart";
import { demand, EnvelopeError } from "../crypto/errors";
import type { HandlerKeys } from "../crypto/identity";
import { VERIFICATION_KEY_SIZE } from "../crypto/keys";
import * as shape from "../crypto/shape";
import { explain, post } from "../handler/api";
import { byId, day, fromTemplate, say, slot, text } from "../handler/dom";
import { lockable } from "../handler/locking";

interface Concerned {
  readonly act: Act;
  readonly member: string;
  readonly reason: string;
}

function aboutMember(payload: ActPayload): ActPayload & { readonly kind: "exclude_member" } {
  demand(payload.kind === "exclude_member", "payload");
  return payload;
}

/** Verify what is to be decided: who signed it, that it says what was signed, and that the reason belongs to it. */
async function opened(read: shape.Members, keys: HandlerKeys): Promise<Concerned> {
  const act = readAct(read["act"]);
  const reference = shape.reference(read["reference"]);
  const payload = aboutMember(readPayload(act.kind, read["payload"]));
  const key = shape.string(read["verification_key"]);
  shape.bytes(key, VERIFICATION_KEY_SIZE);
  demand(act.case === reference && act.payload === payloadDigest(payload), "payload");
  demand(actSignedBy(act, shape.string(read["proposer_signature"]), key), "signature");
  const about = { case: reference, digest: payload.reasons, member: payload.member };
  const reason = await openConcern(shape.bytes(read["reasons"]), keys.age, about);
  return { act, member: payload.member, reason };
}

async function card(value: unknown, keys: HandlerKeys, again: () => Promise<void>): Promise<HTMLElement> {
  const read = shape.including(
    value,
    ...[
      "id",
      "reference",
      "act",
      "payload",
      "proposer",
      "proposer_signature",
      "verification_key",
      "reasons",
      "expires",
    ],
  );
  const made = fromTemplate("deciding-template");
  const id = shape.reference(read["id"]);
  const proposer = shape.pseudonym(read["proposer"]);
  const status = slot(made, "status");
  const approve = slot(made, "approve", HTMLButtonElement);
  const decline = slot(made, "decline", HTMLButtonElement);
  made.dataset["proposal"] = id;
  slot(made, "reference").textContent = shape.reference(read["reference"]);
  slot(made, "who").textContent = proposer;
  slot(made, "expires").textContent = day(shape.string(read["expires"]).slice(0, 10));
  let concerned: Concerned | null = null;
  try {
    concerned = await opened(read, keys);
    slot(made, "change").textContent = text("act-exclude_member", { name: concerned.member });
    slot(made, "reasons").textContent = concerned.reason;
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    slot(made, "change").textContent = text("deciding-unknown");
    slot(made, "reasons").textContent = text("proposal-fault", { reason: error.reason });
  }
  approve.disabled = concerned === null;
  const act = (button: HTMLButtonElement, run: () => Promise<unknown>): void =>
    button.addEventListener("click", async () => {
      approve.disabled = true;
      decline.disabled = true;
      try {
        await run();
        await again();
      } catch (error) {
        approve.disabled = concerned === null;
        decline.disabled = false;
        say(status, explain(error), "bad");
      }
    });
  act(approve, async () => {
    if (concerned !== null) await post(`proposals/${id}/approve`, { signature: signAct(concerned.act, keys.signing) });
  });
  act(decline, () => post(`proposals/${id}/decline`));
  return made;
}

async function show(keys: HandlerKeys, held: () => boolean, done: boolean): Promise<void> {
  const status = byId("deciding-status");
  try {
    const read = shape.including(await post("deciding"), "deciding");
    const again = () => show(keys, held, true);
    const cards = await Promise.all(shape.list(read["deciding"], (one) => one).map((one) => card(one, keys, again)));
    if (!held()) return;
    byId("deciding").replaceChildren(...cards);
    say(status, text(done ? "deciding-done" : cards.length === 0 ? "deciding-none" : ""), done ? "good" : "plain");
  } catch (error) {
    if (held()) say(status, error instanceof EnvelopeError ? text("unexpected") : explain(error), "bad");
  }
}

void lockable({
  opened: (keys, held) => show(keys, held, false),
  async closed() {
    byId("deciding").replaceChildren();
    say(byId("deciding-status"), "");
  },
});
