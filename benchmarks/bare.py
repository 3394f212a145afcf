"""The baseline: a bare Flask view with one durable insert of the request's body."""

from __future__ import annotations

import os
import sqlite3
import threading

from flask import Flask, request

_LOCAL = threading.local()


def make() -> Flask:
    """An application with one view and one table, at the same durability as the portal: WAL, synchronous FULL."""
    app = Flask("bare")
    path = os.environ["BARE_DATABASE"]
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS bodies (id INTEGER PRIMARY KEY, body BLOB)")

    def database() -> sqlite3.Connection:
        if not hasattr(_LOCAL, "connection"):
            _LOCAL.connection = sqlite3.connect(path, timeout=30, isolation_level=None)
            _LOCAL.connection.execute("PRAGMA synchronous=FULL")
        connection: sqlite3.Connection = _LOCAL.connection
        return connection

    @app.post("/")
    def keep() -> str:
        connection = database()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bodies (body) VALUES (?)", (request.get_data(),))
        connection.execute("COMMIT")
        return "kept"

    @app.get("/healthz")
    def alive() -> str:
        return "alive"

    return app
