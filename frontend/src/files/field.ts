/** The field where files are chosen, and the list of those that have been. */
import type { Chosen, ChosenFiles, FileFault } from "./chosen";
import { element, nameAndSize, type Say, smallButton } from "./dom";
import { sizeText } from "./size";

export interface FileField {
  /** Show the list anew. */
  show(): void;
  /** While files are on their way nothing is added or removed. */
  freeze(frozen: boolean): void;
}

/**
 * Make a field of type file fill `files`. `told` hears what could not be taken (none: all were), and whenever the list
 * changes.
 */
export function fileField(
  input: HTMLInputElement,
  files: ChosenFiles,
  say: Say,
  told: (faults: readonly FileFault[]) => void,
): FileField {
  const list = element("ul", { class: "files" });
  input.after(list);
  let frozen = false;

  function remove(chosen: Chosen): void {
    files.remove(chosen);
    show();
    told([]);
    // What had the focus is gone: the next thing to do with files is to choose.
    input.focus();
  }

  function show(): void {
    list.hidden = files.all.length === 0;
    list.replaceChildren(
      ...files.all.map((chosen) => {
        const size = sizeText(chosen.file.size, document.documentElement.lang);
        const button = smallButton(say("file_remove"), () => remove(chosen), chosen.name);
        button.disabled = frozen;
        return element("li", {}, nameAndSize(chosen.name, size), button);
      }),
    );
  }

  input.addEventListener("change", () => {
    const faults = files.add(input.files ?? []);
    // The list is what counts from here; the same file may be chosen again after it has been removed.
    input.value = "";
    show();
    told(faults);
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
