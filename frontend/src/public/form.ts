/** The form that seals in the browser: write, check, send; what was written stays until the server has acknowledged it. */
import { EnvelopeError } from "../crypto/errors";
import { OfferRefusedError } from "../crypto/genesis";
import { nameAndSize } from "../files/dom";
import { sizeText } from "../files/size";
import { Stopped } from "../files/upload";
import { type Answers, checkAnswers } from "./answers";
import { Attaching, type FilesPage } from "./attaching";
import { confirm } from "./confirmation";
import { Delivery, type FormOf } from "./delivery";
import { clearFaults, showFaults } from "./errors";
import { countAsWritten, noticeChoices, readFields, readLines } from "./fields";
import { Refused, Unanswered } from "./http";
import { find, make, moveTo, pageData, say, type Texts } from "./page";
import { turnAway } from "./turningaway";

interface FormPage extends FormOf, FilesPage {
  readonly limits: Readonly<Record<string, number>>;
  readonly required: readonly string[];
  readonly notices: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

function reason(error: unknown, delivery: Delivery, texts: Texts): string {
  if (error instanceof Refused) return delivery.unsettled ? say(texts, "unsettled") : error.detail;
  if (error instanceof OfferRefusedError) return say(texts, "offer_refused");
  if (error instanceof EnvelopeError && error.reason.startsWith("directory")) return say(texts, "not_listed");
  if (delivery.unsettled) return say(texts, "unsettled");
  return say(texts, error instanceof Unanswered ? "offline" : "broken");
}

/** Make the page work. Its last act is to enable the button: a page where anything is amiss sends nothing. */
export function startForm(): void {
  const page = pageData<FormPage>();
  const form = find("#sealing-form");
  const writing = find("#writing");
  const checking = find("#checking");
  const forward = find<HTMLButtonElement>("#continue");
  const send = find<HTMLButtonElement>("#send");
  const change = find<HTMLButtonElement>("#change");
  const status = find("#status");
  const token = find<HTMLInputElement>('input[name="csrf_token"]', form).value;
  const delivery = new Delivery(page, token);
  const uploads = { organisation: page.organisation, purpose: page.channel, ...page.api };
  const attaching = new Attaching(page, uploads, token, form, find("#progress"), status);
  let checked: Answers | undefined;

  function showWriting(): void {
    checking.hidden = true;
    writing.hidden = false;
  }

  function check(): void {
    clearFaults();
    const { answers, faults } = checkAnswers(readFields(form), page.limits, page.required);
    if (faults.length > 0) {
      const shown = faults.map(({ field, text, values }) => ({ field, text: say(page.texts, text, values) }));
      showFaults(shown, page.texts, "check_title");
      return;
    }
    checked = answers;
    delivery.changed();
    const lines = readLines(form, answers).map(({ label, name, value }) => {
      const shown = make("dd", {}, value);
      const notice = page.notices[name]?.[String(answers[name])];
      if (notice !== undefined) shown.append(make("p", { class: "callout" }, notice));
      return make("div", {}, make("dt", {}, label), shown);
    });
    find("#check-list").replaceChildren(...lines, ...checkedFiles());
    writing.hidden = true;
    checking.hidden = false;
    send.disabled = false;
    moveTo(find("h1", checking));
  }

  function checkedFiles(): HTMLElement[] {
    if (attaching.all.length === 0) return [];
    const names = attaching.all.map(({ file, name }) => {
      return make("li", {}, nameAndSize(name, sizeText(file.size, page.language)));
    });
    const shown = make("dd", {}, make("ul", { class: "files" }, ...names));
    return [make("div", {}, make("dt", {}, say(page.texts, "files")), shown)];
  }

  async function deliver(answers: Answers): Promise<void> {
    clearFaults();
    send.disabled = true;
    change.disabled = true;
    try {
      const receipt = await attaching.with((files) => {
        status.textContent = say(page.texts, "sending");
        return delivery.send(answers, files);
      });
      attaching.worker.close();
      status.textContent = "";
      confirm(receipt);
    } catch (error) {
      status.textContent = "";
      send.disabled = false;
      // What may already have been kept is not changed under the same code.
      change.disabled = delivery.unsettled;
      if (error instanceof Stopped) {
        status.textContent = say(page.texts, "files_stopped");
        send.focus();
        return;
      }
      const said = attaching.reason(error) ?? reason(error, delivery, page.texts);
      const files = attaching.concerns(error) && !delivery.unsettled;
      // Files are changed where they were chosen.
      if (files) showWriting();
      showFaults([files ? { field: "files", text: said } : { text: said }], page.texts, "failed_title");
    }
  }

  countAsWritten(form, page.limits, page.texts);
  noticeChoices(form, page.notices);
  turnAway(form, page, token, forward);
  forward.addEventListener("click", check);
  change.addEventListener("click", () => {
    clearFaults();
    showWriting();
    moveTo(find("h1", writing));
  });
  send.addEventListener("click", () => {
    if (checked !== undefined) void deliver(checked);
  });
  find("#script-needed").hidden = true;
  forward.disabled = false;
}
