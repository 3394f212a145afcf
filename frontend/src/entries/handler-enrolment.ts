/**
 * Enrolment: password, one-time code and, for whoever signs what they do, keys made here. Two ways lead to them: a
 * passphrase that nobody else ever sees, and a passkey or a second passphrase on paper.
 * The link's token stands after `#`, so it is in no request's address and in no log.
 */
import { b64 } from "../crypto/bytes";
import type { Json } from "../crypto/canonical";
import { checkPhrase } from "../crypto/checkphrase";
import {
  enrolmentProof,
  type HandlerKeys,
  machinePassphrase,
  makeHandlerKeys,
  publicKeys,
  sealIdentity,
} from "../crypto/identity";
import * as shape from "../crypto/shape";
import { explain, Problem, post } from "../handler/api";
import { all, byId, onSubmit, painted, say, show, slot, text } from "../handler/dom";
import { fieldFault } from "../handler/faults";
import { drawMatrix } from "../handler/matrix";
import { type Creation, hasPasskeys, makeWay, PasskeyError, readCreation } from "../handler/passkey";

const MIN_PASSWORD = 15;
const ASKED = 2;

/** What is being made while the page is open. Nothing of it is kept anywhere. */
interface Making {
  readonly token: string;
  readonly needsKeys: boolean;
  readonly keys: HandlerKeys;
  readonly passkey: Creation | null;
  /** The passphrase of every day, and the one on paper where there is no passkey. */
  readonly phrases: readonly [Phrase, Phrase];
}

interface Phrase {
  readonly words: string;
  /** Which words (from 1) have to be typed again. */
  readonly asked: readonly number[];
}

/** Which passphrase is on the page, and the passkey that was made instead of the second. */
let place: 0 | 1 = 0;
let passkeyWay: Record<string, string> | null = null;

const status = byId("enrolment-status");
// The one-time code last: it is good for a minute, and writing down seven words takes longer.
const steps = ["step-password", "step-passphrase", "step-words", "step-second", "step-otp", "step-done"] as const;
type Step = (typeof steps)[number];

function go(step: Step): void {
  for (const one of steps) show(one === step, byId(one));
  say(status, "");
  byId(step).querySelector<HTMLElement>("h2")?.focus();
}

/** Two different words of the seven, chosen anew each time. */
function pick(): number[] {
  const order = [...crypto.getRandomValues(new Uint32Array(7))].map((weight, index) => ({ index: index + 1, weight }));
  order.sort((a, b) => a.weight - b.weight);
  return order
    .slice(0, ASKED)
    .map(({ index }) => index)
    .sort((a, b) => a - b);
}

function welcome(answer: unknown, token: string): Making {
  const read = shape.including(answer, "name", "email", "needs_keys", "totp_secret", "matrix");
  byId("enrolment-name").textContent = shape.string(read["name"]);
  byId("enrolment-email").textContent = shape.string(read["email"]);
  const secret = shape.string(read["totp_secret"]);
  byId("totp-secret").textContent = secret.match(/.{1,4}/g)?.join(" ") ?? secret;
  drawMatrix(byId("totp-matrix", HTMLCanvasElement), shape.list(read["matrix"], shape.string));
  const needsKeys = read["needs_keys"] === true;
  const passkey = needsKeys ? readCreation(read["passkey"]) : null;
  const phrase = () => ({ asked: pick(), words: machinePassphrase() });
  return { keys: makeHandlerKeys(), needsKeys, passkey, phrases: [phrase(), phrase()], token };
}

/** Put one of the two passphrases on the page. */
function showPhrase(making: Making, which: 0 | 1): void {
  place = which;
  const { asked, words } = making.phrases[which];
  const items = words.split(" ").map((word) => {
    const item = document.createElement("li");
    item.textContent = word;
    return item;
  });
  byId("passphrase-words").replaceChildren(...items);
  for (const one of all("[data-phrase]")) show(one.dataset["phrase"] === String(which), one);
  for (const [index, number] of asked.entries()) {
    byId(`word-${index}`, HTMLInputElement).value = "";
    slot(byId(`word-${index}-label`), "number").textContent = String(number);
  }
  go("step-passphrase");
}

function wordFaults({ asked, words: phrase }: Phrase): string[] {
  const words = phrase.split(" ");
  return asked.map((number, index) => {
    const typed = byId(`word-${index}`, HTMLInputElement).value.trim().toLowerCase();
    // The list tells words apart by their first four letters, so whoever wrote down those has written down enough.
    const right = typed.length >= 4 && (words[number - 1] ?? "").startsWith(typed);
    return right ? "" : text("word-wrong", { number });
  });
}

let sealed: Record<string, Json> | null = null;

async function passphraseWay(making: Making, which: 0 | 1): Promise<Record<string, string>> {
  const file = b64(await sealIdentity(making.keys, making.phrases[which].words));
  return { file, kind: "passphrase", label: text(which === 0 ? "passphrase-label" : "reserve-label") };
}

/** The members of the request that hold keys. Made once: a mistyped code must not cost the key derivation again. */
async function keyMembers(making: Making): Promise<Record<string, Json>> {
  if (!making.needsKeys) return {};
  if (sealed !== null) return sealed;
  const { recipient, verificationKey } = publicKeys(making.keys);
  const ways = [await passphraseWay(making, 0), passkeyWay ?? (await passphraseWay(making, 1))];
  sealed = {
    proof: b64(enrolmentProof(making.keys, making.token)),
    recipient: b64(recipient),
    verification_key: b64(verificationKey),
    ways,
  };
  return sealed;
}

/** The second way as a passkey; where the device has none that opens keys, the paper is left. */
async function makePasskey(making: Making): Promise<void> {
  const place = byId("second-status");
  say(place, "");
  if (making.passkey === null) return;
  try {
    passkeyWay = await makeWay(making.passkey, making.keys, text("passkey-label"));
    go("step-otp");
  } catch (error) {
    if (!(error instanceof PasskeyError)) throw error;
    say(place, text(error.reason === "no_prf" ? "passkey-no-prf" : "passkey-cancelled"), "bad");
  }
}

/** What comes of it: an account that is open, or one that waits for somebody who hears the six words. */
function done(making: Making, answer: unknown): void {
  const waits = shape.string(shape.including(answer, "state")["state"]) === "enrolled";
  show(waits, byId("done-enrolled"));
  show(!waits, byId("done-active"));
  if (waits) {
    const { recipient, verificationKey } = publicKeys(making.keys);
    byId("check-phrase").textContent = checkPhrase(recipient, verificationKey);
  }
  byId("passphrase-words").replaceChildren();
  go("step-done");
}

async function enrol(making: Making): Promise<void> {
  say(status, text("enrolling"));
  await painted();
  const otp = byId("otp", HTMLInputElement);
  const password = byId("password", HTMLInputElement);
  try {
    const keys = await keyMembers(making);
    const answer = await post("enrolment", { ...keys, otp: otp.value, password: password.value, token: making.token });
    password.value = "";
    done(making, answer);
  } catch (error) {
    const field = error instanceof Problem ? error.field : null;
    if (field === "password" || field === "otp") {
      go(field === "password" ? "step-password" : "step-otp");
      fieldFault(field, explain(error));
    } else {
      say(status, explain(error), "bad");
    }
  }
}

function wire(making: Making): void {
  onSubmit(byId("step-password", HTMLFormElement), async () => {
    const { value } = byId("password", HTMLInputElement);
    const fault = [...value].length < MIN_PASSWORD ? text("password-short") : "";
    fieldFault("password", fault);
    if (fault !== "") return;
    if (making.needsKeys) showPhrase(making, 0);
    else go("step-otp");
  });
  byId("passphrase-print").addEventListener("click", () => print());
  byId("passphrase-again").addEventListener("click", () => go("step-passphrase"));
  onSubmit(byId("step-passphrase", HTMLFormElement), async () => go("step-words"));
  onSubmit(byId("step-words", HTMLFormElement), async () => {
    const faults = wordFaults(making.phrases[place]);
    // From the last to the first, so that the first field with a fault keeps the focus.
    for (const [index, fault] of [...faults.entries()].reverse()) fieldFault(`word-${index}`, fault);
    if (faults.every((fault) => fault === "")) go(place === 0 ? "step-second" : "step-otp");
  });
  onSubmit(byId("step-second", HTMLFormElement), async () => showPhrase(making, 1));
  const passkey = byId("second-passkey", HTMLButtonElement);
  show(hasPasskeys(), passkey);
  passkey.addEventListener("click", async () => {
    passkey.disabled = true;
    await makePasskey(making);
    passkey.disabled = false;
  });
  onSubmit(byId("step-otp", HTMLFormElement), async () => {
    const fault = /^\s*(\d\s*){6}$/.test(byId("otp", HTMLInputElement).value) ? "" : text("otp-shape");
    fieldFault("otp", fault);
    if (fault === "") await enrol(making);
  });
}

async function start(): Promise<void> {
  const token = location.hash.slice(1);
  // Out of the address bar and the history at once: the link works only for whoever has it.
  history.replaceState(null, "", location.pathname);
  if (token === "") return say(status, text("enrolment-no-token"), "bad");
  try {
    const making = welcome(await post("enrolment/welcome", { token }), token);
    wire(making);
    show(true, byId("enrolment"));
    go("step-password");
  } catch (error) {
    say(status, explain(error), "bad");
  }
}

void start();
