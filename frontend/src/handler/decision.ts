/** The decision about who receives the case: opened with the case's first key, held against the log and the genesis. */
import { openPadded } from "../crypto/apart";
import { fromHex, sha256Hex, utf8 } from "../crypto/bytes";
import { canonical } from "../crypto/canonical";
import { demand, EnvelopeError } from "../crypto/errors";
import type { Beginning, Role } from "../crypto/genesis";
import * as shape from "../crypto/shape";
import type { Decided } from "./answer";

const SALT_SIZE = 32;

/** Why somebody whom the rule could have asked was not asked. */
export type Why = "not_serving" | "conflict" | "rule" | "concerned";

/** The decision, in what a member may want to know of it. */
export interface Decision {
  /** Whom the source named as concerned: `unit:<id>`, `function:<id>` … */
  readonly concerns: readonly string[];
  readonly policy: number;
  /** The number of the rule, from 0; null for the channel's default. */
  readonly rule: number | null;
  /** The rule's own words. */
  readonly because: string;
  /** How many steps of the ladder had to join. */
  readonly rungs: number;
  readonly firmAlone: boolean;
  readonly passedOver: readonly Why[];
  readonly salt: Uint8Array;
}

/** The decision, or the reason why it cannot be trusted; both null where the case has none. */
export interface ReadDecision {
  readonly decision: Decision | null;
  readonly fault: string | null;
}

function readSeat(value: unknown): string {
  const read = shape.including(value, "member", "function", "unit");
  return JSON.stringify([read["member"], read["function"], read["unit"]]);
}

function seatsOf(beginning: Beginning, role: Role): string {
  const members = beginning.genesis.members.filter((member) => member.role === role);
  return members.map(({ function: group, id, unit }) => JSON.stringify([id, group, unit])).join();
}

function readWhy(value: unknown): Why {
  const read = shape.including(value, "why");
  return shape.oneOf(read["why"], "not_serving", "conflict", "rule", "concerned");
}

async function open(decided: Decided, seed: Uint8Array, beginning: Beginning): Promise<Decision> {
  const body = await openPadded(decided.file, seed);
  demand(sha256Hex(canonical(body)) === decided.commitment, "commitment");
  const read = shape.including(
    body,
    ...["v", "salt", "concerns", "policy", "rule", "because", "rungs", "firm_alone", "panel", "standby", "passed_over"],
  );
  demand(read["v"] === 1, "version");
  // Those who were chosen must be those to whom the source sealed.
  demand(shape.list(read["panel"], readSeat).join() === seatsOf(beginning, "panel"), "offer");
  demand(shape.list(read["standby"], readSeat).join() === seatsOf(beginning, "standby"), "offer");
  demand(read["policy"] === beginning.genesis.policy_version, "value");
  return {
    because: shape.string(read["because"]),
    concerns: shape.list(read["concerns"], shape.string),
    firmAlone: read["firm_alone"] === true,
    passedOver: shape.list(read["passed_over"], readWhy),
    policy: shape.count(read["policy"]),
    rule: shape.orNull(read["rule"], shape.count),
    rungs: shape.count(read["rungs"]),
    salt: fromHex(shape.string(read["salt"]), SALT_SIZE),
  };
}

/** Open and check a case's decision with the work seed of its first epoch. */
export async function readDecision(
  decided: Decided | null,
  seed: Uint8Array,
  beginning: Beginning,
): Promise<ReadDecision> {
  if (decided === null) return { decision: null, fault: null };
  try {
    return { decision: await open(decided, seed, beginning), fault: null };
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    return { decision: null, fault: error.reason };
  }
}

/** How an act names a party without naming it to the log. */
export function partyDigest(decision: Decision, party: string): string {
  return sha256Hex(decision.salt, utf8(party));
}
