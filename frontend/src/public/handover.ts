/** The page where somebody who was handed something tells what came of it. */
import { RECIPIENT_SIZE } from "../crypto/age";
import { b64, b64url } from "../crypto/bytes";
import { EnvelopeError } from "../crypto/errors";
import { type Link, readLink, sealAnswer } from "../crypto/handoveranswer";
import * as shape from "../crypto/shape";
import { get, post, Refused } from "./http";
import { find, pageData, say, type Texts } from "./page";

interface Page {
  readonly api: string;
  readonly limit: number;
  readonly texts: Texts;
  readonly with_amount: readonly string[];
}

const HEADER = "Tipportal-Lookup";
const KRONOR = /^\d{1,13}$/;

function readQuestion(value: unknown) {
  const read = shape.including(value, "reference", "organisation", "handover", "recipient", "months", "epoch", "work");
  return {
    about: {
      case: shape.reference(read["reference"]),
      handover: shape.reference(read["handover"]),
      months: shape.count(read["months"]),
    },
    epoch: shape.count(read["epoch"]),
    organisation: shape.string(read["organisation"]),
    recipient: shape.string(read["recipient"]),
    work: shape.bytes(read["work"], RECIPIENT_SIZE),
  };
}

/** Fetch the question, seal the answer, send it once. What was written stays until it has been taken. */
export async function startAnswering(): Promise<void> {
  const page = pageData<Page>();
  const status = find("#status");
  const send = find<HTMLButtonElement>("#send");
  const field = <E extends HTMLElement>(name: string) => find<E>(`[data-field='${name}']`);
  const result = field<HTMLSelectElement>("result");
  const amount = field<HTMLInputElement>("amount");
  const message = field<HTMLTextAreaElement>("message");
  const told = (name: string, values: Readonly<Record<string, string | number>> = {}): void => {
    status.textContent = say(page.texts, name, values);
  };
  function failed(error: unknown): void {
    if (error instanceof Refused) status.textContent = error.detail;
    else told(error instanceof EnvelopeError ? "other_keys" : "unanswered");
  }

  find("#script-needed").hidden = true;
  let link: Link;
  try {
    link = readLink(location.hash.slice(1));
  } catch {
    told("no_link");
    return;
  }
  const headers = { [HEADER]: b64url(link.token) };
  let question: ReturnType<typeof readQuestion>;
  try {
    told("asking");
    question = readQuestion(await get(page.api, headers));
  } catch (error) {
    failed(error);
    return;
  }
  const { about, organisation, recipient } = question;
  const where = find("#about");
  where.textContent = say(page.texts, "about", { organisation, recipient, reference: about.case });
  where.hidden = false;
  status.textContent = "";
  send.disabled = false;

  /** What is wrong with a field, said where it is; or what is counted beside the sealed text. */
  function counted(): { readonly result: string; readonly kronor: number | null } | null {
    const wrong = (place: HTMLElement, name: string, values = {}): null => {
      place.setAttribute("aria-invalid", "true");
      told(name, values);
      place.focus();
      return null;
    };
    for (const place of [result, amount, message]) place.removeAttribute("aria-invalid");
    if (result.value === "") return wrong(result, "choose");
    const bare = amount.value.replace(/\s/g, "");
    if (bare !== "" && !(KRONOR.test(bare) && page.with_amount.includes(result.value))) return wrong(amount, "kronor");
    const count = [...message.value.trim()].length;
    if (count > page.limit) return wrong(message, "too_long", { count, limit: page.limit });
    return { kronor: bare === "" ? null : Number(bare), result: result.value };
  }

  send.addEventListener("click", async () => {
    const clear = counted();
    if (clear === null) return;
    send.disabled = true;
    told("sending");
    try {
      const file = b64(await sealAnswer(link, question.work, about, message.value.trim()));
      const token = find<HTMLInputElement>("[name='csrf_token']").value;
      await post(page.api, { ...clear, csrf_token: token, epoch: question.epoch, file }, headers);
      // The link has been used: nothing of it need stay in the address.
      history.replaceState(null, "", location.pathname);
      find("#answer-form").remove();
      status.textContent = "";
      const thanks = find("#thanks");
      thanks.hidden = false;
      thanks.focus();
    } catch (error) {
      failed(error);
      send.disabled = false;
    }
  });
}
