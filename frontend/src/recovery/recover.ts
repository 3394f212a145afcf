/** The recovery of one case: its trustees open it here, and make the next epoch for a newly drawn panel. */
import { RECIPIENT_SIZE, recipientHash } from "../crypto/age";
import { b64 } from "../crypto/bytes";
import { type EpochKeys, epochsAgree, type Row, readStored, readStream } from "../crypto/chain";
import { type EpochState, makeEpoch } from "../crypto/epoch";
import { demand } from "../crypto/errors";
import { checkOffer, openGenesis, readOffered } from "../crypto/genesis";
import { sealGrant } from "../crypto/grant";
import { dialogueSeed } from "../crypto/keys";
import { grantRow, recordRow } from "../crypto/rows";
import * as shape from "../crypto/shape";
import { namedTrustee, readOfferedTrustee } from "../crypto/trustee";
import { post } from "../handler/api";
import type { Holder, Papers } from "./papers";

interface BundleEpoch {
  readonly epoch: number;
  readonly work: Uint8Array;
  readonly dialogue: Uint8Array;
  readonly shares: ReadonlyMap<string, Uint8Array>;
}

/** Everything sealed of one case. */
export interface Bundle {
  readonly reference: string;
  readonly installation: string;
  readonly date: string;
  readonly source: Uint8Array;
  /** Its recipient now: another once it has a code of its own. */
  readonly sourceNow: Uint8Array;
  readonly sourceKey: Uint8Array;
  readonly threshold: number;
  readonly holders: readonly Holder[];
  readonly epochs: readonly BundleEpoch[];
  readonly genesis: Uint8Array;
  readonly rows: readonly Row[];
}

function readHolder(value: unknown): Holder {
  return { ...readOfferedTrustee(value), name: shape.string(shape.including(value, "name")["name"]) };
}

/** Trustees with their names, as the server lists them. */
export function readHolders(value: unknown): Holder[] {
  return shape.list(value, readHolder);
}

function readEpochOf(value: unknown): BundleEpoch {
  const read = shape.including(value, "epoch", "work", "dialogue", "shares");
  const shares = shape.list(read["shares"], (one): [string, Uint8Array] => {
    const share = shape.including(one, "holder", "file");
    return [shape.trustee(share["holder"]), shape.bytes(share["file"])];
  });
  return {
    epoch: shape.count(read["epoch"]),
    work: shape.bytes(read["work"], RECIPIENT_SIZE),
    dialogue: shape.bytes(read["dialogue"], RECIPIENT_SIZE),
    shares: new Map(shares),
  };
}

/** Read the server's bundle. */
export function readBundle(value: unknown): Bundle {
  const read = shape.including(
    value,
    ...["reference", "installation", "date", "source", "threshold", "trustees", "epochs", "records"],
  );
  const source = shape.including(read["source"], "recipient", "verification_key", "now");
  const records = shape.list(read["records"], (value) => readStored(value, "genesis", "dialogue", "work"));
  const genesis = records.find((row) => row.stream === "genesis");
  demand(genesis !== undefined, "genesis");
  return {
    reference: shape.reference(read["reference"]),
    installation: shape.string(read["installation"]),
    date: shape.date(read["date"]),
    source: shape.bytes(source["recipient"], RECIPIENT_SIZE),
    sourceNow: shape.bytes(source["now"], RECIPIENT_SIZE),
    sourceKey: shape.bytes(source["verification_key"]),
    threshold: shape.count(read["threshold"]),
    holders: readHolders(read["trustees"]),
    epochs: shape.list(read["epochs"], readEpochOf),
    genesis: genesis.file,
    rows: (records.filter((row) => row.stream !== "genesis") as Row[]).sort((one, other) => one.seq - other.seq),
  };
}

/** Open the case of the bundle with the papers at hand, verify all of it, and give it to a new panel. */
export async function recover(id: string, bundle: Bundle, papers: Papers): Promise<void> {
  const seeds = new Map<number, Uint8Array>();
  for (const { epoch, shares, work } of bundle.epochs) seeds.set(epoch, await papers.seed(shares, work));
  const first = bundle.epochs[0];
  const newest = bundle.epochs.at(-1);
  const opening = seeds.get(0);
  demand(first !== undefined && newest !== undefined && opening !== undefined, "epoch");
  const beginning = await openGenesis(
    bundle.genesis,
    opening,
    { source: bundle.source, work: first.work },
    {
      case: bundle.reference,
      installation: bundle.installation,
      source: { recipient: bundle.source, verificationKey: bundle.sourceKey },
    },
  );
  const trusted = { threshold: bundle.threshold, trustees: bundle.holders.map(namedTrustee) };
  // Whoever types a paper here knows who the others are: they are in the room.
  const further = async () => trusted;
  const keys = (derive: (seed: Uint8Array) => Uint8Array): ReadonlyMap<number, EpochKeys> =>
    new Map(
      bundle.epochs.map(({ dialogue, epoch, work }) => {
        const seed = seeds.get(epoch);
        return [epoch, { dialogue, seed: seed === undefined ? null : derive(seed), work }];
      }),
    );
  const rows = (stream: "dialogue" | "work") => bundle.rows.filter((row) => row.stream === stream);
  const work = await readStream(
    beginning,
    rows("work"),
    keys((seed) => seed),
    further,
  );
  const dialogue = await readStream(beginning, rows("dialogue"), keys(dialogueSeed), further);
  demand(epochsAgree(work.epochs, dialogue.epochs) && work.epochs.length === bundle.epochs.length, "epoch");
  const told = work.entries.find((entry) => entry.ok && entry.header.kind === "facts");
  demand(told?.ok === true, "facts");
  const facts = shape.exactly(told.body, "area", "subject_role", "concerns");
  const concerns = shape.list(facts["concerns"], shape.string);
  const asked = { area: shape.string(facts["area"]), concerns, subject_role: shape.string(facts["subject_role"]) };
  const answer = shape.including(await post(`recoveries/${id}/panel`, { facts: asked }), "members");
  const members = shape.list(answer["members"], readOffered);
  // As before any sealing: two people from two units, nobody whom the source named.
  demand(checkOffer(members, concerns, bundle.holders, bundle.threshold).length === 0, "offer");
  const [author] = papers.present;
  demand(author !== undefined, "too_few_signatures");
  const made = await makeEpoch({
    at: bundle.date,
    before: work.epochs.at(-1) as EpochState,
    beginning,
    dialogue: dialogue.next,
    from: author.holder.id,
    members,
    recipients: newest,
    signers: papers.present.map(({ holder, keys: held }) => ({ id: holder.id, signingSeed: held.signingSeed })),
    signingSeed: author.keys.signingSeed,
    source: bundle.sourceNow,
    threshold: bundle.threshold,
    trusted,
    trustees: bundle.holders,
    work: work.next,
  });
  demand(recipientHash(made.recipients.work) === made.epoch.work, "recipient");
  const older: { epoch: number; file: string; holder: string }[] = [];
  for (const [epoch, seed] of seeds) {
    for (const member of members) {
      older.push({ epoch, file: b64(await sealGrant(seed, member.recipient)), holder: member.id });
    }
  }
  await post(`recoveries/${id}/epoch`, {
    dialogue: b64(made.recipients.dialogue),
    epoch: made.epoch.epoch,
    facts: asked,
    grants: made.grants.map(grantRow),
    older,
    records: made.records.map(recordRow),
    signatures: made.epoch.signatures.map(({ member, signature }) => ({ member, signature })),
    work: b64(made.recipients.work),
  });
}
