/** The case page: everything on it is opened, verified, sealed and signed here. */
import { EnvelopeError } from "../crypto/errors";
import { fileWorker } from "../files/worker";
import { explain } from "../handler/api";
import { showCards } from "../handler/cards";
import { arrange, composers } from "../handler/composers";
import { byId, fromTemplate, say, text } from "../handler/dom";
import { Drafts } from "../handler/drafts";
import { FileRoom } from "../handler/fileroom";
import { lockable } from "../handler/locking";
import { showLog } from "../handler/log";
import { titleOf } from "../handler/opened";
import { clearRecords, showRecords } from "../handler/records";
import { tabs } from "../handler/tabs";
import { Desk } from "../handler/writing";

const page = byId("case").dataset;
const reference = page["reference"] ?? "";
const status = byId("case-status");
const drafts = new Drafts();
const worker = fileWorker({ sri: page["workerSri"] ?? "", url: page["workerUrl"] ?? "" });
const limits = { max_file: Number(page["maxFile"]), max_files: Number(page["maxFiles"]) };
const files = new FileRoom(reference, page["viewer"] ?? "", worker);
let desk: Desk | null = null;
let panel = "";

function showHead(opened: Desk["opened"]): void {
  const title = titleOf(opened);
  const heading = byId("case-title");
  heading.textContent = title ?? text("title-none");
  heading.dataset["title"] = title === null ? "none" : "open";
  byId("case-state").textContent = opened.answer.stateName;
  const due = byId("due");
  const { due: date } = opened.answer;
  due.hidden = date === null;
  due.textContent = date?.words ?? "";
  due.className = `chip chip--${date?.tone ?? "none"}`;
  due.dataset["strict"] = date?.strict ?? "";
  due.dataset["target"] = date?.target ?? "";
}

function showDoubts(keys: readonly string[]): void {
  byId("doubts").replaceChildren(
    ...keys.map((key) => {
      const line = fromTemplate("doubt-template");
      line.textContent = text(key);
      return line;
    }),
  );
}

async function tell(act: () => Promise<void>): Promise<string> {
  try {
    await act();
    shown();
    return "";
  } catch (error) {
    return explain(error);
  }
}

function shown(): void {
  if (desk === null) return;
  const { opened } = desk;
  const working = desk;
  showHead(opened);
  showDoubts(opened.doubts);
  showRecords(opened, files);
  showCards(opened, {
    approve: (proposal) => tell(() => working.approve(proposal)),
    decline: (proposal) => tell(() => working.decline(proposal)),
  });
  arrange(opened);
  if (panel === "logg") void showLog(reference);
}

function fault(error: unknown): string {
  return error instanceof EnvelopeError ? text("case-failed", { reason: error.reason }) : explain(error);
}

const clearChosen = composers({ desk: () => desk, limits, shown, taken: (field) => drafts.taken(field), worker });
tabs((now) => {
  panel = now;
  if (now === "logg" && desk !== null) void showLog(reference);
});
arrange(null);

void lockable({
  async opened(keys, held) {
    say(status, text("opening"));
    try {
      const opening = await Desk.open(reference, keys, (state) => say(status, text(`epoch-${state}`)));
      await drafts.restore(keys, held);
      if (!held()) return;
      desk = opening;
      if (status.textContent === text("opening")) say(status, "");
      shown();
    } catch (error) {
      if (held()) say(status, fault(error), "bad");
    }
  },
  async closed() {
    desk = null;
    clearChosen();
    files.clear();
    await drafts.seal();
    clearRecords();
    arrange(null);
    say(status, "");
    const heading = byId("case-title");
    heading.textContent = text("title-locked");
    heading.dataset["title"] = "locked";
  },
});
