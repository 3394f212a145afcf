"""The handler face: what handlers, administrators and auditors work in."""

from __future__ import annotations

from flask import Blueprint

# Below one prefix also at its own host: the addresses in docs/protocol.md are the same everywhere.
blueprint = Blueprint("handler", __name__, url_prefix="/handlaggare", template_folder="templates")
