"""Somebody without a mouse: every stop of the focus is in order, can be seen, and is covered by nothing."""

from __future__ import annotations

import time

from playwright.sync_api import FileChooser, FilePayload, Page

from tests.support.browser import PATIENCE_MS

MOST_STOPS = 120
# What stands where, how the stop that has the focus shows it, and what is wrong with it.
_STOP = """(wanted) => {
    const stop = document.activeElement;
    if (stop === null || stop === document.body) return null;
    const drawn = [stop, ...(stop.labels ?? [])].flatMap((element) => [
        getComputedStyle(element), getComputedStyle(element, "::before"), getComputedStyle(element, "::after")]);
    // A row that is one large link is outlined as a whole.
    for (let around = stop.parentElement; around !== null; around = around.parentElement) {
        if (around.localName === "li" || around.localName === "tr") drawn.push(getComputedStyle(around));
    }
    const clear = /rgba\\(.*, 0\\)|transparent/;
    const shown = drawn.some((style) =>
        (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && !clear.test(style.outlineColor))
        || style.boxShadow.split(/,(?![^(]*\\))/).some((shadow) => shadow !== "none" && !clear.test(shadow)));
    const box = stop.getBoundingClientRect();
    const seen = { top: Math.max(box.top, 0), bottom: Math.min(box.bottom, innerHeight) };
    const [line] = stop.getClientRects();
    const at = document.elementFromPoint(
        Math.min(line.left + line.width / 2, innerWidth - 1), Math.max(seen.top, line.top) + 2);
    const own = at !== null && (at.contains(stop) || [stop, ...(stop.labels ?? [])].some((mine) => mine.contains(at)));
    const all = [...document.querySelectorAll("*")];
    return {
        place: all.indexOf(stop),
        reached: stop.matches(wanted),
        name: stop.id ? `#${stop.id}` : stop.outerHTML.slice(0, 90),
        fault: !shown ? "the focus cannot be seen"
            : seen.bottom - seen.top < Math.min(box.height, 20) ? "the stop is out of sight"
            : !own ? `the stop is covered by ${at?.outerHTML.slice(0, 90)}` : null,
    };
}"""


class Keyboard:
    """The keyboard of a page. What is wrong at any stop is kept, with the name of the stop."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        # From the beginning: Playwright takes a while to catch dialogues, longer than a key takes to open one.
        page.on("filechooser", self._chooses)
        self._choosers: list[FileChooser] = []

    def _chooses(self, chooser: FileChooser) -> None:
        self._choosers.append(chooser)

    def to(self, selector: str) -> None:
        """Press Tab until an element has the focus."""
        before = -1
        for _ in range(MOST_STOPS):
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(_STOP, selector)
            # Past the last stop the focus leaves the page and comes in again at the top.
            if stop is None:
                before = -1
                continue
            if stop["fault"]:
                self.faults.append(f"{self.page.url}: {stop['name']}: {stop['fault']}")
            if stop["place"] <= before:
                self.faults.append(f"{self.page.url}: {stop['name']}: the order goes backwards")
            before = stop["place"]
            if stop["reached"]:
                return
        raise AssertionError(f"no way to {selector} by keyboard")

    def press(self, *keys: str) -> None:
        """Press keys, one after another."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, selector: str, text: str) -> None:
        """Go to a field and write into it."""
        self.to(selector)
        self.page.keyboard.insert_text(text)

    def press_on(self, selector: str, key: str = "Enter") -> None:
        """Go to a control and use it."""
        self.to(selector)
        self.press(key)

    def choose_file(self, selector: str, file: FilePayload, key: str) -> None:
        """Go to a field for files and open its dialogue by a key."""
        self.to(selector)
        self.press(key)
        until = time.monotonic() + PATIENCE_MS / 1000
        while not self._choosers:
            assert time.monotonic() < until, f"{key} opens no dialogue at {selector}"
            self.page.wait_for_timeout(20)
        self._choosers.pop().set_files(file)
