/** A chosen file is read into the text field that it belongs to; nothing of it is sent before the form is. */
import { all, byId } from "../handler/dom";

for (const place of all("[data-file-for]")) {
  const field = byId(place.dataset["fileFor"] ?? "", HTMLTextAreaElement);
  const chosen = place.querySelector("input");
  place.hidden = false;
  chosen?.addEventListener("change", async () => {
    const [file] = chosen.files ?? [];
    if (file !== undefined) field.value = await file.text();
    field.focus();
  });
}
