/** The case page: everything on it is opened, verified, sealed and signed here. */
import { EnvelopeError } from "../crypto/errors";
import { fileWorker } from "../files/worker";
import { afterCareSection } from "../handler/aftercare";
import { explain, Problem } from "../handler/api";
import { assessSection } from "../handler/assessing";
import { showCards } from "../handler/cards";
import { watchChanges } from "../handler/changed";
import { checklistsSection } from "../handler/checklists";
import { arrange, type Bench, composers } from "../handler/composers";
import { approve, decline, LeftError } from "../handler/deciding";
import { all, byId, fromTemplate, say, slot, text } from "../handler/dom";
import { Drafts } from "../handler/drafts";
import { dutiesSection } from "../handler/duties";
import { exportingSection } from "../handler/exporting";
import { FileRoom } from "../handler/fileroom";
import { folding } from "../handler/folding";
import { clearGroup, showGroup } from "../handler/group";
import { handoverSection } from "../handler/handover";
import { identitySection } from "../handler/identity";
import { shortcuts } from "../handler/keyboard";
import { linkingSection } from "../handler/linking";
import { lockable } from "../handler/locking";
import { measuresSection } from "../handler/measures";
import { meetingsSection } from "../handler/meetings";
import { minutesSection } from "../handler/minutes";
import { nextStep } from "../handler/nextstep";
import { type OpenedCase, titleOf } from "../handler/opened";
import { clearRecords, showRecords } from "../handler/records";
import { releasingSection } from "../handler/releasing";
import { reopeningSection } from "../handler/reopening";
import { restrictingSection, threatened } from "../handler/restricting";
import { retentionSection } from "../handler/retention";
import { separations } from "../handler/separating";
import { splitAnew } from "../handler/shares";
import { subjectSection } from "../handler/subject";
import { tabs } from "../handler/tabs";
import { showTimeline, timelineFilter } from "../handler/timeline";
import { triageSection } from "../handler/triage";
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
  const { intake } = opened.answer.care;
  const origin = byId("triage-origin").querySelector(`option[value="${intake?.origin ?? ""}"]`);
  byId("entered").hidden = intake === null;
  slot(byId("entered"), "origin").textContent = origin?.textContent ?? "";
  const due = byId("due");
  const { due: date } = opened.answer;
  due.hidden = date === null;
  due.textContent = date?.words ?? "";
  due.className = `chip chip--${date?.tone ?? "none"}`;
  due.dataset["strict"] = date?.strict ?? "";
  due.dataset["target"] = date?.target ?? "";
  byId("due-reason").textContent = date?.reason ?? "";
  byId("due-readings").textContent = date?.readings ?? "";
  byId("due-about").hidden = date === null;
}

function showDoubts({ answer, doubts, seeds }: OpenedCase): void {
  // A grant that does not open is said, not hidden: what it was for shows as failed below.
  const closed = [...seeds].filter(([, seed]) => seed === null).map(([epoch]) => text("grant-failed", { epoch }));
  const told = [...doubts.map((key) => text(key)), ...closed, ...(answer.stuck === null ? [] : [answer.stuck])];
  const line = (template: string) => (one: string) => {
    const made = fromTemplate(template);
    made.textContent = one;
    return made;
  };
  const advice = answer.advice === null ? [] : [answer.advice];
  byId("doubts").replaceChildren(...told.map(line("doubt-template")), ...advice.map(line("advice-template")));
}

async function tell(act: () => Promise<void>): Promise<string> {
  try {
    await act();
    shown();
    return "";
  } catch (error) {
    if (!(error instanceof LeftError)) return explain(error);
    leave();
    return "";
  }
}

/** I am no longer in the case: nothing of it stays here, and the list says so. */
function leave(): void {
  desk = null;
  clearChosen();
  drafts.drop();
  files.clear();
  clearRecords();
  clearGroup();
  for (const show of sections) show(null);
  location.replace(page["left"] ?? "");
}

function shown(): void {
  if (desk === null) return;
  const { opened } = desk;
  const working = desk;
  forgetChanges();
  showHead(opened);
  showDoubts(opened);
  showRecords(opened, files);
  showCards(opened, {
    approve: (proposal, notice) => tell(() => approve(working, proposal, notice)),
    decline: (proposal) => tell(() => decline(working, proposal)),
  });
  arrange(opened);
  showSeparations(opened);
  for (const show of sections) show(opened);
  void showGroup(opened);
  timeline();
}

function timeline(): void {
  const working = desk?.opened;
  if (panel === "logg" && working !== undefined) void showTimeline(working, () => desk?.opened === working);
}

function fault(error: unknown): string {
  if (!(error instanceof EnvelopeError)) return explain(error);
  return error.reason === "no_key" ? text("case-no-key") : text("case-failed", { reason: error.reason });
}

const bench: Bench = { desk: () => desk, limits, shown, taken: (field) => drafts.taken(field), worker };
const clearChosen = composers(bench);
const showSeparations = separations(reference, bench, leave);
const forgetChanges = watchChanges(bench);
const sections = [
  nextStep(),
  assessSection(bench),
  triageSection(bench),
  linkingSection(bench),
  identitySection(bench),
  dutiesSection(bench),
  restrictingSection(bench),
  measuresSection(bench, files),
  checklistsSection(bench),
  handoverSection(bench),
  reopeningSection(bench),
  exportingSection(bench),
  retentionSection(bench),
  releasingSection(bench),
  meetingsSection(bench),
  minutesSection(bench),
  afterCareSection(bench),
  subjectSection(bench),
];
threatened();
folding();
shortcuts();
timelineFilter();
const reveal = tabs((now) => {
  panel = now;
  timeline();
});
arrange(null);
showSeparations(null);
for (const show of sections) show(null);

void lockable({
  async opened(keys, held) {
    say(status, text("opening"));
    try {
      const opening = await Desk.open(reference, keys, (state) => say(status, text(`epoch-${state}`)));
      await drafts.restore(keys, held);
      if (!held()) return;
      desk = opening;
      // Beside what the reader does: another member's browser will do it if this one cannot.
      void splitAnew(reference, opening.opened.seeds).catch(() => undefined);
      if (status.textContent === text("opening")) say(status, "");
      shown();
      reveal();
    } catch (error) {
      if (!held()) return;
      if (!(error instanceof Problem) || error.code !== "case_locked") {
        say(status, fault(error), "bad");
        return;
      }
      // The page says so itself, and how two open it: nothing else on it has anything to show.
      say(status, "");
      byId("tabs").hidden = true;
      for (const one of all("[role=tabpanel]")) one.hidden = true;
    }
  },
  async closed() {
    desk = null;
    forgetChanges();
    clearChosen();
    files.clear();
    await drafts.seal();
    clearRecords();
    clearGroup();
    arrange(null);
    showSeparations(null);
    for (const show of sections) show(null);
    say(status, "");
    const heading = byId("case-title");
    heading.textContent = text("title-locked");
    heading.dataset["title"] = "locked";
  },
});
