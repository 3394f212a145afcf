/** The case page: the code is read, the keys are derived and the dialogue is opened here. They stay in this page. */
import { fromHex } from "../crypto/bytes";
import { deriveKeys, generateCode, INSTALLATION_SIZE, readCode, type SourceKeys } from "../crypto/code";
import { EnvelopeError } from "../crypto/errors";
import { Stopped } from "../files/upload";
import { countOf, normalText } from "./answers";
import { Attaching, type FilesPage } from "./attaching";
import { type CaseWords, showFacts, showRecords } from "./dialogue";
import { fetchFile, type OpenFile } from "./downloads";
import { clearFaults, type Fault, showFaults } from "./errors";
import { countAsWritten } from "./fields";
import { answerForm } from "./filled";
import { Refused, Unanswered } from "./http";
import { type CaseApi, Correspondence, type Reply } from "./message";
import { fetchCase, lookup, type OpenCase } from "./opened";
import { copyOf, find, make, moveTo, pageData, say, slot, type Texts } from "./page";
import { takeOwnCode } from "./renewal";

interface CasePage extends CaseWords, FilesPage {
  readonly texts: Texts;
  readonly installation: string;
  readonly api: CaseApi;
  readonly limit: number;
}

function codeFault(typed: string, page: CasePage): Fault | undefined {
  const read = readCode(typed);
  if (read.ok) return undefined;
  const { count, unknown } = read;
  if (typed.trim() === "") return { field: "code", text: say(page.texts, "code_empty") };
  if (unknown.length > 0) {
    return { field: "code", text: say(page.texts, "code_unknown", { places: unknown.join(", ") }) };
  }
  return { field: "code", text: say(page.texts, "code_count", { count }) };
}

function reason(error: unknown, page: CasePage, unsettled = false): string {
  if (unsettled) return say(page.texts, "unsettled");
  if (error instanceof Refused) return error.detail;
  if (error instanceof Unanswered) return say(page.texts, "offline");
  return say(page.texts, error instanceof EnvelopeError ? "unverified" : "broken");
}

function showCase(correspondence: Correspondence, keys: SourceKeys, token: string, page: CasePage): void {
  const place = find("#opened");
  const status = find("#status");
  const shown = copyOf("#case");
  const records = slot(shown, "records");
  const compose = slot(shown, "compose");
  const text = find<HTMLTextAreaElement>("[data-field=message]", compose);
  const send = find<HTMLButtonElement>("#send", compose);
  const uploads = { organisation: null, purpose: "case", ...page.api };
  const attaching = new Attaching(page, uploads, token, compose, slot(compose, "progress"), status);

  const open: OpenFile = async (seq, position, attachment) => {
    const sealed = await fetchFile(page.api.case, lookup(keys), seq, position);
    return attaching.worker.open(sealed, attachment);
  };

  function show(within: ParentNode): void {
    showFacts(within, correspondence.opened, page);
    // What is half written in an answer stays when the dialogue is shown anew.
    const drafts = [...records.querySelectorAll<HTMLTextAreaElement>("[data-to]")];
    showRecords(records, correspondence.opened, page, open, (entry) =>
      answerForm(entry, correspondence.opened, page, (reply) => void answer(reply), fault),
    );
    for (const { dataset, value } of drafts) {
      const again = records.querySelector<HTMLTextAreaElement>(`[data-to="${dataset["to"]}"]`);
      if (again !== null) again.value = value;
    }
    void correspondence.shown();
    const { state, takesFiles } = correspondence.opened.facts;
    compose.hidden = state === "locked";
    slot(compose, "files").hidden = !takesFiles;
    slot(compose, "no_files").hidden = takesFiles;
  }

  function fault(text: string): void {
    showFaults([{ field: "message", text }], page.texts, "check_title");
  }

  async function answer(reply: Reply): Promise<void> {
    clearFaults();
    const buttons = [...place.querySelectorAll<HTMLButtonElement>("button")].filter((one) => !one.disabled);
    for (const one of buttons) one.disabled = true;
    status.textContent = say(page.texts, "sending");
    try {
      await correspondence.send("", [], reply);
      status.textContent = say(page.texts, "sent");
      show(place);
    } catch (error) {
      status.textContent = "";
      fault(reason(error, page, correspondence.unsettled));
    } finally {
      for (const one of buttons) one.disabled = false;
    }
  }

  async function write(): Promise<void> {
    clearFaults();
    const message = normalText(text.value, false);
    const count = countOf(message);
    // Files may say all that there is to say.
    const empty = count === 0 && attaching.all.length === 0;
    if (empty || count > page.limit) {
      const fault = empty ? "message_empty" : "too_long";
      const said = say(page.texts, fault, { count, limit: page.limit });
      showFaults([{ field: "message", text: said }], page.texts, "check_title");
      return;
    }
    send.disabled = true;
    // What goes out stays as it is until it is known whether it arrived.
    text.readOnly = true;
    attaching.freeze(true);
    try {
      await attaching.with((files) => {
        status.textContent = say(page.texts, "sending");
        return correspondence.send(message, files);
      });
      text.value = "";
      text.dispatchEvent(new Event("input"));
      text.readOnly = false;
      show(place);
      status.textContent = say(page.texts, "sent");
      records.lastElementChild?.scrollIntoView({ block: "nearest" });
    } catch (error) {
      status.textContent = "";
      text.readOnly = correspondence.unsettled;
      if (error instanceof Stopped) {
        status.textContent = say(page.texts, "files_stopped");
      } else {
        const said = attaching.reason(error) ?? reason(error, page, correspondence.unsettled);
        const field = attaching.concerns(error) ? "files" : "message";
        showFaults([{ field, text: said }], page.texts, "failed_title");
      }
    } finally {
      send.disabled = false;
      attaching.freeze(correspondence.unsettled);
    }
  }

  countAsWritten(compose, { message: page.limit }, page.texts);
  send.addEventListener("click", () => void write());
  slot(compose, "meet").addEventListener("click", () => {
    const asked = say(page.texts, "meet");
    if (!text.value.includes(asked)) text.value = `${asked}\n${text.value}`.trim();
    text.dispatchEvent(new Event("input"));
    text.focus();
  });
  show(shown);
  place.replaceChildren(shown);
  moveTo(find("h1", place));
}

/**
 * Staff made this code, and have seen it: show one that only its reader has, and take it when it is said to be written
 * down. Nothing of the case is shown before.
 */
function offerOwnCode(opened: OpenCase, keys: SourceKeys, token: string, page: CasePage): void {
  const place = find("#opened");
  const status = find("#status");
  const code = generateCode();
  const shown = copyOf("#own-code-page");
  slot(shown, "code").append(...code.split(" ").flatMap((word) => [make("span", {}, word), " "]));
  slot(shown, "print").addEventListener("click", () => print());
  const saved = find<HTMLInputElement>("[data-field=own_saved]", shown);
  const take = slot<HTMLButtonElement>(shown, "take");

  async function replace(): Promise<void> {
    clearFaults();
    if (!saved.checked) {
      showFaults([{ field: "own_saved", text: say(page.texts, "own_unsaved") }], page.texts, "check_title");
      return;
    }
    take.disabled = true;
    status.textContent = say(page.texts, "replacing");
    try {
      const own = await deriveKeys(code, fromHex(page.installation, INSTALLATION_SIZE));
      const replaced = await takeOwnCode(page.api, keys, own, token, opened);
      showCase(new Correspondence(page.api, own, token, replaced), own, token, page);
      status.textContent = say(page.texts, "replaced");
    } catch (error) {
      status.textContent = "";
      showFaults([{ text: reason(error, page) }], page.texts, "failed_title");
      take.disabled = false;
    }
  }

  take.addEventListener("click", () => void replace());
  place.replaceChildren(shown);
  moveTo(find("h1", place));
}

/** Make the page work. Its last act is to enable the button: a page where anything is amiss never reads the code. */
export function startCase(): void {
  const page = pageData<CasePage>();
  const entering = find("#entering");
  const field = find<HTMLTextAreaElement>("#code", entering);
  const open = find<HTMLButtonElement>("#open");
  const status = find("#status");
  const token = find<HTMLInputElement>('input[name="csrf_token"]', entering).value;

  async function enter(): Promise<void> {
    clearFaults();
    const fault = codeFault(field.value, page);
    const read = readCode(field.value);
    if (fault !== undefined || !read.ok) {
      showFaults(fault === undefined ? [] : [fault], page.texts, "check_title");
      return;
    }
    open.disabled = true;
    status.textContent = say(page.texts, "opening");
    try {
      const keys = await deriveKeys(read.text, fromHex(page.installation, INSTALLATION_SIZE));
      const opened = await fetchCase(page.api, keys);
      if (opened.replacing === null) showCase(new Correspondence(page.api, keys, token, opened), keys, token, page);
      else offerOwnCode(opened, keys, token, page);
      // The code goes from the page as soon as it has done its work.
      entering.remove();
      status.textContent = "";
    } catch (error) {
      status.textContent = "";
      const about = error instanceof Refused && error.code === "case_not_found" ? { field: "code" } : {};
      showFaults([{ ...about, text: reason(error, page) }], page.texts, "failed_title");
      open.disabled = false;
    }
  }

  open.addEventListener("click", () => void enter());
  // A page that the browser kept alive while another was shown would still hold the keys.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  find("#script-needed").hidden = true;
  open.disabled = false;
}
