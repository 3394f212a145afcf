/** Uploads of a handler: as a source's, but with the session's own token. */
import { uploadsOf } from "../files/uploads";
import { Problem, transfer } from "./api";

export const uploads = uploadsOf({
  ask: ({ headers, method, part, signal }) => transfer(method, headers, signal, part),
  refusal: (error) => (error instanceof Problem ? error : undefined),
});
