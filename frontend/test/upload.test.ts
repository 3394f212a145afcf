// Files on their way: in order, past broken lines, paused, stopped, lost and sent anew.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Bytes, concat } from "../src/crypto/bytes";
import { openFile, PART_SIZE, sealFile } from "../src/crypto/files";
import { ChosenFiles, type SendingWatch, UnreadableFile } from "../src/files/chosen";
import { sizeText } from "../src/files/size";
import { Broken, Lost, newUpload, Pace, type PaceState, Stopped, type UploadServer } from "../src/files/upload";
import type { FileWorker } from "../src/files/worker";

type Mishap = "before" | "after" | "busy";

/** A server that keeps parts as `docs/protocol.md` says, behind a line that breaks where a test wants it to. */
class Server implements UploadServer {
  readonly stands = new Map<string, Bytes>();
  readonly discarded: string[] = [];
  requests = 0;
  /** What happens to the part that begins there, each time once. */
  readonly mishaps: [offset: number, mishap: Mishap][] = [];
  before: () => void = () => undefined;
  /** The next request is never answered. */
  hangs = false;

  async send(upload: string, offset: number, size: number, part: Bytes, signal: AbortSignal): Promise<void> {
    this.before();
    this.requests += 1;
    if (this.hangs) {
      this.hangs = false;
      await new Promise((done) => signal.addEventListener("abort", done));
    }
    if (signal.aborted) throw new Broken();
    const [at, mishap] = this.mishaps[0] ?? [];
    if (at === offset) this.mishaps.shift();
    if (at === offset && mishap !== "after") throw new Broken();
    const before = this.stands.get(upload) ?? new Uint8Array(0);
    if (offset > before.length) throw new Lost();
    assert.equal(offset % PART_SIZE, 0);
    assert.equal(part.length, Math.min(PART_SIZE, size - offset));
    if (offset === before.length) this.stands.set(upload, concat(before, part));
    if (at === offset && mishap === "after") throw new Broken();
  }

  async received(upload: string, _: AbortSignal): Promise<number> {
    this.requests += 1;
    return this.stands.get(upload)?.length ?? 0;
  }

  async discard(upload: string): Promise<void> {
    this.discarded.push(upload);
    this.stands.delete(upload);
  }
}

/** The same sealing as the worker's, without a thread of its own: Node has no Web Worker. */
const worker: FileWorker = {
  close: () => undefined,
  open: () => Promise.reject(new Error("opens nothing")),
  prepare: () => undefined,
  async seal(file) {
    const { finished, next, sealedSize } = await sealFile(file);
    return { drop: () => undefined, finished: async () => finished(), next, sealedSize };
  },
};

const LIMITS = { max_file: 20 * 1024 * 1024, max_files: 3 };
const LARGE = 9 * 1024 * 1024;

function file(name: string, size: number, fill = 7): File {
  return new File([new Uint8Array(size).fill(fill)], name, { type: "Text/Plain;charset=utf-8" });
}

function watching(states: PaceState[] = [], waits = [0, 0, 0]): SendingWatch & { readonly told: string[] } {
  const told: string[] = [];
  return {
    begins: ({ name }, place, of) => told.push(`${place}/${of} ${name}`),
    pace: new Pace((state) => states.push(state), waits),
    sent: (received, size) => told.push(received === size ? "all" : String(received)),
    told,
  };
}

async function bytesOf(blob: Blob): Promise<Buffer> {
  return Buffer.from(await blob.arrayBuffer());
}

test("files arrive in parts and open again with what the record will say", async () => {
  const server = new Server();
  const files = new ChosenFiles(LIMITS, worker, server);
  const chosen = [file("../stor\u202egpj.txt", LARGE), file("liten.txt", 1, 9)];
  assert.deepEqual(files.add(chosen), []);
  assert.equal(server.requests, 0);
  const watch = watching();
  const attached = await files.send(watch);
  assert.deepEqual(
    attached.map(({ attachment }) => [attachment.name, attachment.type, attachment.size, attachment.cleaned]),
    [
      ["storgpj.txt", "text/plain", LARGE, false],
      ["liten.txt", "text/plain", 1, false],
    ],
  );
  for (const [place, { attachment, upload }] of attached.entries()) {
    const sealed = server.stands.get(upload.upload);
    assert.ok(sealed);
    assert.equal(sealed.length, upload.size);
    assert.match(upload.upload, /^[0-9a-f]{32}$/);
    const opened = await openFile(new Blob([sealed]).stream(), attachment);
    assert.deepEqual(await bytesOf(opened), await bytesOf(chosen[place] as File));
  }
  assert.deepEqual(watch.told, ["1/2 storgpj.txt", "4194304", "8388608", "all", "2/2 liten.txt", "all"]);
  // Sent once: nothing more goes out, whatever the record has to be sealed again for.
  const requests = server.requests;
  assert.deepEqual(await files.send(watching()), attached);
  assert.equal(server.requests, requests);
});

for (const mishap of ["before", "after", "busy"] as const) {
  test(`a line that breaks ${mishap} a part arrived costs no part`, async () => {
    const server = new Server();
    server.mishaps.push([PART_SIZE, mishap], [PART_SIZE, mishap === "after" ? "before" : mishap], [0, "before"]);
    if (mishap === "after") server.mishaps.splice(1);
    const files = new ChosenFiles(LIMITS, worker, server);
    files.add([file("stor.txt", LARGE)]);
    const states: PaceState[] = [];
    const [attached] = await files.send(watching(states));
    const sealed = server.stands.get(attached?.upload.upload ?? "");
    assert.equal(sealed?.length, attached?.upload.size);
    assert.equal(states[0], "waiting");
    assert.equal(states.at(-1), "running");
  });
}

test("when trying again has not helped, it goes on when somebody says so", async () => {
  const server = new Server();
  for (let time = 0; time < 4; time += 1) server.mishaps.push([0, "before"]);
  const files = new ChosenFiles(LIMITS, worker, server);
  files.add([file("fil.txt", 10)]);
  const states: PaceState[] = [];
  const watch = watching(states, [0, 0]);
  const sending = files.send(watch);
  await until(() => states.at(-1) === "broken");
  const requests = server.requests;
  await new Promise((done) => setTimeout(done, 20));
  assert.equal(server.requests, requests);
  watch.pace.go();
  await until(() => states.at(-1) === "broken" && server.requests > requests);
  watch.pace.go();
  assert.equal((await sending).length, 1);
});

test("a pause lasts until it is ended, and a stop ends it all", async () => {
  const server = new Server();
  const files = new ChosenFiles(LIMITS, worker, server);
  files.add([file("stor.txt", LARGE)]);
  const watch = watching();
  server.before = () => watch.pace.pause();
  const sending = files.send(watch);
  await until(() => watch.told.includes("4194304"));
  await new Promise((done) => setTimeout(done, 20));
  assert.equal(server.requests, 1);
  server.before = () => undefined;
  watch.pace.go();
  assert.equal((await sending).length, 1);

  const other = new ChosenFiles(LIMITS, worker, server);
  other.add([file("annan.txt", LARGE)]);
  const stopped = watching();
  server.before = () => stopped.pace.stop();
  await assert.rejects(other.send(stopped), Stopped);
  other.forget();
  assert.equal(server.discarded.length, 1);
  assert.equal(server.stands.size, 1);
  // It is still in hand, and may be sent after all.
  server.before = () => undefined;
  assert.equal((await other.send(watching())).length, 1);
});

test("a request that is never answered is asked anew when the network has changed", async () => {
  const server = new Server();
  const files = new ChosenFiles(LIMITS, worker, server);
  files.add([file("fil.txt", 10)]);
  const watch = watching();
  server.hangs = true;
  const sending = files.send(watch);
  await until(() => server.requests === 1);
  watch.pace.interrupt();
  const [attached] = await sending;
  assert.equal(server.stands.get(attached?.upload.upload ?? "")?.length, attached?.upload.size);
});

test("what has vanished is sent anew under another id, once", async () => {
  const server = new Server();
  const files = new ChosenFiles(LIMITS, worker, server);
  files.add([file("stor.txt", LARGE)]);
  let vanishing = 1;
  server.before = () => {
    if (server.requests === 2 && vanishing > 0) {
      vanishing -= 1;
      server.stands.clear();
    }
  };
  const [attached] = await files.send(watching());
  assert.equal(server.stands.get(attached?.upload.upload ?? "")?.length, attached?.upload.size);
  files.forget();
  server.before = () => server.stands.clear();
  await assert.rejects(files.send(watching()), Lost);
});

test("what the server refuses is told, and nothing is tried again", async () => {
  const server = new Server();
  server.before = () => {
    throw new RangeError("storage_full");
  };
  const files = new ChosenFiles(LIMITS, worker, server);
  files.add([file("fil.txt", 10)]);
  await assert.rejects(files.send(watching()), RangeError);
  assert.equal(server.requests, 0);
});

test("files that cannot be taken are told at once, by their safe names", () => {
  const server = new Server();
  const files = new ChosenFiles(LIMITS, worker, server);
  const faults = files.add([
    file("tom.txt", 0),
    file("för stor.txt", LIMITS.max_file + 1),
    file("precis.txt", LIMITS.max_file),
    file("två.txt", 2),
    file("tre.txt", 3),
    file("a/b/fyra.txt", 4),
  ]);
  assert.deepEqual(faults, [
    { name: "tom.txt", text: "file_empty" },
    { name: "för stor.txt", text: "file_too_large" },
    { name: "fyra.txt", text: "too_many_files" },
  ]);
  const [first] = files.all;
  assert.ok(first);
  files.remove(first);
  assert.deepEqual(
    files.all.map(({ name }) => name),
    ["två.txt", "tre.txt"],
  );
  assert.deepEqual(files.add([first.file, first.file]), []);
  assert.equal(files.all.length, 3);
  // Nothing of them had been sent, so there is nothing to take back.
  assert.deepEqual(server.discarded, []);
  files.taken();
  assert.equal(files.all.length, 0);
});

test("a file that was sent and then removed is taken back", async () => {
  const server = new Server();
  const files = new ChosenFiles(LIMITS, worker, server);
  files.add([file("fil.txt", 10)]);
  await files.send(watching());
  const [chosen] = files.all;
  assert.ok(chosen);
  files.remove(chosen);
  assert.equal(server.stands.size, 0);
});

test("a file that can no longer be read is named", async () => {
  class Gone extends File {
    override slice(): Blob {
      return { arrayBuffer: () => Promise.reject(new Error("NotReadableError")) } as unknown as Blob;
    }
  }
  const files = new ChosenFiles(LIMITS, worker, new Server());
  files.add([new Gone([new Uint8Array(5)], "borta.txt")]);
  await assert.rejects(files.send(watching()), (error) => {
    return error instanceof UnreadableFile && error.file === "borta.txt";
  });
});

test("ids are never the same", () => {
  assert.equal(new Set(Array.from({ length: 100 }, newUpload)).size, 100);
});

for (const [bytes, text] of [
  [1, "1 B"],
  [1023, "1 023 B"],
  [1024, "1 kB"],
  [1536, "1,5 kB"],
  [340 * 1024 + 700, "341 kB"],
  [1024 * 1024 - 1, "1 MB"],
  [100 * 1024 * 1024, "100 MB"],
] as const) {
  test(`${bytes} bytes are ${text}`, () => {
    assert.equal(sizeText(bytes, "sv").replace(/\s/g, " "), text);
  });
}

async function until(holds: () => boolean): Promise<void> {
  for (let left = 500; left > 0 && !holds(); left -= 1) await new Promise((done) => setTimeout(done, 2));
  assert.ok(holds());
}
