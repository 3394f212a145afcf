/** Why a file is not shown, as the key of a text of the viewer's page. */
export class Unshown extends Error {
  constructor(readonly reason: "damaged" | "locked-pdf" | "too-many-pixels" | "no-text") {
    super(reason);
    this.name = "Unshown";
  }
}
