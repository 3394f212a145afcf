/** The case's own part of the handling log, as the server tells it. */
import * as shape from "../crypto/shape";
import { explain, post } from "./api";
import { byId, fromTemplate, say, slot } from "./dom";

export async function showLog(reference: string): Promise<void> {
  try {
    const answer = shape.including(await post(`cases/${reference}/log`), "entries");
    const lines = shape.list(answer["entries"], (value) => {
      const read = shape.including(value, "at", "kind", "when", "who", "what");
      const line = fromTemplate("entry-template");
      line.dataset["kind"] = shape.string(read["kind"]);
      const when = slot<HTMLTimeElement>(line, "when");
      when.dateTime = shape.string(read["at"]);
      when.textContent = shape.string(read["when"]);
      slot(line, "who").textContent = shape.string(read["who"]);
      slot(line, "what").textContent = shape.string(read["what"]);
      return line;
    });
    byId("log").replaceChildren(...lines);
  } catch (error) {
    say(byId("case-status"), explain(error), "bad");
  }
}
