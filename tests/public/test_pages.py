"""The first pages: what they say and what they never say, and how little it takes to fetch them."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.story import Story
from tipportal.web.services import services_of

from .pages import Page, Reader

EVERY_PAGE = (
    "/",
    "/bjorkvik/",
    "/bjorkvik/tips",
    "/bjorkvik/rapport",
    "/bjorkvik/tips/utan-javascript",
    "/bjorkvik/rapport/utan-javascript",
    "/arende",
    "/arende/utan-javascript",
)
KILOBYTE = 1000


def _fetched(app: Flask, client: FlaskClient, address: str) -> dict[str, int]:
    """What a browser fetches for a page, by kind, in bytes on the wire."""
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    sizes = {"html": len(answer.data)}
    html = client.get(address).get_data(as_text=True)
    for file in re.findall(r'(?:src|href)="/static/([^"]+)"', html):
        asset = services_of(app).assets.by_file(file)
        assert asset is not None
        sizes[file.split("-")[0] + "." + file.rsplit(".", 1)[1]] = len(asset.compressed)
    return sizes


def test_the_first_page_leads_to_the_organisation(reader: Reader) -> None:
    page = reader.get("/")
    assert 'href="/bjorkvik/"' in page.html
    assert 'href="/arende"' in page.html


def test_a_start_page_tells_the_two_ways_apart(reader: Reader) -> None:
    page = reader.get("/bjorkvik/")
    for address in ("/bjorkvik/tips", "/bjorkvik/rapport", "/arende"):
        assert f'href="{address}"' in page.html
    assert "Tips är normalt offentliga" in page.html
    assert "Lagen (2021:890) förbjuder repressalier" in page.html
    assert "112" in page.html


@pytest.mark.parametrize("address", ["/ingenstans/", "/ingenstans/tips", "/ingenstans/rapport/utan-javascript"])
def test_an_organisation_that_does_not_exist_is_not_found(reader: Reader, address: str) -> None:
    assert reader.get(address).status == 404


@pytest.mark.parametrize("address", EVERY_PAGE)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_no_page_promises_what_nobody_can_keep_or_gives_a_cookie(reader: Reader, prefix: str, address: str) -> None:
    page = reader.get(prefix + address)
    assert page.status == 200
    assert not re.search(r"garanter\w* (?:\w+ )?anonym|guaranteed? (?:\w+ )?anonym|100 ?%", page.html, re.IGNORECASE)
    assert "Set-Cookie" not in page.answer.headers
    assert page.answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", EVERY_PAGE)
def test_every_page_has_one_heading_and_the_way_out(reader: Reader, address: str) -> None:
    page = reader.get(address)
    # Not what a template holds, nor what is hidden until the script shows it in place of the rest.
    visible = re.sub(r"<template.*?</template>|<div [^>]* hidden>.*?</div>", "", page.html, flags=re.DOTALL)
    assert len(re.findall(r"<h1", visible)) == 1
    assert page.ids["exit"]["href"] == "/lamna"
    assert not re.search(r"<(?:svg|style)\b| style=", page.html)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_start_page_is_small(portal: Flask, client: FlaskClient, prefix: str) -> None:
    fetched = _fetched(portal, client, f"{prefix}/bjorkvik/")
    assert len(fetched) <= 3
    assert sum(fetched.values()) <= 14 * KILOBYTE


@pytest.mark.parametrize(
    "address", ["/bjorkvik/tips", "/bjorkvik/rapport", "/en/bjorkvik/tips", "/en/bjorkvik/rapport"]
)
def test_a_form_page_is_small_before_its_script(portal: Flask, client: FlaskClient, address: str) -> None:
    fetched = _fetched(portal, client, address)
    assert set(fetched) == {"html", "public.css", "exit.js", "form.js"}
    assert fetched["html"] + fetched["public.css"] <= 14 * KILOBYTE
    assert fetched["form.js"] <= 56 * KILOBYTE


def test_the_case_pages_script_is_small(portal: Flask, client: FlaskClient) -> None:
    assert _fetched(portal, client, "/arende")["case.js"] <= 56 * KILOBYTE


@pytest.mark.parametrize("address", [page for page in EVERY_PAGE if page.endswith("utan-javascript")])
def test_pages_without_javascript_have_none(reader: Reader, address: str) -> None:
    page = reader.get(address)
    assert "<script" not in page.html
    assert "script-src 'none'" in page.answer.headers["Content-Security-Policy"] or (
        "script-src" not in page.answer.headers["Content-Security-Policy"]
    )


def test_what_an_organisation_is_called_is_text(client: FlaskClient, story: Story) -> None:
    story.drop_guards()
    story.change("UPDATE organisations SET name = :name", name="<b>Byn</b>")
    page = Page(client.get("/bjorkvik/"))
    assert "&lt;b&gt;Byn" in page.html
    assert "<b>Byn" not in page.html
