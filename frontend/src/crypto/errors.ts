/**
 * The one kind of error that malformed, foreign or tampered input gives rise to. It carries a short stable code and
 * nothing of the input, so it may be shown and counted. The codes are those of the server's envelope where both have
 * them.
 */
export class EnvelopeError extends Error {
  constructor(readonly reason: string) {
    super(reason);
    this.name = "EnvelopeError";
  }
}

/** Refuse unless `condition` holds. */
export function demand(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new EnvelopeError(reason);
}

/** Run `work`; whatever goes wrong in it comes out as an `EnvelopeError`, libraries' own errors under `reason`. */
export async function refusing<T>(reason: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // The library's message may quote the input, so it does not travel along.
    throw error instanceof EnvelopeError ? error : new EnvelopeError(reason);
  }
}
