/** Files on their way: which one, how much of it, and the buttons to pause, go on and stop. */
import type { SendingWatch } from "./chosen";
import { element, type Say, smallButton } from "./dom";
import { sizeText } from "./size";
import { Pace, type PaceState } from "./upload";

/** Every so many per cent are told to those who listen. */
const TOLD = 25;

const NAMES: Readonly<Record<PaceState, string>> = {
  broken: "files_broken",
  paused: "files_paused",
  running: "",
  waiting: "files_waiting",
};

export interface Progress extends SendingWatch {
  /** Take it from the page again. */
  end(): void;
}

/** Show progress in `place`. `tell` is heard by screen readers: seldom, and never in the middle of something. */
export function showProgress(place: HTMLElement, say: Say, tell: (text: string) => void): Progress {
  const language = document.documentElement.lang;
  const label = element("p", { class: "sending__label", id: "sending-label" });
  const bar = element("progress", { "aria-labelledby": label.id, max: "1", value: "0" });
  const amount = element("p", { class: "quiet" });
  const state = element("p", { class: "sending__state" });
  const pace = new Pace(changed);
  const pause = smallButton(say("files_pause"), () => (pace.state === "paused" ? pace.go() : pace.pause()));
  const stop = smallButton(say("files_stop"), () => pace.stop());
  // A button of its own: one that changed by itself just as it is pressed would do the opposite of what was meant.
  const retry = smallButton(say("files_retry"), () => pace.go());
  const box = element("div", { class: "sending", id: "sending" });
  box.append(label, bar, amount, state, element("div", { class: "button-row" }, pause, stop, retry));
  const offline = () => pace.interrupt();
  const online = () => {
    pace.interrupt();
    // Whoever has paused goes on when they say so.
    if (pace.state !== "paused") pace.go();
  };
  let whole = 0;
  let toldUpTo = 0;

  // In bytes of the file as it was chosen: what sealing adds would only puzzle.
  function showAmount(done: number): void {
    const values = { all: sizeText(whole, language), done: sizeText(done, language) };
    amount.textContent = say("files_amount", values);
  }

  function changed(now: PaceState): void {
    const name = NAMES[now];
    state.textContent = name === "" ? "" : say(name);
    state.hidden = name === "";
    pause.textContent = say(now === "paused" ? "files_resume" : "files_pause");
    retry.hidden = now === "running" || now === "paused";
    tell(name === "" ? say("files_running") : say(name));
  }

  state.hidden = true;
  retry.hidden = true;
  addEventListener("offline", offline);
  addEventListener("online", online);
  place.replaceChildren(box);
  return {
    begins({ file, name }, at, of) {
      label.textContent = say("files_sending", { name, of, place: at });
      bar.value = 0;
      whole = file.size;
      showAmount(0);
      toldUpTo = 0;
      tell(label.textContent);
    },
    end() {
      removeEventListener("offline", offline);
      removeEventListener("online", online);
      box.remove();
    },
    pace,
    sent(received, size) {
      bar.value = received / size;
      showAmount(Math.min(1, received / size) * whole);
      const percent = Math.floor((100 * received) / size);
      if (percent < 100 && percent >= toldUpTo + TOLD) {
        toldUpTo = percent;
        tell(say("files_percent", { percent }));
      }
    },
  };
}
