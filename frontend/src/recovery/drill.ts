/** A drill: the trustees open a secret made for it as they would open a case, and sign that they have. */
import { recipientHash, recipientOf } from "../crypto/age";
import { b64, concat, hex, utf8 } from "../crypto/bytes";
import { canonical } from "../crypto/canonical";
import { randomBytes, SEED_SIZE, sign } from "../crypto/keys";
import * as shape from "../crypto/shape";
import { sealShares } from "../crypto/trustee";
import { explain, post } from "../handler/api";
import { byId, onSubmit, say, text } from "../handler/dom";
import { Papers, Unusable } from "./papers";

const CONTEXT = utf8("tipportal/drill/v1\0");
const NONCE_SIZE = 16;

interface Drill {
  readonly set: number;
  readonly installation: string;
  readonly papers: Papers;
  /** The trustees' ids by the pseudonyms that this page gives them. */
  readonly ids: ReadonlyMap<string, string>;
}

async function begin(): Promise<Drill> {
  const read = shape.including(await post("drill"), "set", "installation", "threshold", "trustees");
  const ids = new Map<string, string>();
  const holders = shape.list(read["trustees"], (value) => {
    const one = shape.including(value, "id", "name", "recipient", "verification_key");
    const id = `t${ids.size + 1}`;
    ids.set(id, shape.reference(one["id"]));
    return {
      id,
      name: shape.string(one["name"]),
      recipient: shape.bytes(one["recipient"]),
      verificationKey: shape.bytes(one["verification_key"]),
    };
  });
  const papers = new Papers(holders, shape.count(read["threshold"]));
  return { ids, installation: shape.string(read["installation"]), papers, set: shape.count(read["set"]) };
}

async function finish({ ids, installation, papers, set }: Drill): Promise<void> {
  const seed = randomBytes(SEED_SIZE);
  const recipient = recipientOf(seed);
  const sealed = await sealShares(seed, papers.holders, papers.threshold);
  await papers.seed(new Map(sealed.map(({ file, holder }) => [holder, file])), recipient);
  const secret = recipientHash(recipient);
  const nonce = hex(randomBytes(NONCE_SIZE));
  const message = concat(CONTEXT, canonical({ installation, nonce, secret, set }));
  const signatures = papers.present.map(({ holder, keys }) => ({
    signature: b64(sign(message, keys.signingSeed)),
    trustee: ids.get(holder.id) ?? "",
  }));
  await post("drill/done", { nonce, secret, signatures });
}

/** Wire the drill on this page. */
export function drill(): void {
  const form = byId("drill-form", HTMLFormElement);
  const typed = byId("drill-paper", HTMLTextAreaElement);
  const status = byId("drill-status");
  let running: Drill | null = null;
  onSubmit(form, async () => {
    try {
      running ??= await begin();
      const { name } = running.papers.add(typed.value);
      typed.value = "";
      const count = running.papers.missing;
      if (count > 0) return say(status, text("paper-taken", { count, name }), "good");
      await finish(running);
      running.papers.forget();
      running = null;
      say(status, text("drilled"), "good");
    } catch (error) {
      say(status, error instanceof Unusable ? error.message : explain(error), "bad");
    }
  });
  addEventListener("pagehide", () => running?.papers.forget());
}
