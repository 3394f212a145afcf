/** The ceremony: a trustee's identity is made in the page, put on paper and typed back; only public keys are left. */
import { type Bytes, b64, fromUtf8, same, utf8 } from "../crypto/bytes";
import { checkPhrase } from "../crypto/checkphrase";
import { randomBytes, SEED_SIZE } from "../crypto/keys";
import { paperRows } from "../crypto/paper";
import * as shape from "../crypto/shape";
import { trusteeIdentity } from "../crypto/trustee";
import { byId, onSubmit, say, show, text } from "../handler/dom";
import { secretOf, Unusable } from "./papers";

/** The public half of a trustee's identity as one line of text, to be carried into a proposal. */
export function publicPart(recipient: Uint8Array, verificationKey: Uint8Array): string {
  return b64(utf8(JSON.stringify({ recipient: b64(recipient), verification_key: b64(verificationKey) })));
}

/** Read such a line. Raises EnvelopeError. */
export function readPublicPart(line: string): { readonly recipient: string; readonly verification_key: string } {
  const read = shape.exactly(JSON.parse(fromUtf8(shape.bytes(line.trim()))), "recipient", "verification_key");
  return { recipient: shape.string(read["recipient"]), verification_key: shape.string(read["verification_key"]) };
}

/** Wire the ceremony on this page. */
export function ceremony(): void {
  const make = byId("make", HTMLButtonElement);
  const made = byId("paper-made");
  const rows = byId("rows");
  const back = byId("typed-back", HTMLFormElement);
  const typed = byId("typed", HTMLTextAreaElement);
  const status = byId("ceremony-status");
  let secret: Bytes | null = null;
  const wipe = (): void => {
    secret?.fill(0);
    secret = null;
    rows.replaceChildren();
    byId("phrase").textContent = "";
    typed.value = "";
    show(false, made, back);
    show(true, make);
  };
  make.addEventListener("click", () => {
    wipe();
    secret = randomBytes(SEED_SIZE);
    const { recipient, verificationKey } = trusteeIdentity(secret);
    byId("phrase").textContent = checkPhrase(recipient, verificationKey);
    rows.replaceChildren(
      ...paperRows(secret).map(({ check, words }) => {
        const row = document.createElement("li");
        // Set apart, and under each other: four words and two digits that prove them.
        const digits = document.createElement("span");
        digits.className = "paper__check";
        digits.textContent = ` ${check}`;
        row.append(words.join(" "), digits);
        return row;
      }),
    );
    show(true, made);
    show(false, make, byId("public-part"));
    say(status, text("made"));
  });
  byId("print").addEventListener("click", () => window.print());
  byId("on-paper").addEventListener("click", () => {
    // What is typed back must come from the paper, not from the screen.
    rows.replaceChildren();
    show(false, made);
    show(true, back);
    typed.focus();
  });
  onSubmit(back, async () => {
    try {
      const read = secretOf(typed.value);
      if (secret === null || !same(read, secret)) throw new Unusable(text("paper-other"));
      const { recipient, verificationKey } = trusteeIdentity(secret);
      byId("public", HTMLTextAreaElement).value = publicPart(recipient, verificationKey);
      read.fill(0);
      wipe();
      show(true, byId("public-part"));
      say(status, text("written"), "good");
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      say(status, error.message, "bad");
    }
  });
  // Neither the browser's history nor a page kept for going back shows the words.
  addEventListener("pagehide", wipe);
}
