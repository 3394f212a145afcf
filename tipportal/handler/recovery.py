"""Trustees: their ceremony, drills and the recovery of one case. What is typed from paper never leaves the page."""

from __future__ import annotations

import json
import re

from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.errors import NotFound
from tipportal.domain.texts import N_
from tipportal.usecases import recovering, surveying, trustees
from tipportal.usecases.epochs import NewEpoch
from tipportal.usecases.recovering import OlderGrant, Recovered
from tipportal.usecases.trustees import Share
from tipportal.web.guard import requires
from tipportal.web.json_body import Members, body
from tipportal.web.sealed_json import keys_json, offered_grant, sealed_file
from tipportal.web.services import context

from . import blueprint, sessions
from .answers_members import new_member

MOST_SHARES = 2000
MOST_TRUSTEES = 20
LEAST_PLACES = 3
_NUMBER = re.compile(r"[0-9]{1,3}", re.ASCII)


@blueprint.get("/administration/nyckelforvaltare")
@requires(Permission.ADMINISTER)
def administration_trustees() -> ResponseReturnValue:
    """How trustees stand; the ceremony; the drill; recoveries that wait."""
    stands = recovering.progress(context(), sessions.me())
    return render_template(
        "handler/recovery/trustees.html",
        stands=stands,
        waiting=trustees_json(stands),
        survey=surveying.survey(context()),
        places=_places(),
        most=MOST_TRUSTEES,
    )


def _places() -> int:
    """How many trustees the form has room for: as many as the address asks for, at least three."""
    asked = request.args.get("antal", "")
    return min(max(int(asked) if _NUMBER.fullmatch(asked) else 0, LEAST_PLACES), MOST_TRUSTEES)


@blueprint.get("/administration/aterstallning/<recovery_id>")
@requires(Permission.ADMINISTER)
def administration_recovery(recovery_id: str) -> ResponseReturnValue:
    """The page where trustees type their papers and one case gets a new panel."""
    found = recovering.bundle(context(), recovery_id, sessions.me())
    return render_template("handler/recovery/recovery.html", found=found, done=url_for(".administration_trustees"))


@blueprint.post("/api/recoveries/<recovery_id>")
@requires(Permission.ADMINISTER)
def recovery_bundle(recovery_id: str) -> ResponseReturnValue:
    """Everything sealed of the case that two have agreed to recover."""
    body().done()
    found = recovering.bundle(context(), recovery_id, sessions.me())
    answer = recovering.bundle_json(found)
    return jsonify({**answer, "date": context().today().isoformat()})


@blueprint.post("/api/recoveries/<recovery_id>/panel")
@requires(Permission.ADMINISTER)
def recovery_panel(recovery_id: str) -> ResponseReturnValue:
    """Draw the new panel by the case's own facts."""
    read = body()
    area, role, concerns = _facts(read)
    read.done()
    panel = recovering.new_panel(context(), recovery_id, sessions.me(), area=area, subject_role=role, concerns=concerns)
    return jsonify(members=[new_member(one) for one in panel])


@blueprint.post("/api/recoveries/<recovery_id>/epoch")
@requires(Permission.ADMINISTER, large_body=True)
def recover_case(recovery_id: str) -> ResponseReturnValue:
    """Keep the epoch that the trustees have made."""
    read = body()
    area, role, concerns = _facts(read)
    number, work, dialogue = read.integer("epoch"), read.b64("work"), read.b64("dialogue")
    records = tuple(sealed_file(one) for one in read.objects("records", most=2))
    grants = tuple(offered_grant(one) for one in read.objects("grants", most=MOST_SHARES))
    signatures = tuple(_signature(one, "member") for one in read.objects("signatures", most=MOST_TRUSTEES))
    older = tuple(_older(one) for one in read.objects("older", most=MOST_SHARES))
    read.done()
    epoch = recovering.recover(
        context(),
        sessions.me(),
        recovery_id,
        Recovered(
            area,
            role,
            tuple(concerns),
            NewEpoch(number, work, dialogue, records, grants),
            signatures,
            older,
        ),
    )
    return jsonify(epoch=epoch), 201


@blueprint.post("/api/drill")
@requires(Permission.ADMINISTER)
def drill_keys() -> ResponseReturnValue:
    """Whom a drill is with: the trustees in force, with their public keys."""
    body().done()
    with context().storage.read() as uow:
        current, installation = uow.trustees.current(), uow.installation_id()
    if current is None or installation is None:
        raise NotFound(N_("Det finns inga nyckelförvaltare ännu."))
    return jsonify(
        set=current.version,
        installation=installation.hex(),
        threshold=current.threshold,
        trustees=[
            {
                "id": each.id,
                "name": each.name,
                **keys_json(each),
            }
            for each in current.trustees
        ],
    )


@blueprint.post("/api/drill/done")
@requires(Permission.ADMINISTER)
def drill_done() -> ResponseReturnValue:
    """Keep that trustees have opened a drill secret together."""
    read = body()
    secret, nonce = read.hex("secret", 32).hex(), read.hex("nonce", 16).hex()
    signatures = dict(_signature(one, "trustee") for one in read.objects("signatures", most=MOST_TRUSTEES))
    read.done()
    drill = recovering.drill_done(context(), sessions.me(), secret=secret, nonce=nonce, signatures=signatures)
    return jsonify(drill=drill.id, date=drill.done_on.isoformat()), 201


@blueprint.post("/api/cases/<reference>/shares/wanted")
@requires(Permission.HANDLE)
def shares_wanted(reference: str) -> ResponseReturnValue:
    """Whom the case's keys are to be split between anew; nobody where nothing is to be done."""
    body().done()
    wanted = trustees.wanted_of(context(), sessions.me(), reference)
    return jsonify(
        threshold=0 if wanted is None else wanted.threshold,
        trustees=[]
        if wanted is None
        else [
            {
                "id": one.member,
                **keys_json(one.trustee),
            }
            for one in wanted.named
        ],
    )


@blueprint.post("/api/cases/<reference>/shares")
@requires(Permission.HANDLE, large_body=True)
def split_shares_anew(reference: str) -> ResponseReturnValue:
    """Keep new shares of all of the case's keys, for the trustees in force."""
    read = body()
    shares = [_share(one) for one in read.objects("shares", most=MOST_SHARES)]
    read.done()
    trustees.split_anew(context(), sessions.me(), reference, shares)
    return jsonify(shares=len(shares))


def trustees_json(stands: recovering.Progress) -> str:
    """The set that waits for its ceremony, for the page's script."""
    newest = stands.newest
    waits = newest is not None and newest.acknowledged_on is None
    return json.dumps(
        {"set": newest.version, "trustees": [each.id for each in newest.trustees]} if waits and newest else None
    )


def _facts(read: Members) -> tuple[str, str, list[str]]:
    facts = read.object("facts")
    area, role = facts.text("area", 64), facts.text("subject_role", 64)
    concerns = facts.texts("concerns", most=200, longest=100)
    facts.done()
    return area, role, concerns


def _signature(read: Members, name: str) -> tuple[str, bytes]:
    who, signature = read.text(name, 32), read.b64("signature", 64)
    read.done()
    return who, signature


def _older(read: Members) -> OlderGrant:
    grant = OlderGrant(read.integer("epoch"), read.text("holder", 16), read.b64("file"))
    read.done()
    return grant


def _share(read: Members) -> Share:
    share = Share(read.integer("epoch"), read.text("holder", 16), read.b64("file"))
    read.done()
    return share
