/** The worker that seals and opens files: loaded when the first file asks for it, so that no page waits for it. */
import type { Attachment } from "../crypto/attachment";
import type { Bytes } from "../crypto/bytes";
import { EnvelopeError } from "../crypto/errors";
import type { SealedContent } from "../crypto/files";
import { Broken } from "./upload";

/** Where the worker's script is, and the integrity value that it must have. */
export interface WorkerSource {
  readonly url: string;
  readonly sri: string;
}

/** One file that is being sealed in the worker, part by part. */
export interface Sealing {
  /** Bytes of the whole sealed file. */
  readonly sealedSize: number;
  /** The next part (4 MiB, the last one what remains), or null when there is no more. Ask for one at a time. */
  next(): Promise<Bytes | null>;
  /** What the record names of the file. Only after the last part. */
  finished(): Promise<SealedContent>;
  /** Forget it: nothing more will be asked. */
  drop(): void;
}

/** A file that has been opened and verified. It lies in a worker of its own, and is gone for good when that ends. */
export interface Opened {
  /** Where the browser can save it from, as long as it is open; of no type but bytes, so that nothing shows it instead. */
  readonly address: string;
  readonly size: number;
  /** Its beginning, so many bytes. EnvelopeError `file_unreadable` when the browser has no room for it. */
  beginning(bytes: number): Promise<Bytes>;
  /** Let go of it: nothing opens its address from now on. Browsers count blobs that a page may still reach as kept. */
  close(): void;
}

export interface FileWorker {
  /** Load it, because it will soon be asked. Tells nothing: whoever asks is told what went wrong. */
  prepare(): void;
  /** Begin to seal a file under a key of its own. EnvelopeError `file_unreadable`, here or later, when it has gone. */
  seal(file: Blob): Promise<Sealing>;
  /**
   * Open a sealed file as it arrives. What comes has been verified to its last byte; EnvelopeError when anything is
   * amiss, Broken when it stopped arriving.
   */
  open(sealed: ReadableStream<Bytes>, attachment: Attachment): Promise<Opened>;
  /** End everything under way, and let go of all that was opened. */
  close(): void;
}

/** What the page asks of the worker; `id` comes back with the answer. */
export type Question =
  | { readonly id: number; readonly do: "seal"; readonly file: Blob }
  | { readonly id: number; readonly do: "next" | "finished" | "drop"; readonly sealing: number }
  | { readonly id: number; readonly do: "open"; readonly attachment: Attachment }
  | { readonly id: number; readonly do: "feed"; readonly part: Bytes | null }
  | { readonly id: number; readonly do: "beginning"; readonly bytes: number };

type Distribute<Q> = Q extends unknown ? Omit<Q, "id"> : never;
type Asked = Distribute<Question>;

export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly fault: "envelope" | "unexpected"; readonly reason: string };

interface Policy {
  createScriptURL(url: string): unknown;
}
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy;
}

let policy: Policy | undefined;

/** The address of a worker, past `require-trusted-types-for`: only what this page made itself becomes one. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return url;
  policy ??= trustedTypes.createPolicy("worker", {
    createScriptURL(address) {
      if (!address.startsWith(`blob:${location.origin}/`)) throw new TypeError("not an address of our own");
      return address;
    },
  });
  return policy.createScriptURL(url) as string;
}

/** Fetch the script against its integrity value and start it. A worker's own address could not be held to one. */
async function start({ sri, url }: WorkerSource): Promise<Worker> {
  let script: Blob;
  try {
    const answer = await fetch(url, { credentials: "omit", integrity: sri, redirect: "error" });
    if (!answer.ok) throw new Broken();
    script = new Blob([await answer.arrayBuffer()], { type: "text/javascript" });
  } catch {
    throw new Broken();
  }
  const address = URL.createObjectURL(script);
  const worker = new Worker(trusted(address), { name: "files" });
  // The browser has fetched it when the first message comes; until then the address must stand.
  worker.addEventListener("message", () => URL.revokeObjectURL(address), { once: true });
  return worker;
}

function faultOf(answer: { readonly fault: string; readonly reason: string }): Error {
  return answer.fault === "envelope" ? new EnvelopeError(answer.reason) : new Error("worker");
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One running worker, and what it has not answered yet. */
class Running {
  #asked = 0;
  #ended = false;
  readonly #waiting = new Map<number, Waiting>();

  constructor(
    private readonly worker: Worker,
    private readonly ended: () => void,
  ) {
    worker.addEventListener("message", (event: MessageEvent<Answer>) => this.#heard(event.data));
    // A worker that died answers nothing any more; the next question starts another.
    worker.addEventListener("error", () => this.end());
  }

  ask(question: Asked, handed: Transferable[] = []): Promise<unknown> {
    if (this.#ended) return Promise.reject(new Error("worker"));
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { reject, resolve });
      this.worker.postMessage({ ...question, id }, handed);
    });
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new Error("worker"));
    this.#waiting.clear();
    this.ended();
  }

  #heard(answer: Answer): void {
    const who = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ("value" in answer) who?.resolve(answer.value);
    else who?.reject(faultOf(answer));
  }
}

/** Hand a stream over piece by piece, no faster than it is taken. Broken when it stops coming. */
async function feed(running: Running, sealed: ReadableStreamDefaultReader<Bytes>): Promise<void> {
  for (let done = false; !done; ) {
    const read = await sealed.read().catch(() => {
      throw new Broken();
    });
    done = read.done;
    const part = read.value ?? null;
    await running.ask({ do: "feed", part }, part === null ? [] : [part.buffer]);
  }
}

/** Have a worker open what arrives, and keep it. */
async function openIn(running: Running, sealed: ReadableStream<Bytes>, attachment: Attachment): Promise<Opened> {
  const reader = sealed.getReader();
  try {
    const opening = running.ask({ attachment, do: "open" }) as Promise<string>;
    const fed = feed(running, reader);
    // What is wrong with the file is known to whoever opens it; the rest of it need not arrive then.
    const address = await Promise.race([opening, fed.then(() => opening)]);
    return {
      address,
      beginning: (bytes) => running.ask({ bytes, do: "beginning" }) as Promise<Bytes>,
      close() {
        URL.revokeObjectURL(address);
        running.end();
      },
      size: attachment.size,
    };
  } catch (error) {
    running.end();
    void reader.cancel().catch(() => undefined);
    throw error;
  }
}

/** The workers of this page: one that seals, one for each file that is open. None is loaded until it is needed. */
export function fileWorker(source: WorkerSource): FileWorker {
  const running = new Set<Running>();
  let sealer: Promise<Running> | undefined;
  let closed = 0;

  async function run(ended: () => void): Promise<Running> {
    const before = closed;
    const worker = await start(source);
    const made = new Running(worker, () => {
      running.delete(made);
      ended();
    });
    running.add(made);
    // Closed while its script was on its way.
    if (closed !== before) made.end();
    return made;
  }

  function sealing(): Promise<Running> {
    if (sealer !== undefined) return sealer;
    const ended = () => {
      // Another one may have begun since.
      if (sealer === begun) sealer = undefined;
    };
    const begun = run(ended).catch((error: unknown) => {
      ended();
      throw error;
    });
    sealer = begun;
    return begun;
  }

  async function ask(question: Asked): Promise<unknown> {
    return (await sealing()).ask(question);
  }

  return {
    close() {
      closed += 1;
      sealer = undefined;
      for (const one of running) one.end();
    },
    async open(sealed, attachment) {
      return openIn(await run(() => undefined), sealed, attachment);
    },
    prepare: () => void sealing().catch(() => undefined),
    async seal(file) {
      const begun = (await ask({ do: "seal", file })) as { sealedSize: number; sealing: number };
      const { sealing: id } = begun;
      return {
        sealedSize: begun.sealedSize,
        next: () => ask({ do: "next", sealing: id }) as Promise<Bytes | null>,
        finished: () => ask({ do: "finished", sealing: id }) as Promise<SealedContent>,
        drop: () => void ask({ do: "drop", sealing: id }).catch(() => undefined),
      };
    },
  };
}
