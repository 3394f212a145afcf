"""The baseline: a bare Flask view that streams a request's body to a file."""

from __future__ import annotations

import itertools
import os
import shutil
from pathlib import Path

from flask import Flask, request

READ_SIZE = 64 * 1024


def make() -> Flask:
    """An application with one view. Nothing is checked, and nothing is made durable unless the address asks for it."""
    app = Flask("streaming")
    path = Path(os.environ["BARE_FILE"])
    numbers = itertools.count()

    @app.post("/")
    def keep() -> str:
        # A new file each time: a file system may make a file durable whose content is replaced.
        new = path.with_suffix(f".{next(numbers)}")
        with new.open("wb") as file:
            shutil.copyfileobj(request.stream, file, READ_SIZE)
            if "durable" in request.args:
                file.flush()
                os.fsync(file.fileno())
        return "kept"

    @app.get("/healthz")
    def alive() -> str:
        return "alive"

    return app
