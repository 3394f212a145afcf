/** What a case's answer says of its triage and its links. Nothing in it is trusted yet. */
import * as shape from "../crypto/shape";

/** Facts of which one is chosen. */
export const ONE = ["origin", "relation", "named", "reprisals", "heard_how"] as const;
/** Facts of which several may be. */
export const SEVERAL = ["types", "areas", "reasons"] as const;
/** What the follow-up counts, by its keys. */
export type Facts = Readonly<
  Record<(typeof ONE)[number], string> & Record<(typeof SEVERAL)[number], readonly string[]>
>;

/** The facts of a case in their newest version. */
export interface Triage {
  readonly version: number;
  readonly member: string;
  readonly on: string;
  readonly facts: Facts;
}

/** What the case's answer says of its triage. */
export interface TriageAnswer {
  readonly triage: Triage | null;
  readonly origin: string;
  /** Why a tip cannot become a report now, or a report not a tip; null when the tip can. */
  readonly reclassify: string | null;
  /** Others come in with that: too few of the members receive reports. */
  readonly needsPanel: boolean;
}

function readFacts(value: unknown): Facts {
  const read = shape.including(value, ...ONE, ...SEVERAL);
  const texts = (name: string): string[] => shape.list(read[name], shape.string);
  return {
    areas: texts("areas"),
    heard_how: shape.string(read["heard_how"]),
    named: shape.string(read["named"]),
    origin: shape.string(read["origin"]),
    reasons: texts("reasons"),
    relation: shape.string(read["relation"]),
    reprisals: shape.string(read["reprisals"]),
    types: texts("types"),
  };
}

/** Read what an answer says of triage; raises EnvelopeError when it says it in another form. */
export function readTriage(value: unknown): TriageAnswer {
  const read = shape.including(value, "triage", "origin", "reclassify", "needs_panel");
  const known = read["triage"];
  const triage = known === null ? null : shape.including(known, "version", "member", "on", "facts");
  return {
    needsPanel: read["needs_panel"] === true,
    origin: shape.string(read["origin"]),
    reclassify: shape.orNull(read["reclassify"], shape.string),
    triage:
      triage === null
        ? null
        : {
            facts: readFacts(triage["facts"]),
            member: shape.pseudonym(triage["member"]),
            on: shape.date(triage["on"]),
            version: shape.count(triage["version"]),
          },
  };
}

/** Another case that this one is linked to: only such as I may see. */
export interface LinkAnswer {
  readonly link: string;
  readonly kind: string;
  readonly reference: string;
  readonly receivedOn: string;
  readonly stateName: string;
}
/** A case as a choice of links has it. */
export type Other = Omit<LinkAnswer, "kind" | "link">;

/** Read a case as a choice of links has it. */
export function readOther(value: unknown): Other {
  const read = shape.including(value, "reference", "received_on", "state_name");
  return {
    receivedOn: shape.date(read["received_on"]),
    reference: shape.reference(read["reference"]),
    stateName: shape.string(read["state_name"]),
  };
}

/** Read a link of an answer. */
export function readLink(value: unknown): LinkAnswer {
  const read = shape.including(value, "link", "kind");
  return { ...readOther(value), kind: shape.string(read["kind"]), link: shape.string(read["link"]) };
}
