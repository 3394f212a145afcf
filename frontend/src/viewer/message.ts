/** What passes between the case page and the frame that shows a file. */
import { isShown, type Kind, MOST_BYTES, type ShownKind } from "./kind";

/** The one thing that the frame is handed: what to show, and as what. */
export interface Handed {
  readonly bytes: ArrayBuffer;
  readonly kind: ShownKind;
}

/** What the frame says: that it listens, that somebody reads in it, or wants out of it. It can ask for nothing else. */
export type Said = "ready" | "active" | "close";

/** Read what was handed in, or null when it is not just that. */
export function readHanded(value: unknown): Handed | null {
  if (typeof value !== "object" || value === null) return null;
  const { bytes, kind, ...others } = value as { bytes?: unknown; kind?: unknown };
  if (!(bytes instanceof ArrayBuffer) || typeof kind !== "string" || !isShown(kind as Kind)) return null;
  const shown = kind as ShownKind;
  return Object.keys(others).length === 0 && bytes.byteLength <= MOST_BYTES[shown] ? { bytes, kind: shown } : null;
}
