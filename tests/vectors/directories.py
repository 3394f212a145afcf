"""Vectors of the handler directory: what holds, and what is refused and why.

Signatures of ML-DSA are never the same twice: what `directory.json` has of roots is kept as it was made once.
"""

import json
from datetime import timedelta
from pathlib import Path

from tests.support.directories import (
    EXPIRES,
    HANDLERS,
    ISSUED,
    KARIN,
    NEW_KEYS,
    OLD_KEYS,
    OLOF,
    PETRA,
    make_root,
    make_snapshot,
    sign_root,
    sign_snapshot,
)
from tests.support.sealed_case import DAY, INSTALLATION
from tipportal.envelope.changes import ChangeKind
from tipportal.envelope.directory import Remembered
from tipportal.envelope.roots import Root, fingerprint, parse_signed_root, root_digest
from tipportal.envelope.snapshots import Snapshot, snapshot_digest

ROOT = make_root()
ROTATED = make_root(2, NEW_KEYS, (KARIN, PETRA))
FOREIGN = make_root(installation="f" * 32)
FIRST = make_snapshot(ROOT)
SECOND = make_snapshot(ROOT, 2, FIRST)
OTHER = make_snapshot(ROOT, 2, FIRST, HANDLERS[:2])
THIRD = make_snapshot(ROTATED, 3, SECOND)
ALIEN = make_snapshot(FOREIGN)


def directory_vectors(kept: Path) -> dict[str, object]:
    """Give roots, snapshots, and published directories made of them with what a client finds (null: it holds)."""
    roots = {
        "first": (ROOT, OLD_KEYS[:2]),
        "by one": (ROOT, OLD_KEYS[:1]),
        "by one, twice": (ROOT, (OLD_KEYS[0], OLD_KEYS[0])),
        "rotated": (ROTATED, (OLD_KEYS[0], OLD_KEYS[1], NEW_KEYS[1])),
        "rotated by the old alone": (ROTATED, OLD_KEYS[:2]),
        "rotated by the new alone": (ROTATED, NEW_KEYS[1:]),
        "of another installation": (FOREIGN, OLD_KEYS[:2]),
    }
    snapshots = {
        "first": sign_snapshot(FIRST, KARIN, OLOF),
        "second": sign_snapshot(SECOND, OLOF, KARIN),
        "another second": sign_snapshot(OTHER, OLOF, KARIN),
        "third, of the new root": sign_snapshot(THIRD, KARIN, PETRA),
        "of another installation": sign_snapshot(ALIEN, KARIN, OLOF),
        "by one": sign_snapshot(FIRST, KARIN),
        "by one, twice": sign_snapshot(FIRST, KARIN, KARIN),
        "by somebody who left": sign_snapshot(THIRD, KARIN, OLOF),
        "by somebody not in the root": sign_snapshot(FIRST, KARIN, PETRA),
        "of another kind": sign_snapshot(FIRST, KARIN, OLOF, kind=ChangeKind.REGISTER),
        "of another base": sign_snapshot(FIRST, KARIN, OLOF, base=1),
        "other content": sign_snapshot(FIRST, KARIN, OLOF, payload=snapshot_digest(SECOND)),
        "too long": sign_snapshot(make_snapshot(ROOT, expires=ISSUED + timedelta(days=36)), KARIN, OLOF),
    }
    saw_second = _remembered(ROOT, SECOND)
    cases = [
        _case("holds", ["first"], "first", None),
        _case("holds on its last day", ["first"], "first", None, day=EXPIRES.isoformat()),
        _case("holds after a rotation", ["first", "rotated"], "third, of the new root", None, saw_second),
        _case("seen before", ["first"], "second", None, saw_second),
        _case("stale", ["first"], "first", "directory_stale", day=(EXPIRES + timedelta(days=1)).isoformat()),
        _case("not yet", ["first"], "first", "directory_not_yet", day=(ISSUED - timedelta(days=1)).isoformat()),
        _case("too long", ["first"], "too long", "directory_validity"),
        _case("lower version", ["first"], "first", "directory_rollback", saw_second),
        _case("same version, other content", ["first"], "another second", "directory_forked", saw_second),
        _case("lower root", ["first"], "second", "directory_root_rollback", _remembered(ROTATED, THIRD)),
        _case("another root", ["first"], "first", "directory_forked", {**saw_second, "root_digest": "0" * 64}),
        _case("wrong root", ["first", "rotated"], "second", "directory_wrong_root"),
        _case("root by one", ["by one"], "first", "directory_root_signatures"),
        _case("root by one, twice", ["by one, twice"], "first", "directory_root_signatures"),
        _case("old keys alone", ["first", "rotated by the old alone"], "third, of the new root", _NO_ROOT),
        _case("new keys alone", ["first", "rotated by the new alone"], "third, of the new root", _NO_ROOT),
        _case("without its first root", ["rotated"], "third, of the new root", "directory_root_chain"),
        _case("a root twice", ["first", "first"], "first", "directory_root_chain"),
        _case("another installation", ["of another installation"], "of another installation", _ELSEWHERE),
        _case("snapshot of another installation", ["first"], "of another installation", _ELSEWHERE),
        *(
            _case(name, ["first"], name, "directory_signatures")
            for name in (
                *("by one", "by one, twice", "by somebody not in the root", "of another kind", "of another base"),
                "other content",
            )
        ),
        _case("by somebody who left", ["first", "rotated"], "by somebody who left", "directory_signatures"),
    ]
    before = json.loads(kept.read_text("ascii"))["roots"] if kept.exists() else {}
    return {
        "installation": INSTALLATION.hex(),
        "day": DAY.isoformat(),
        "fingerprints": {"first": list(fingerprint(ROOT)), "rotated": list(fingerprint(ROTATED))},
        "digests": {"first": root_digest(ROOT), "rotated": root_digest(ROTATED), "snapshot": snapshot_digest(FIRST)},
        "roots": {
            name: before[name] if _is(before.get(name), root) else sign_root(root, *keys).to_json()
            for name, (root, keys) in roots.items()
        },
        "snapshots": {name: snapshot.to_json() for name, snapshot in snapshots.items()},
        "cases": cases,
    }


_NO_ROOT = "directory_root_signatures"
_ELSEWHERE = "directory_installation"


def _is(kept: object, root: Root) -> bool:
    return isinstance(kept, dict) and parse_signed_root(kept).root == root


def _remembered(root: Root, snapshot: Snapshot) -> dict[str, object]:
    seen = Remembered(root.version, root_digest(root), snapshot.version, snapshot_digest(snapshot))
    return {
        "root": seen.root,
        "root_digest": seen.root_digest,
        "version": seen.version,
        "digest": seen.digest,
    }


def _case(
    name: str,
    roots: list[str],
    snapshot: str,
    fault: str | None,
    seen: dict[str, object] | None = None,
    *,
    day: str = DAY.isoformat(),
) -> dict[str, object]:
    return {"name": name, "roots": roots, "snapshot": snapshot, "day": day, "remembered": seen, "fault": fault}
