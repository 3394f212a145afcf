"""Who may ask what: the whole table in one file, compared with the application and tried on it.

After a deliberate change: `python -m tests.web.test_route_table > tests/web/routes.txt`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from flask import Flask

from tests.web.conftest import SAME_ORIGIN, account, sign_in
from tipportal.app import create_app
from tipportal.domain.accounts import Role, allows
from tipportal.settings import Settings
from tipportal.web.guard import SIGNED_IN, rule_of
from tipportal.web.services import InstalledStorage

TABLE = Path(__file__).with_name("routes.txt")


def table(app: Flask) -> Iterator[str]:
    """One line for each route: methods, address, permission, what its unsafe requests carry."""
    for route in sorted(app.url_map.iter_rules(), key=lambda route: route.rule):
        rule = rule_of(app, route.endpoint)
        assert rule is not None, route.endpoint
        methods = sorted((route.methods or set()) - {"HEAD", "OPTIONS"})
        token = "" if methods == ["GET"] else f"{rule.kind}:{','.join(rule.forms)}".rstrip(":")
        named = ("keeps_text", "large_body", "takes_files", "takes_part")
        marks = [name.replace("_", "-").removesuffix("-body") for name in named if getattr(rule, name)]
        yield " ".join(filter(None, (",".join(methods), route.rule, rule.permission, token, *marks)))


def test_the_table_is_as_agreed(make_portal: Callable[..., Flask]) -> None:
    assert TABLE.read_text().splitlines() == list(table(make_portal()))


def test_each_face_has_only_its_own_routes(make_portal: Callable[..., Flask]) -> None:
    public = list(table(make_portal(faces=("public",))))
    handler = list(table(make_portal(faces=("handler",))))
    shared = set(public) & set(handler)
    assert not [line for line in public if "/handlaggare" in line]
    assert all("/handlaggare/" in line or line == "GET / public" for line in set(handler) - shared)
    answer = make_portal(faces=("handler",)).test_client().get("/en/")
    assert (answer.status_code, answer.location) == (303, "/en/handlaggare/")
    assert sorted(set(public) | set(handler)) == sorted(TABLE.read_text().splitlines())


def test_who_lacks_the_permission_is_refused_on_every_route(make_portal: Callable[..., Flask]) -> None:
    tried = 0
    for role in (None, *Role):
        app = make_portal()
        sign_in(app, None if role is None else account(role))
        client = app.test_client()
        for route in app.url_map.iter_rules():
            rule = rule_of(app, route.endpoint)
            assert rule is not None
            if rule.permission not in SIGNED_IN or (role is not None and allows(role, rule.permission)):
                continue
            for method in (route.methods or set()) - {"HEAD", "OPTIONS"}:
                address = re.sub(r"<[^>]+>", "ABC-DEF-GHJ", route.rule)
                kind = "application/octet-stream" if rule.takes_part else None
                answer = client.open(address, method=method, headers=SAME_ORIGIN, content_type=kind)
                page = method == "GET" and "/api/" not in address
                assert answer.status_code == (403 if role else 303 if page else 401), (role, method, address)
                tried += 1
    assert tried > 30


if __name__ == "__main__":
    described = Settings(Path(), "", ("public", "handler"), bytes(32), "http://localhost", "http://localhost")
    # Nothing here opens the storage: the table is read from the routes alone.
    sys.stdout.writelines(f"{line}\n" for line in table(create_app(described, cast("InstalledStorage", None))))
