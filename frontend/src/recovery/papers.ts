/** Trustees at one page: each types the own paper, and what comes out of it stays here until enough have. */
import { recipientHash } from "../crypto/age";
import { type Bytes, same } from "../crypto/bytes";
import { EnvelopeError } from "../crypto/errors";
import { PaperError, readPaper } from "../crypto/paper";
import {
  foreignShares,
  type OfferedTrustee,
  openShare,
  seedOfShares,
  type TrusteeIdentity,
  trusteeIdentity,
} from "../crypto/trustee";
import { text } from "../handler/dom";

export interface Holder extends OfferedTrustee {
  readonly name: string;
}

export interface Present {
  readonly holder: Holder;
  readonly keys: TrusteeIdentity;
}

/** What was typed cannot be used; `message` says why in the page's language. */
export class Unusable extends Error {}

/** The secret of a typed paper. Raises Unusable, naming the rows. */
export function secretOf(typed: string): Bytes {
  try {
    return readPaper(typed);
  } catch (error) {
    if (!(error instanceof PaperError)) throw error;
    throw new Unusable(
      error.rows.length > 0 ? text("paper-row", { rows: error.rows.join(", ") }) : text("paper-shape"),
    );
  }
}

export class Papers {
  readonly present: Present[] = [];

  constructor(
    readonly holders: readonly Holder[],
    readonly threshold: number,
  ) {}

  get missing(): number {
    return Math.max(0, this.threshold - this.present.length);
  }

  /** Take a paper as it was typed. Raises Unusable for a wrong, repeated or foreign one. */
  add(typed: string): Holder {
    const keys = trusteeIdentity(secretOf(typed));
    const holder = this.holders.find(
      (one) => same(one.recipient, keys.recipient) && same(one.verificationKey, keys.verificationKey),
    );
    if (holder === undefined) throw new Unusable(text("paper-foreign"));
    if (this.present.some((one) => one.holder === holder)) {
      throw new Unusable(text("paper-twice", { name: holder.name }));
    }
    this.present.push({ holder, keys });
    return holder;
  }

  /** The seed behind these shares, by trustee, for a raw recipient. Raises Unusable, naming whose share is at fault. */
  async seed(shares: ReadonlyMap<string, Uint8Array>, recipient: Uint8Array): Promise<Bytes> {
    const opened: Bytes[] = [];
    for (const { holder, keys } of this.present) {
      try {
        opened.push(await openShare(shares.get(holder.id) ?? new Uint8Array(), keys.seed));
      } catch (error) {
        if (!(error instanceof EnvelopeError)) throw error;
        throw new Unusable(text("share-damaged", { name: holder.name }));
      }
    }
    const expected = recipientHash(recipient);
    try {
      return await seedOfShares(opened, expected);
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      const wrong = await foreignShares(opened, this.threshold, expected);
      const names = wrong.map((place) => this.present[place]?.holder.name ?? "").join(", ");
      throw new Unusable(text("shares-apart", { names }));
    }
  }

  /** Forget everything that was typed. */
  forget(): void {
    for (const { keys } of this.present) {
      keys.seed.fill(0);
      keys.signingSeed.fill(0);
    }
    this.present.length = 0;
  }
}
