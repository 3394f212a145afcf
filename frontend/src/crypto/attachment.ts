import { IDENTITY_SIZE } from "./age";
import { demand } from "./errors";
import * as shape from "./shape";

/** A file that a record attaches (`docs/protocol.md` section 4a). Name and type are the sender's word. */
// A type rather than an interface: it is JSON as it stands.
export type Attachment = {
  /** 1–255 characters, to be made safe (`safeName`) before it is shown or saved. */
  readonly name: string;
  /** A media type in lower case, or "". */
  readonly type: string;
  /** Bytes of the file. */
  readonly size: number;
  /** SHA-256 of the file's bytes, hex. */
  readonly sha256: string;
  /** The 32-byte identity seed that opens it, base64. */
  readonly key: string;
  /** Whether hidden data about its making was taken out before it was sealed. */
  readonly cleaned: boolean;
};

const MAX_ATTACHMENTS = 20;
const MAX_NAME = 255;
const KINDS: readonly string[] = ["report", "message", "feedback", "note"];
// The names that RFC 6838, section 4.2, lets be registered, in lower case and without parameters.
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;

/** What a header can carry of a type that the system tells: lower case, no parameters, or "". */
export function mediaType(said: string): string {
  const name = (said.split(";")[0] as string).trim().toLowerCase();
  return MEDIA_TYPE.test(name) ? name : "";
}

function readAttachment(value: unknown): Attachment {
  const read = shape.exactly(value, "name", "type", "size", "sha256", "key", "cleaned");
  const name = shape.filled(read["name"]);
  const type = shape.string(read["type"]);
  const { cleaned, key, size } = read;
  // Characters, not the halves of some that a string's length counts.
  demand([...name].length <= MAX_NAME, "value");
  demand(type === "" || MEDIA_TYPE.test(type), "value");
  // An empty file has nothing to tell, and "nothing" must not pass for a file that came through.
  demand(Number.isSafeInteger(size) && (size as number) > 0, "value");
  demand(typeof cleaned === "boolean", "value");
  shape.bytes(key, IDENTITY_SIZE);
  return { name, type, size: size as number, sha256: shape.digest(read["sha256"]), key: key as string, cleaned };
}

/** The files that a record of this kind names in its header. */
export function readAttachments(kind: string, value: unknown): Attachment[] {
  const files = shape.list(value, (one) => one, MAX_ATTACHMENTS);
  demand(files.length === 0 || KINDS.includes(kind), "attachments");
  return files.map(readAttachment);
}
