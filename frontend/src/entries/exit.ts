// Quick exit: the link at the top, or Shift three times, leaves at once and puts nothing on the way back.

const PRESSES = 3;
const WITHIN_MS = 3000;

const link = document.querySelector<HTMLAnchorElement>("#exit");
let presses: number[] = [];

/** Go to the neutral page in place of this one, and hide what stands here until it comes. */
function leave(address: string): void {
  document.documentElement.hidden = true;
  location.replace(address);
}

if (link !== null) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave(link.href);
  });
  addEventListener("keydown", (event) => {
    // Any other key begins again: capitals in a text are no wish to leave.
    if (event.key !== "Shift" || event.repeat) {
      presses = event.key === "Shift" ? presses : [];
      return;
    }
    const now = event.timeStamp;
    presses = [...presses.filter((at) => now - at < WITHIN_MS), now];
    if (presses.length >= PRESSES) leave(link.href);
  });
}
