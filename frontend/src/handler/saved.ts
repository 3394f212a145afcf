/** Files given to the browser's own way of saving. Their addresses open them, so they are revoked: soon, or at once. */

/** Long enough for a browser to have taken one over. */
const KEPT_MS = 30_000;

export class Saved {
  private readonly addresses = new Set<string>();

  /** Save under a name that has been made safe. The type says nothing but bytes, so that no browser shows it instead. */
  save(content: Blob, name: string): void {
    const address = URL.createObjectURL(content.slice(0, content.size, "application/octet-stream"));
    this.addresses.add(address);
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.hidden = true;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => this.revoke(address), KEPT_MS);
  }

  /** Nothing opens any of them from now on. */
  clear(): void {
    for (const address of this.addresses) this.revoke(address);
  }

  private revoke(address: string): void {
    URL.revokeObjectURL(address);
    this.addresses.delete(address);
  }
}
