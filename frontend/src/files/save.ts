/** Give a verified file to the browser's own way of saving. */

/** Long enough for a browser to have taken it over. */
const KEPT_MS = 60_000;

/** Save under a name that has been made safe. Never opened by the page: the type says nothing but bytes. */
export function saveFile(content: Blob, name: string): void {
  const address = URL.createObjectURL(content.slice(0, content.size, "application/octet-stream"));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
