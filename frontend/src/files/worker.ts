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

export interface FileWorker {
  /** Load it, because it will soon be asked. Tells nothing: whoever asks is told what went wrong. */
  prepare(): void;
  /** Begin to seal a file under a key of its own. EnvelopeError `file_unreadable`, here or later, when it has gone. */
  seal(file: Blob): Promise<Sealing>;
  /** Open a sealed file. What comes has been verified to its last byte; EnvelopeError when anything is amiss. */
  open(sealed: Blob, attachment: Attachment): Promise<Blob>;
  /** End the worker, and with it everything under way. */
  close(): void;
}

/** What the page asks of the worker; `id` comes back with the answer. */
export type Question =
  | { readonly id: number; readonly do: "seal"; readonly file: Blob }
  | { readonly id: number; readonly do: "next" | "finished" | "drop"; readonly sealing: number }
  | { readonly id: number; readonly do: "open"; readonly sealed: Blob; readonly attachment: Attachment };

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

/** A worker of this page. Nothing is loaded until something is asked of it. */
export function fileWorker(source: WorkerSource): FileWorker {
  let started: Promise<Worker> | undefined;
  let asked = 0;
  const waiting = new Map<number, Waiting>();

  function end(): void {
    const running = started;
    started = undefined;
    void running?.then(
      (worker) => worker.terminate(),
      () => undefined,
    );
    for (const { reject } of waiting.values()) reject(new Error("worker"));
    waiting.clear();
  }

  function heard(answer: Answer): void {
    const who = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("value" in answer) who?.resolve(answer.value);
    else who?.reject(faultOf(answer));
  }

  function running(): Promise<Worker> {
    started ??= start(source).then(
      (worker) => {
        worker.addEventListener("message", (event: MessageEvent<Answer>) => heard(event.data));
        // A worker that died answers nothing any more; the next question starts another.
        worker.addEventListener("error", end);
        return worker;
      },
      (error: unknown) => {
        started = undefined;
        throw error;
      },
    );
    return started;
  }

  async function ask(question: Asked): Promise<unknown> {
    const worker = await running();
    asked += 1;
    const id = asked;
    return new Promise((resolve, reject) => {
      waiting.set(id, { reject, resolve });
      worker.postMessage({ ...question, id });
    });
  }

  return {
    prepare: () => void running().catch(() => undefined),
    async seal(file) {
      const { sealedSize, sealing } = (await ask({ do: "seal", file })) as { sealedSize: number; sealing: number };
      return {
        sealedSize,
        next: () => ask({ do: "next", sealing }) as Promise<Bytes | null>,
        finished: () => ask({ do: "finished", sealing }) as Promise<SealedContent>,
        drop: () => void ask({ do: "drop", sealing }).catch(() => undefined),
      };
    },
    open: (sealed, attachment) => ask({ attachment, do: "open", sealed }) as Promise<Blob>,
    close: end,
  };
}
