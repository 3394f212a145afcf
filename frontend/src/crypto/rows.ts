/** What was sealed, as requests carry it. */
import { b64 } from "./bytes";
import type { Grant } from "./grant";
import type { SealedRecord } from "./record";

/** A record in its place. */
export function recordRow({ file, header }: Pick<SealedRecord, "file" | "header">) {
  const { epoch, kind, prev, seq, stream } = header;
  return { epoch, file: b64(file), kind, prev, seq, stream };
}

/** A key to one holder. */
export function grantRow({ file, holder, kind }: Grant) {
  return { file: b64(file), holder, kind };
}
