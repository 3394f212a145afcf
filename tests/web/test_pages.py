from __future__ import annotations

import gzip
import struct
import zlib

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tipportal.storage.database import Database
from tipportal.web.assets import Assets, AssetsMissing
from tipportal.web.services import services_of

GZIP = {"Accept-Encoding": "gzip"}


def test_quick_exit_forgets_and_ends_on_a_page_that_tells_nothing(client: FlaskClient) -> None:
    answer = client.get("/en/lamna")
    assert (answer.status_code, answer.location) == (303, "/en/lamna/klar")
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    page = client.get("/en/lamna/klar").text
    for word in ("tipportal", "<link", "<script", "href"):
        assert word not in page


def test_ready_only_with_a_migrated_and_founded_installation(
    client: FlaskClient, portal: Flask, storage: Database
) -> None:
    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 503)
    with storage.write() as work:
        work.found(bytes(16), 0)
    assert client.get("/readyz").status_code == 200
    # A folder that cannot be written to is found before a source finds it.
    data_dir = services_of(portal).settings.data_dir
    data_dir.rename(data_dir.with_name("away"))
    assert client.get("/readyz").status_code == 503


def test_the_icon_is_a_real_picture(client: FlaskClient) -> None:
    icon = client.get("/favicon.ico").data
    assert icon[:8] == b"\x89PNG\r\n\x1a\n"
    place, kinds = 8, []
    while place < len(icon):
        size, kind = struct.unpack(">I4s", icon[place : place + 8])
        body = icon[place + 8 : place + 8 + size]
        (check,) = struct.unpack(">I", icon[place + 8 + size : place + 12 + size])
        assert zlib.crc32(kind + body) == check
        kinds.append(kind)
        if kind == b"IDAT":
            assert len(zlib.decompress(body)) == 32 * (1 + 3 * 32)
        place += 12 + size
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]


def test_robots_are_asked_to_stay_away(client: FlaskClient) -> None:
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /\n"


def test_open_pages_are_compressed_for_whoever_takes_it(client: FlaskClient) -> None:
    plain = client.get("/probe/long")
    small = client.get("/probe/long", headers=GZIP)
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert int(small.headers["Content-Length"]) == len(small.data)
    for answer in (plain, small):
        assert answer.headers["Vary"] == "Accept-Encoding"
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in client.get("/probe/long", headers={"Accept-Encoding": "gzip;q=0"}).headers
    head = client.head("/probe/long", headers=GZIP)
    assert (head.data, head.headers["Content-Length"]) == (b"", small.headers["Content-Length"])


@pytest.mark.parametrize("address", ["/handlaggare/probe/desk", "/finns/inte/alls", "/lamna/klar", "/probe/sender"])
def test_closed_and_small_answers_are_not_compressed(client: FlaskClient, address: str) -> None:
    answer = client.get(address, headers=GZIP)
    assert ("Content-Encoding" in answer.headers) == (address == "/probe/sender" and len(answer.data) > 500)


def test_a_portal_without_its_built_files_does_not_start(tmp_path: object) -> None:
    from pathlib import Path  # noqa: PLC0415 - the fixture's type

    folder = Path(str(tmp_path))
    with pytest.raises(AssetsMissing, match="make build"):
        Assets.load(folder)
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(AssetsMissing, match=r"public\.css"):
        Assets.load(folder)


def test_built_files_are_what_their_integrity_says(portal: Flask) -> None:
    import base64  # noqa: PLC0415 - only here
    import hashlib  # noqa: PLC0415 - only here

    assets = services_of(portal).assets
    for name in ("public.css", "handler.css", "followup.css", "exit.js"):
        with portal.test_request_context("/en/x"):
            made = assets.script(name) if name.endswith("js") else assets.stylesheet(name)
        file = made.split("/static/")[1].split('"')[0]
        asset = assets.by_file(file)
        assert asset is not None
        digest = base64.b64encode(hashlib.sha384(asset.body).digest()).decode()
        assert f'integrity="sha384-{digest}" crossorigin="anonymous"' in made
        assert gzip.decompress(asset.compressed) == asset.body


def test_shell_and_style_leave_room_for_the_page(portal: Flask, client: FlaskClient) -> None:
    """Promise of 07: a public page with its style is at most 14 kB compressed. Half of it is the pages' own."""
    assets = services_of(portal).assets
    page = client.get("/finns/inte/alls").data
    files = [assets._by_name[name] for name in ("public.css", "exit.js")]  # noqa: SLF001 - sizes only
    assert len(gzip.compress(page)) + sum(len(asset.compressed) for asset in files) < 10_500
