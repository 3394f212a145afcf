/** What is missing or wrong in a form, said where it is. */
import { all, byId, say, slot } from "./dom";

/** A field, and what is wrong with it in plain words. */
export interface Fault {
  readonly field: HTMLElement;
  readonly why: string;
}

/** The fault of a field, or null where there are no words for one. */
export function faultOf(field: HTMLElement, why: string): Fault | null {
  return why === "" ? null : { field, why };
}

/** Whether anything stops a form from being sent: then each field is marked, and the first one said and gone to. */
export function stops(form: HTMLFormElement, ...found: readonly (Fault | null)[]): boolean {
  for (const field of all("[aria-invalid]", form)) field.removeAttribute("aria-invalid");
  const faults = found.filter((one) => one !== null);
  for (const { field } of faults) field.setAttribute("aria-invalid", "true");
  const [first] = faults;
  if (first === undefined) return false;
  say(slot(form, "status"), first.why, "bad");
  first.field.focus();
  return true;
}

/** Say what is wrong with a field in its own place (`<id>-error`), or take back what was said. Gives whether it is. */
export function fieldFault(id: string, why: string): boolean {
  const field = byId(id, HTMLInputElement);
  if (why === "") field.removeAttribute("aria-invalid");
  else field.setAttribute("aria-invalid", "true");
  say(byId(`${id}-error`), why, "bad");
  if (why !== "") field.focus();
  return why !== "";
}
