import { demand } from "./errors";

const SMALLEST = 4096;

/**
 * The length that content of `length` bytes is padded to: `max(4096, Padmé(length))`. Padmé (Nikitin et al., "Reducing
 * Metadata Leakage from Encrypted Files and Communication with PURBs", 2019) lets a length tell O(log log n) bits at
 * the cost of at most 12 %.
 */
export function paddedLength(length: number): number {
  if (length <= SMALLEST) return SMALLEST;
  // Digits in base two count exactly, where a logarithm may round up just below a power of two.
  const e = length.toString(2).length - 1;
  const low = 2 ** (e - e.toString(2).length);
  return Math.ceil(length / low) * low;
}

/** Fill up with zeros to the padded length. */
export function pad(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(paddedLength(content.length));
  padded.set(content);
  return padded;
}

/** The first `length` bytes of what `pad` made; another length or anything but zeros after them is refused. */
export function unpad(padded: Uint8Array, length: number): Uint8Array {
  demand(padded.length === paddedLength(length), "record_padding");
  demand(
    padded.subarray(length).every((byte) => byte === 0),
    "record_padding",
  );
  return padded.subarray(0, length);
}
