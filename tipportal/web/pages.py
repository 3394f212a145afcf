"""The pages that belong to neither face: quick exit, health, robots, icon and the built files."""

from __future__ import annotations

import os
import struct
import zlib
from functools import cache

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from tipportal.domain.accounts import Permission

from .compression import accepts_gzip
from .errors import log_unexpected
from .guard import requires
from .services import HANDLER_PREFIX, services

blueprint = Blueprint("web", __name__)
ICON_SIDE = 32
ICON_COLOUR = (0x0B, 0x4F, 0x5C)


@blueprint.get("/static/<file>")
@requires(Permission.PUBLIC)
def static(file: str) -> Response:
    """A built file, under a name that changes with its content and may therefore be kept for ever."""
    asset = services().assets.by_file(file)
    if asset is None:
        raise NotFound
    small = accepts_gzip()
    answer = Response(asset.compressed if small else asset.body, content_type=asset.media_type)
    if small:
        answer.content_encoding = "gzip"
    answer.vary.add("Accept-Encoding")
    # The same for everybody: also for the handlers' viewer, whose frame has no origin of its own.
    answer.access_control_allow_origin = "*"
    answer.cache_control.public = True
    answer.cache_control.max_age = 365 * 24 * 3600
    answer.cache_control.immutable = True
    return answer


@blueprint.get("/lamna")
@requires(Permission.PUBLIC)
def leave() -> ResponseReturnValue:
    """Quick exit: forget what this site keeps in the browser, then a page that says nothing about why one was here.

    It cannot erase the browser's history, and no text says so.
    """
    answer = redirect(url_for("web.left"), 303)
    answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return answer


@blueprint.get("/lamna/klar")
@requires(Permission.PUBLIC)
def left() -> ResponseReturnValue:
    """The neutral page after a quick exit."""
    return render_template("left.html")


@requires(Permission.PUBLIC)
def front_door() -> ResponseReturnValue:
    """The root of a host that has the handler face alone; with the public face, its start page stands there."""
    return redirect(f"{request.script_root}{HANDLER_PREFIX}/", 303)


@blueprint.get("/healthz")
@requires(Permission.PUBLIC)
def healthz() -> ResponseReturnValue:
    """The process is alive."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/readyz")
@requires(Permission.PUBLIC)
def readyz() -> ResponseReturnValue:
    """The process can do its work: the database is migrated, files can be written, the installation is founded."""
    storage = services().storage
    try:
        ready = storage.is_current() and os.access(services().settings.data_dir, os.W_OK)
        if ready:
            with storage.read() as work:
                ready = work.installation_id() is not None
    except Exception as error:  # noqa: BLE001 - whatever the database raises, the answer is "not ready"
        log_unexpected(error)
        ready = False
    body, status = ("ready\n", 200) if ready else ("not ready\n", 503)
    return Response(body, status, content_type="text/plain; charset=utf-8")


@blueprint.get("/robots.txt")
@requires(Permission.PUBLIC)
def robots() -> ResponseReturnValue:
    """Robots are asked to stay away."""
    return Response("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/favicon.ico")
@requires(Permission.PUBLIC)
def favicon() -> ResponseReturnValue:
    """A plain square: in a row of tabs it says nothing about what the page is."""
    answer = Response(_icon(), content_type="image/png")
    answer.cache_control.public = True
    answer.cache_control.max_age = 7 * 24 * 3600
    return answer


@cache
def _icon() -> bytes:
    row = b"\0" + bytes(ICON_COLOUR) * ICON_SIDE
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", ICON_SIDE, ICON_SIDE, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(row * ICON_SIDE, 9)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
