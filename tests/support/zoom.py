"""What somebody sees at 400 % on an ordinary screen: 320 × 256 CSS pixels (WCAG 2.2, 1.4.10 and 2.4.11)."""

from __future__ import annotations

from playwright.sync_api import Page, ViewportSize

ZOOMED: ViewportSize = {"width": 320, "height": 256}
_FAULTS = """() => {
    const told = (element) => element.id ? `#${element.id}` : element.outerHTML.slice(0, 100);
    const faults = [];
    const width = document.scrollingElement.scrollWidth;
    if (width > innerWidth) {
        const over = (element) => element.getBoundingClientRect().right > innerWidth + 1;
        const wide = [...document.querySelectorAll("body *")].filter(over);
        faults.push(`${width} pixels wide: ${wide.slice(0, 3).map(told)}`);
    }
    const visible = (element) => element.checkVisibility({ visibilityProperty: true });
    // One pixel large: there for who listens, not for who looks.
    const spoken = (element) => element.clientWidth <= 1 || element.clientHeight <= 1;
    for (const element of document.querySelectorAll("body *")) {
        if (!visible(element) || spoken(element) || element.matches("input, select, option, iframe, canvas")) continue;
        const style = getComputedStyle(element);
        const cut = (overflow, more) => (overflow === "hidden" || overflow === "clip") && more > 1;
        if (cut(style.overflowX, element.scrollWidth - element.clientWidth)
            || cut(style.overflowY, element.scrollHeight - element.clientHeight)) faults.push(`cut: ${told(element)}`);
    }
    // Lines of text that lie on each other, whatever blocks they belong to.
    const lines = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const [text, around] = [walk.currentNode, walk.currentNode.parentElement];
        if (text.data.trim() === "" || !visible(around) || spoken(around)) continue;
        if (around.closest("select, textarea, .govuk-skip-link")) continue;
        const range = document.createRange();
        range.selectNodeContents(text);
        for (const box of range.getClientRects()) if (box.width > 1) lines.push({ around, box });
    }
    for (const [index, one] of lines.entries()) {
        for (const other of lines.slice(index + 1)) {
            if (one.around === other.around) continue;
            const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
            const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
            if (across > 2 && down > 8) faults.push(`on each other: ${told(one.around)} and ${told(other.around)}`);
        }
    }
    const [focused, scrolled] = [document.activeElement, scrollY];
    for (const stop of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
        if (!visible(stop) || stop.disabled) continue;
        stop.focus();
        if (document.activeElement !== stop) continue;
        const [line] = stop.getClientRects();
        const [x, y] = [line.left + Math.min(line.width / 2, 20), Math.max(line.top, 0) + 3];
        const at = document.elementFromPoint(x, y);
        const mine = [stop, ...(stop.labels ?? [])];
        if (at === null) faults.push(`out of sight: ${told(stop)}`);
        else if (!at.contains(stop) && !mine.some((own) => own.contains(at)))
            faults.push(`${told(stop)} is covered by ${told(at)}`);
    }
    if (focused === document.body) document.activeElement.blur();
    else focused.focus({ preventScroll: true });
    scrollTo(0, scrolled);
    return faults;
}"""


def faults_of_zoom(page: Page) -> list[str]:
    """What runs over the edge, is cut, lies on something else, or is covered when it has the focus.

    The page must have the size `ZOOMED`.
    """
    return [str(fault) for fault in page.evaluate(_FAULTS)]
