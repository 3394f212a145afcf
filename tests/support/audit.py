"""What an eye and axe see on a page, wide and at 400 %.

With TIPPORTAL_TEST_SCREENSHOTS naming a folder, each page is also drawn there, to be looked at.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from tests.support.zoom import ZOOMED, faults_of_zoom

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = (ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js").read_text()
SCREENSHOTS = os.environ.get("TIPPORTAL_TEST_SCREENSHOTS")
WIDE: ViewportSize = {"width": 1280, "height": 900}


@dataclass
class Audit:
    """What is wrong with the pages that were looked at."""

    language: str
    findings: list[str] = field(default_factory=list)
    seen: int = 0

    def look(self, page: Page, name: str) -> None:
        """Look at a page as it stands, wide and at 400 %."""
        self.seen += 1
        page.evaluate(AXE)
        # Colours are those of the Swedish page, and looking at them is most of the work.
        rules = {"color-contrast": {"enabled": not self.language}}
        for finding in page.evaluate("(rules) => axe.run({rules}).then((result) => result.violations)", rules):
            places = [node["html"][:160] for node in finding["nodes"][:3]]
            self.findings.append(f"{name}: {finding['id']}: {finding['help']}: {places}")
        self._draw(page, f"{name}-1280")
        page.set_viewport_size(ZOOMED)
        self.findings += [f"{name} at 400 %: {fault}" for fault in faults_of_zoom(page)]
        self._draw(page, f"{name}-320")
        page.set_viewport_size(WIDE)

    def _draw(self, page: Page, name: str) -> None:
        if SCREENSHOTS:
            Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(SCREENSHOTS) / f"{self.language or 'sv'}-{name}.png", full_page=True)
