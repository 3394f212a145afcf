/** To the archive: two decide, then whoever is on the case fetches it sealed. */
import type { Bench } from "./composers";
import { byId } from "./dom";
import type { OpenedCase } from "./opened";
import { proposing } from "./proposing";

/** Make the section work. Gives what shows it for a case as it now is. */
export function exportingSection(bench: Bench): (opened: OpenedCase | null) => void {
  const show = proposing("export", bench, () => ({ payload: (reasons) => ({ kind: "export", reasons }) }));
  return (opened) => {
    const standing = opened?.answer.work.export ?? null;
    const decided = standing?.decided ?? false;
    show(opened, standing !== null && standing.whyNot === null && !decided);
    byId("exported").hidden = !decided;
  };
}
