/** The field where files are chosen, the list of those that have been, and why some could not be taken. */
import type { Chosen, ChosenFiles, FileFault, FileLimits } from "./chosen";
import { element, nameAndSize, type Say, smallButton } from "./dom";
import { sizeText } from "./size";

export interface FileField {
  /** Show the list anew. */
  show(): void;
  /** While files are on their way nothing is added or removed. */
  freeze(frozen: boolean): void;
}

/** Make a field of type file fill `files`. */
export function fileField(input: HTMLInputElement, files: ChosenFiles, limits: FileLimits, say: Say): FileField {
  const list = element("ul", { "aria-label": say("files"), class: "files" });
  const faulty = element("div", { id: `${input.id}-faults`, role: "alert" });
  const values = { limit: limits.max_files, size: sizeText(limits.max_file, document.documentElement.lang) };
  const limited = element("p", { class: "govuk-hint", id: `${input.id}-limits` }, say("files_limits", values));
  const described = [input.getAttribute("aria-describedby") ?? "", limited.id, faulty.id];
  let frozen = false;

  function tell(faults: readonly FileFault[]): void {
    const told = faults.map(({ name, text }) => {
      return element("p", { class: "govuk-error-message" }, say(text, { ...values, name }));
    });
    faulty.replaceChildren(...told);
  }

  function remove(chosen: Chosen): void {
    files.remove(chosen);
    tell([]);
    show();
    // What had the focus is gone: the next thing to do with files is to choose.
    input.focus();
  }

  function shown(chosen: Chosen): HTMLElement {
    const size = sizeText(chosen.file.size, document.documentElement.lang);
    const button = smallButton(say("file_remove"), () => remove(chosen), chosen.name);
    button.disabled = frozen;
    return element("li", {}, nameAndSize(chosen.name, size), button);
  }

  function show(): void {
    list.hidden = files.all.length === 0;
    list.replaceChildren(...files.all.map(shown));
  }

  input.before(limited, faulty);
  input.after(list);
  input.setAttribute("aria-describedby", described.join(" ").trim());
  input.addEventListener("change", () => {
    tell(files.add(input.files ?? []));
    // The list is what counts from here; a file may be chosen again after it has been removed.
    input.value = "";
    show();
  });
  show();
  return {
    freeze(wanted) {
      frozen = wanted;
      input.disabled = wanted;
      show();
    },
    show,
  };
}
