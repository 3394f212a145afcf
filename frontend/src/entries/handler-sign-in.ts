/** Signing in with a passkey, beside the form with password and one-time code that works without any script. */
import * as shape from "../crypto/shape";
import { explain, post } from "../handler/api";
import { byId, say, show, text } from "../handler/dom";
import { answer, hasPasskeys, PasskeyError } from "../handler/passkey";

async function signIn(): Promise<void> {
  const status = byId("passkey-status");
  say(status, "");
  try {
    const asked = shape.including(await post("passkey/challenge"), "challenge", "rp_id");
    const challenge = shape.bytes(asked["challenge"]);
    const given = await answer({ challenge, credentials: [], rpId: shape.string(asked["rp_id"]) });
    const done = shape.including(await post("passkey/sign-in", given), "next");
    location.assign(shape.filled(done["next"]));
  } catch (error) {
    say(status, error instanceof PasskeyError ? text("passkey-cancelled") : explain(error), "bad");
  }
}

if (hasPasskeys()) {
  const button = byId("passkey", HTMLButtonElement);
  let busy = false;
  button.addEventListener("click", () => {
    if (busy) return;
    busy = true;
    void signIn().finally(() => {
      busy = false;
    });
  });
  show(true, button);
}
