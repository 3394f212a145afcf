"""What looks at every page at 400 % sees what is wrong on one that is made badly. `Audit` uses it on the real ones."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.support.zoom import ZOOMED, faults_of_zoom

pytestmark = pytest.mark.browser

BADLY_MADE = """
<header style="position: fixed; inset: 0 0 auto; height: 200px; background: teal">Huvud</header>
<p><a id="behind" href="#">Bakom huvudet</a></p>
<p style="margin-top: 300px" id="one">En rad</p><p id="other" style="margin-top: -40px">En rad till</p>
<p id="cut" style="width: 90px; overflow: hidden; white-space: nowrap">Ett avklippt stycke text</p>
<p id="wide" style="width: 400px">Bred</p>
<div style="height: 900px"></div>
"""
WELL_MADE = "<h1>Rubrik</h1><p>Text och en <a href='#'>länk</a>.</p><label>Fält <input></label><button>Skicka</button>"


def test_every_kind_of_fault_is_seen(browser: Browser) -> None:
    page = browser.new_page(viewport=ZOOMED)
    page.set_content(WELL_MADE)
    assert faults_of_zoom(page) == []
    page.set_content(BADLY_MADE)
    faults = "\n".join(faults_of_zoom(page))
    for fault in ("408 pixels wide", "cut: #cut", "on each other: #one and #other", "#behind is covered by <header"):
        assert fault in faults, faults
    page.close()
