/** Locking and unlocking on a page: the form, the button, and fifteen idle minutes. */
import type { HandlerKeys } from "../crypto/identity";
import { explain, Problem } from "./api";
import { all, byId, onSubmit, painted, say, show, text } from "./dom";
import { forget, lock, resume, stillUnlocked, UnlockError, unlock, unlockWithPasskey } from "./keys";
import { hasPasskeys, PasskeyError } from "./passkey";

const IDLE_MS = 15 * 60_000;
const ASK_AGAIN_MS = 5 * 60_000;
const LOOK_MS = 15_000;

/** Tells, on the document, that somebody is at work where the page itself sees nothing of it. */
export const ACTIVE = "tipportal-active";

/** What a page does when the keys come and go. */
export interface Lockable {
  /** `held` tells whether these keys still hold: nothing may be shown that arrives after the page was locked. */
  opened(keys: HandlerKeys, held: () => boolean): Promise<void>;
  /** Everything that was opened must leave the page before this resolves. */
  closed(): Promise<void>;
}

function whyLocked(error: unknown): string {
  if (error instanceof PasskeyError) return text("unlock-passkey-wrong");
  return error instanceof UnlockError ? wrongWords(error) : explain(error);
}

function wrongWords(error: UnlockError): string {
  if (error.reason === "no_passkey") return text("unlock-passkey-none");
  if (error.reason === "unknown") return text("unlock-unknown", { words: error.words.join(", ") });
  return text(error.reason === "count" ? "unlock-count" : "unlock-wrong");
}

function focusOn(element: HTMLElement | null): void {
  if (element?.localName === "h1") element.tabIndex = -1;
  element?.focus({ preventScroll: true });
}

class Locking {
  private unlocked = false;
  /** Counts unlockings: what an earlier one began must not finish under a later one. */
  private turn = 0;
  private active = Date.now();
  private asked = Date.now();

  constructor(private readonly page: Lockable) {}

  async start(): Promise<void> {
    const form = byId("unlock", HTMLFormElement);
    const button = byId("unlock-button", HTMLButtonElement);
    onSubmit(form, () => this.unlock());
    button.disabled = false;
    // Only where the person has a passkey does the page have the button, and only some browsers can use it.
    const passkey = document.getElementById("unlock-passkey");
    if (passkey !== null && hasPasskeys()) {
      show(true, passkey);
      passkey.addEventListener("click", () => void this.unlockWithPasskey());
    }
    byId("lock").addEventListener("click", () => void this.lock(true));
    // Leaving the face takes the wrapped keys along; without them the server's key opens nothing.
    for (const way of all("form[data-signs-out]")) way.addEventListener("submit", forget);
    for (const kind of ["keydown", "pointerdown", ACTIVE]) {
      document.addEventListener(kind, () => this.noticed(), { capture: true, passive: true });
    }
    setInterval(() => this.look(), LOOK_MS);
    // A machine that slept ran no timers: look before anything is shown again.
    document.addEventListener("visibilitychange", () => this.look());
    await this.resumed();
  }

  private async resumed(): Promise<void> {
    try {
      const keys = await resume();
      if (keys !== null) return await this.open(keys);
    } catch (error) {
      say(byId("unlock-status"), explain(error), "bad");
    }
    this.present(false);
  }

  private async unlock(): Promise<void> {
    const field = byId("passphrase", HTMLInputElement);
    const status = byId("unlock-status");
    const button = byId("unlock-button", HTMLButtonElement);
    say(status, text("unlocking"));
    button.disabled = true;
    await painted();
    try {
      const keys = await unlock(field.value);
      field.value = "";
      field.removeAttribute("aria-invalid");
      say(status, "");
      await this.open(keys, true);
    } catch (error) {
      field.setAttribute("aria-invalid", "true");
      say(status, whyLocked(error), "bad");
      field.focus();
    } finally {
      button.disabled = false;
    }
  }

  private async unlockWithPasskey(): Promise<void> {
    const status = byId("unlock-status");
    say(status, text("unlocking"));
    try {
      const keys = await unlockWithPasskey();
      say(status, "");
      await this.open(keys, true);
    } catch (error) {
      say(status, whyLocked(error), "bad");
    }
  }

  private async open(keys: HandlerKeys, asked = false): Promise<void> {
    this.unlocked = true;
    this.active = Date.now();
    this.asked = Date.now();
    this.present(true);
    // The form that had the focus is gone: whoever has no mouse goes on at the top of what opened.
    if (asked) focusOn(document.querySelector<HTMLElement>("main h1"));
    this.turn += 1;
    const { turn } = this;
    await this.page.opened(keys, () => this.unlocked && this.turn === turn);
  }

  private async lock(tell: boolean): Promise<void> {
    if (!this.unlocked) return;
    this.unlocked = false;
    forget();
    await this.page.closed();
    this.present(false);
    focusOn(byId("passphrase"));
    say(byId("unlock-status"), tell ? "" : text("locked-idle"));
    // Another tab of the same session may be at work: an idle one must not take the key from it.
    if (!tell) return;
    try {
      await lock();
    } catch (error) {
      // The keys have left the page either way; the server forgets its half when its own clock runs out.
      if (!(error instanceof Problem)) throw error;
    }
  }

  private present(unlocked: boolean): void {
    show(!unlocked, byId("unlock"));
    show(unlocked, byId("lock"));
    document.documentElement.dataset["locked"] = String(!unlocked);
    for (const place of all("[data-while='locked']")) show(!unlocked, place);
    for (const place of all("[data-while='unlocked']")) show(unlocked, place);
  }

  private noticed(): void {
    const now = Date.now();
    if (this.unlocked && now - this.active > IDLE_MS) return void this.lock(false);
    this.active = now;
    if (!this.unlocked || now - this.asked < ASK_AGAIN_MS) return;
    this.asked = now;
    void this.ask();
  }

  private async ask(): Promise<void> {
    try {
      if (!(await stillUnlocked())) await this.lock(false);
    } catch (error) {
      // Offline for a moment: the page's own clock goes on.
      if (!(error instanceof Problem)) throw error;
    }
  }

  private look(): void {
    if (this.unlocked && Date.now() - this.active > IDLE_MS) void this.lock(false);
  }
}

/** Let a page be locked and unlocked; opens it at once when an earlier page in this tab was unlocked. */
export function lockable(page: Lockable): Promise<void> {
  return new Locking(page).start();
}
