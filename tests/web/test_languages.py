from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, url_for

from tipportal.web import languages
from tipportal.web.languages import CatalogueMissing, language, language_links


@pytest.mark.parametrize(
    ("path", "code", "own", "other"),
    [
        ("/lamna/klar", "sv", "/lamna/klar", "/en/lamna/klar"),
        ("/en/lamna/klar", "en", "/en/lamna/klar", "/lamna/klar"),
        ("/en", "en", "/en/lamna/klar", "/"),
        ("/en/", "en", "/en/lamna/klar", "/"),
        ("/english", "sv", "/lamna/klar", "/en/english"),
        ("/fi/lamna", "sv", "/lamna/klar", "/en/fi/lamna"),
        ("/sv/lamna", "sv", "/lamna/klar", "/en/sv/lamna"),
        ("/en/en/x", "en", "/en/lamna/klar", "/en/x"),
    ],
)
def test_the_language_lives_in_the_address(portal: Flask, path: str, code: str, own: str, other: str) -> None:
    seen: list[tuple[str, str, str]] = []

    @portal.before_request
    def look() -> None:
        seen.append((language(), url_for("web.left"), language_links(("sv", "en"))[0].address))

    portal.before_request_funcs[None].insert(0, portal.before_request_funcs[None].pop())
    portal.test_client().get(path)
    assert seen == [(code, own, other)]


def test_a_link_to_another_language_stays_on_this_site(portal: Flask) -> None:
    for path in ("//evil.example/x", "/en//evil.example", '/"><script>', "/%0d%0aX: y"):
        text = portal.test_client().get(path, follow_redirects=True).text
        assert 'href="//' not in text
        assert "<script>" not in text


def test_a_query_is_kept(portal: Flask) -> None:
    text = portal.test_client().get("/a/b/c?sida=2&kanal=tips").text
    assert 'href="/en/a/b/c?sida=2&amp;kanal=tips"' in text


def test_files_are_linked_without_a_language(portal: Flask) -> None:
    client = portal.test_client()
    swedish, english = (client.get(path).text for path in ("/a/b/c", "/en/a/b/c"))
    assert '="/static/public-' in swedish
    assert '="/static/public-' in english


def test_a_language_that_was_never_compiled_stops_the_start(
    make_portal: Callable[..., Flask], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "CATALOGUES", tmp_path)
    with pytest.raises(CatalogueMissing, match="make build"):
        make_portal()
