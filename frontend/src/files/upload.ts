/** One sealed file on its way to the server, part by part, however often the connection breaks. */
import type { Bytes } from "../crypto/bytes";
import { hex } from "../crypto/bytes";
import type { SealedContent } from "../crypto/files";
import { randomBytes } from "../crypto/keys";
import type { Sealing } from "./worker";

const ID_SIZE = 16;
/** How long to wait before each new try; then it is for whoever sends to go on. */
const WAITS_MS = [1000, 2000, 4000, 8000, 15_000, 15_000, 15_000];

/** No answer came, or the server is busy: what was asked may be asked again. */
export class Broken extends Error {
  constructor() {
    super("broken");
    this.name = "Broken";
  }
}

/** What had been sent is not there any more: the file has to be sent from its beginning. */
export class Lost extends Error {
  constructor() {
    super("lost");
    this.name = "Lost";
  }
}

/** Whoever sends has stopped it. */
export class Stopped extends Error {
  constructor() {
    super("stopped");
    this.name = "Stopped";
  }
}

/** Where parts go (`docs/protocol.md`, section 6). Each throws Broken when nothing is known of how it went. */
export interface UploadServer {
  /** Send one part; throws what the server refuses with, Lost for `part_missing`. */
  send(upload: string, offset: number, size: number, part: Bytes, signal: AbortSignal): Promise<void>;
  /** How many bytes of an upload stand, 0 for one that is not there. */
  received(upload: string, signal: AbortSignal): Promise<number>;
  /** Remove what was sent. Never throws: what remains is swept within a day. */
  discard(upload: string): Promise<void>;
}

/** `running`, `paused` by whoever sends, `waiting` to try again, `broken`: it goes on when somebody says so. */
export type PaceState = "running" | "paused" | "waiting" | "broken";

/** Whether sending goes on, waits or has ended. One for each time that somebody presses send. */
export class Pace {
  state: PaceState = "running";
  readonly #stop = new AbortController();
  #request = new AbortController();
  #tries = 0;
  #wake: () => void = () => undefined;

  constructor(
    private readonly changed: (state: PaceState) => void,
    private readonly waits: readonly number[] = WAITS_MS,
  ) {}

  /** Aborted when sending has been stopped. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Wait before the next part. The one that is on its way arrives first. */
  pause(): void {
    this.#set("paused");
  }

  /** Go on, after a pause or without waiting longer. */
  go(): void {
    this.#set("running");
    this.#wake();
  }

  /** A signal for one request: aborted when it is interrupted, or when sending has been stopped. */
  request(): AbortSignal {
    this.#request = new AbortController();
    return AbortSignal.any([this.signal, this.#request.signal]);
  }

  /** The network has changed: what is on its way may never arrive, and nobody waits for it to say so. */
  interrupt(): void {
    this.#request.abort();
  }

  /** End it. Whatever is under way throws Stopped. */
  stop(): void {
    this.#stop.abort();
    this.#wake();
  }

  /** Returns when the next part may go. Throws Stopped. */
  async ready(): Promise<void> {
    while (this.state === "paused" && !this.signal.aborted) await this.#woken();
    if (this.signal.aborted) throw new Stopped();
  }

  /** Returns when to try again after something broke. Throws Stopped. */
  async broken(): Promise<void> {
    const wait = this.waits[this.#tries];
    this.#tries += 1;
    if (this.state !== "paused" && !this.signal.aborted) {
      this.#set(wait === undefined ? "broken" : "waiting");
      await this.#woken(wait);
      if (this.state === "waiting") this.#set("running");
    }
    await this.ready();
  }

  /** Something arrived: the next break is a first one. */
  mended(): void {
    this.#tries = 0;
  }

  async #woken(most?: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = most === undefined ? undefined : setTimeout(resolve, most);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #set(state: PaceState): void {
    if (state === this.state) return;
    this.state = state;
    this.changed(state);
  }
}

/** A file that the server has and no record names yet: what the record says of it, and how the request names it. */
export interface Uploaded {
  readonly upload: { readonly upload: string; readonly size: number };
  readonly content: SealedContent;
}

/** An id that nobody else knows. */
export function newUpload(): string {
  return hex(randomBytes(ID_SIZE));
}

/** What somebody who waits is told. */
export interface UploadWatch {
  readonly pace: Pace;
  /** So many sealed bytes stand, of so many. */
  sent(received: number, size: number): void;
}

async function sendPart(
  upload: string,
  part: Bytes,
  offset: number,
  size: number,
  server: UploadServer,
  { pace }: UploadWatch,
): Promise<void> {
  for (let again = false; ; again = true) {
    await pace.ready();
    try {
      if (again) {
        // The part may have arrived although its answer did not.
        const stands = await server.received(upload, pace.request());
        if (stands >= offset + part.length) break;
        if (stands < offset) throw new Lost();
      }
      await server.send(upload, offset, size, part, pace.request());
      break;
    } catch (error) {
      if (pace.signal.aborted) throw new Stopped();
      if (!(error instanceof Broken)) throw error;
      await pace.broken();
    }
  }
  pace.mended();
}

/**
 * Send a file part by part as it is sealed: the next part is sealed while one is on its way, and no more than two are
 * in memory. After a broken connection the server is asked how much stands, and sending goes on there.
 *
 * @throws Stopped, Lost, and whatever the server refuses with; the upload may then stand in part
 */
export async function uploadFile(
  upload: string,
  sealing: Sealing,
  server: UploadServer,
  watch: UploadWatch,
): Promise<Uploaded> {
  const size = sealing.sealedSize;
  try {
    let offset = 0;
    let part = await sealing.next();
    while (part !== null) {
      const following = sealing.next();
      // It is waited for below; until then a fault of its own must not count as one that nobody handles.
      following.catch(() => undefined);
      await sendPart(upload, part, offset, size, server, watch);
      offset += part.length;
      watch.sent(offset, size);
      part = await following;
    }
    return { content: await sealing.finished(), upload: { size, upload } };
  } finally {
    sealing.drop();
  }
}
