/** Says at once when nobody could receive what the first answers describe, before anything is written. */
import { checkAnswers } from "./answers";
import type { FormOf } from "./delivery";
import { readFields } from "./fields";
import { post, Refused } from "./http";
import { find, make } from "./page";
import { factsOf } from "./sealing";

const ROUTING = ["area", "subject_role", "concerns"];

/**
 * Ask whenever an answer that routes changes and somebody is named as concerned, and keep `forward` shut while nobody
 * remains. Whatever else the server answers, or that it does not, is for sending to say.
 */
export function turnAway(form: ParentNode, page: FormOf, token: string, forward: HTMLButtonElement): void {
  const place = make("p", { class: "callout", role: "status" });
  place.hidden = true;
  const box = find('[data-field="concerns"]', form).closest("fieldset");
  (box ?? find('[data-field="concerns"]', form)).after(place);
  let asked = 0;

  function show(text: string): void {
    place.hidden = text === "";
    place.textContent = text;
    forward.disabled = text !== "";
  }

  async function ask(): Promise<void> {
    asked += 1;
    const mine = asked;
    const facts = factsOf(checkAnswers(readFields(form), {}, []).answers);
    let text = "";
    if (facts.concerns.length > 0) {
      const { channel, organisation } = page;
      try {
        await post(page.api.panel, { channel, csrf_token: token, facts, organisation });
      } catch (error) {
        if (error instanceof Refused && error.code === "no_panel") text = error.detail;
      }
    }
    if (mine === asked) show(text);
  }

  for (const name of ROUTING) {
    for (const field of form.querySelectorAll(`[data-field="${name}"]`)) {
      field.addEventListener("change", () => void ask());
    }
  }
}
