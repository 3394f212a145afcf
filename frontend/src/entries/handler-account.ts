/** A person's own account: ways to the key, password and sessions. After each change the page is shown anew. */

import { b64 } from "../crypto/bytes";
import type { Json } from "../crypto/canonical";
import { checkPhrase } from "../crypto/checkphrase";
import { type HandlerKeys, machinePassphrase, publicKeys, readPassphrase, sealIdentity } from "../crypto/identity";
import * as shape from "../crypto/shape";
import { explain, Problem, post } from "../handler/api";
import { all, byId, onSubmit, painted, say, show, text } from "../handler/dom";
import { fieldFault } from "../handler/faults";
import { lockable } from "../handler/locking";
import { answer, hasPasskeys, makeWay, PasskeyError, readCreation } from "../handler/passkey";

const MIN_PASSWORD = 15;
const status = byId("account-status");
let keys: HandlerKeys | null = null;

function why(error: unknown): string {
  if (error instanceof PasskeyError) return text(error.reason === "no_prf" ? "passkey-no-prf" : "passkey-cancelled");
  return explain(error);
}

/** Do something, and tell what stood in its way. Whoever has to show who they are is led there. */
async function attempt(act: () => Promise<void>): Promise<void> {
  say(status, "");
  try {
    await act();
  } catch (error) {
    say(status, why(error), "bad");
    if (error instanceof Problem && error.code === "confirm_first") {
      show(true, byId("confirm-part"));
      byId("confirm-heading").focus();
    }
  }
}

function again(): void {
  location.reload();
}

interface Challenges {
  readonly confirm: Uint8Array<ArrayBuffer>;
  readonly creation: ReturnType<typeof readCreation>;
  readonly credentials: Uint8Array<ArrayBuffer>[];
}

async function challenges(): Promise<Challenges> {
  const read = shape.including(await post("account/challenge"), "confirm", "creation", "credentials");
  return {
    confirm: shape.bytes(read["confirm"]),
    creation: readCreation(read["creation"]),
    credentials: shape.list(read["credentials"], (one) => shape.bytes(one)),
  };
}

function confirmed(): void {
  show(false, byId("confirm-part"));
  say(status, text("confirmed"), "good");
}

function wireConfirming(): void {
  onSubmit(byId("confirm", HTMLFormElement), async () => {
    const password = byId("confirm-password", HTMLInputElement);
    const otp = byId("confirm-otp", HTMLInputElement);
    if (fieldFault("confirm-otp", /^\s*(\d\s*){6}$/.test(otp.value) ? "" : text("otp-shape"))) return;
    await attempt(async () => {
      await post("account/confirm", { otp: otp.value, password: password.value });
      password.value = "";
      confirmed();
    });
    otp.value = "";
  });
  const passkey = byId("confirm-passkey");
  // A person without keys has no passkeys either.
  if (!hasPasskeys() || all("[data-kind='passkey']").length === 0) return;
  show(true, passkey);
  passkey.addEventListener(
    "click",
    () =>
      void attempt(async () => {
        const { confirm, creation, credentials } = await challenges();
        await post("account/confirm", await answer({ challenge: confirm, credentials, rpId: creation.rpId }));
        confirmed();
      }),
  );
}

async function add(way: Record<string, string>, insteadOf: string | null): Promise<void> {
  const body: Json = insteadOf === null ? { way } : { instead_of: insteadOf, way };
  await post("account/ways", body);
  again();
}

/** Show a new passphrase; what it replaces goes only when the new one has been written down and kept. */
function offerPassphrase(insteadOf: string | null): void {
  const passphrase = machinePassphrase();
  const form = byId("new-passphrase", HTMLFormElement);
  const words = passphrase.split(" ").map((word) => {
    const item = document.createElement("li");
    item.textContent = word;
    return item;
  });
  byId("passphrase-words").replaceChildren(...words);
  byId("passphrase-check", HTMLInputElement).value = "";
  show(true, form);
  form.querySelector<HTMLElement>("h3")?.focus();
  offered = { insteadOf, passphrase };
}

let offered: { readonly passphrase: string; readonly insteadOf: string | null } | null = null;

function putAway(): void {
  offered = null;
  byId("passphrase-words").replaceChildren();
  show(false, byId("new-passphrase"));
}

function wireWays(): void {
  byId("add-passphrase").addEventListener("click", () => offerPassphrase(null));
  byId("passphrase-cancel").addEventListener("click", putAway);
  for (const button of all("[data-replaces]")) {
    button.addEventListener("click", () => {
      if (keys === null) return byId("passphrase").focus();
      offerPassphrase(button.dataset["replaces"] ?? null);
    });
  }
  for (const button of all("[data-removes]")) {
    button.addEventListener(
      "click",
      () =>
        void attempt(async () => {
          await post(`account/ways/${button.dataset["removes"] ?? ""}/remove`);
          again();
        }),
    );
  }
  onSubmit(byId("new-passphrase", HTMLFormElement), async () => {
    const typed = readPassphrase(byId("passphrase-check", HTMLInputElement).value);
    if (offered === null || keys === null) return;
    const right = typed.ok && typed.text === offered.passphrase;
    if (fieldFault("passphrase-check", right ? "" : text("words-wrong"))) return;
    const { insteadOf, passphrase } = offered;
    const mine = keys;
    say(status, text("way-adding"));
    await painted();
    await attempt(async () => {
      const file = b64(await sealIdentity(mine, passphrase));
      await add({ file, kind: "passphrase", label: text("passphrase-label") }, insteadOf);
    });
  });
  const form = byId("add-passkey", HTMLFormElement);
  show(hasPasskeys(), form);
  onSubmit(form, async () => {
    const label = byId("passkey-label", HTMLInputElement).value.trim();
    if (fieldFault("passkey-label", label === "" ? text("label-missing") : "")) return;
    const mine = keys;
    if (mine === null) return;
    await attempt(async () => {
      const { creation, credentials } = await challenges();
      await add(await makeWay(creation, mine, label, credentials), null);
    });
  });
}

function wireSessions(): void {
  for (const button of all("[data-ends]")) {
    button.addEventListener(
      "click",
      () =>
        void attempt(async () => {
          await post(`account/sessions/${button.dataset["ends"] ?? ""}/end`);
          again();
        }),
    );
  }
  document.getElementById("end-others")?.addEventListener(
    "click",
    () =>
      void attempt(async () => {
        await post("account/sessions/end-others");
        again();
      }),
  );
}

function wirePassword(): void {
  onSubmit(byId("change-password", HTMLFormElement), async () => {
    const field = byId("new-password", HTMLInputElement);
    if (fieldFault("new-password", [...field.value].length < MIN_PASSWORD ? text("password-short") : "")) return;
    await attempt(async () => {
      await post("account/password", { password: field.value });
      field.value = "";
      say(status, text("password-changed"), "good");
    });
  });
}

wireConfirming();
wireSessions();
wirePassword();
if (document.getElementById("ways") !== null) {
  wireWays();
  void lockable({
    async closed() {
      keys = null;
      putAway();
      byId("check-phrase").textContent = "";
    },
    async opened(mine) {
      keys = mine;
      const { recipient, verificationKey } = publicKeys(mine);
      byId("check-phrase").textContent = checkPhrase(recipient, verificationKey);
    },
  });
}
