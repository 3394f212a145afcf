/** The page on which staff enter a case: checked, sealed and handed in here; the code is shown once. */
import { fileWorker } from "../files/worker";
import { explain } from "../handler/api";
import { Attaching } from "../handler/attaching";
import { all, byId, day, onSubmit, painted, say, slot, text } from "../handler/dom";
import { Intake, type Registered, type Stated } from "../handler/intake";
import { checkAnswers } from "../public/answers";
import { readFields } from "../public/fields";

const page = byId("intake");
const { dataset } = page;
const form = byId("intake-form", HTMLFormElement);
const status = slot(form, "status");
const send = slot(form, "send", HTMLButtonElement);
const worker = fileWorker({ sri: dataset["workerSri"] ?? "", url: dataset["workerUrl"] ?? "" });
const limits = { max_file: Number(dataset["maxFile"]), max_files: Number(dataset["maxFiles"]) };
const attaching = new Attaching(form, limits, worker);
const channel = dataset["channel"] === "report" ? "report" : "tip";
const language = document.documentElement.lang || "sv";
const intake = new Intake(dataset["organisation"] ?? "", channel, language, dataset["follows"]);
const chosen = (id: string) => byId(id, HTMLSelectElement).value;
let registered = false;

function arrange(): void {
  const origin = chosen("origin");
  byId("documented-group").hidden = origin !== "oral";
  byId("acknowledged_on-group").hidden = chosen("acknowledged") !== "given";
  const nobody = origin === "own_control" || origin === "other_authority";
  if (nobody) byId("acknowledged", HTMLSelectElement).value = "no_reporter";
  else if (chosen("acknowledged") === "no_reporter") byId("acknowledged", HTMLSelectElement).value = "given";
  if (nobody) byId("code", HTMLSelectElement).value = "not_wanted";
  byId("acknowledged_on-group").hidden = chosen("acknowledged") !== "given";
}

function stated(): Stated {
  const how = chosen("acknowledged");
  return {
    ack_left_out: how === "given" ? null : how,
    acknowledged_on: how === "given" ? byId("acknowledged_on", HTMLInputElement).value.trim() : null,
    code: chosen("code"),
    documented: chosen("origin") === "oral" ? chosen("documented") : null,
    origin: chosen("origin"),
    received_on: byId("received_on", HTMLInputElement).value.trim(),
  };
}

/** The first thing that is wrong, in words, with the field that it is about. */
function fault(faults: ReturnType<typeof checkAnswers>["faults"]): readonly [string, HTMLElement | null] {
  const [first] = faults;
  if (first !== undefined) {
    const field = form.querySelector<HTMLElement>(`[data-field="${first.field}"]`);
    const label = form.querySelector(`label[for="q-${first.field}"]`)?.firstChild?.textContent?.trim() ?? "";
    return [text(`intake-${first.text}`, { label, ...first.values }), field];
  }
  const recorded = chosen("origin") === "oral" && chosen("documented") === "recording";
  const consent = byId("consent", HTMLInputElement);
  return recorded && !consent.checked ? [text("intake-consent"), consent] : ["", null];
}

/** Say what is wrong where it is too: the form is long, and its button far from most of it. */
function point(wrong: string, field: HTMLElement | null): void {
  document.getElementById("fault")?.remove();
  for (const one of all("[aria-invalid]", form)) {
    one.removeAttribute("aria-invalid");
    one.removeAttribute("aria-errormessage");
  }
  if (field === null) return;
  const told = document.createElement("p");
  told.id = "fault";
  told.className = "govuk-error-message";
  told.textContent = wrong;
  (field.closest(".govuk-checkboxes") ?? field).before(told);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-errormessage", "fault");
  field.focus();
}

function show({ code, feedbackBy, functions, reference }: Registered): void {
  registered = true;
  const made = document.importNode(byId("registered", HTMLTemplateElement).content, true);
  slot(made, "reference").textContent = reference;
  slot(made, "feedback_by").textContent = day(feedbackBy);
  slot(made, "functions").textContent = functions.join(", ");
  if (chosen("code") === "given") {
    const words = code.split(" ").map((word) => {
      const place = document.createElement("span");
      place.textContent = word;
      return place;
    });
    slot(made, "code").append(...words.flatMap((word) => [word, " "]));
    slot(made, "print").addEventListener("click", () => print());
  } else {
    slot(made, "with_code").remove();
  }
  // What was written goes from the page now that it is kept, and not a moment before.
  page.replaceWith(made);
  scrollTo(0, 0);
  document.querySelector<HTMLElement>("h1")?.focus();
}

onSubmit(form, async () => {
  const bounds = all("[data-limit]", form).map((one) => [one.dataset["field"] ?? "", Number(one.dataset["limit"])]);
  const required = all("[data-required]", form).map((one) => one.dataset["field"] ?? "");
  const { answers, faults } = checkAnswers(readFields(form), Object.fromEntries(bounds), required);
  const [wrong, field] = fault(faults);
  point(wrong, field);
  if (wrong !== "") {
    say(status, wrong, "bad");
    return;
  }
  say(status, text("sending"));
  send.disabled = true;
  await painted();
  try {
    await attaching.with(async (files) => show(await intake.send(answers, stated(), files)));
  } catch (error) {
    send.disabled = false;
    say(status, attaching.reason(error) ?? explain(error), "bad");
  }
});

for (const id of ["origin", "acknowledged"]) byId(id).addEventListener("change", arrange);
arrange();
addEventListener("beforeunload", (event) => {
  const written = all("textarea", form).some((one) => one instanceof HTMLTextAreaElement && one.value !== "");
  if (written && !registered) event.preventDefault();
});
send.disabled = false;
