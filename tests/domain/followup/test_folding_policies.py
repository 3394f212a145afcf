"""Entries of policies, proofs, register and trustees are read strictly, and what they do not say is not known."""

from __future__ import annotations

from datetime import date

import pytest

from tests.support.folded import ORGANISATION, body, folded
from tipportal.domain.followup.facts import Folded, PolicyChange, RegisterChange
from tipportal.domain.followup.folding import BadEntry
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.domain.handlinglog import Json
from tipportal.domain.independence.findings import How
from tipportal.domain.independence.listing import Lack, ListedPlace, Out, Party
from tipportal.domain.listed import Listed
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.changed import Changed, Since, What
from tipportal.domain.routing import SubjectRole

DAY = date(2026, 5, 1)
PLACE = ListedPlace(
    Lack.ONE_MORE, Channel.REPORT, "town", ("main",),
    (Out(How.CONCERNED, Party.UNIT, "town"), Out(How.INTERNALS, Party.INTERNALS, "")),
    area="inkop", role=SubjectRole.MANAGER, people=3, number=2,
)  # fmt: skip
BARE = ListedPlace(Lack.PANEL, Channel.TIP, "town", ("main",), (Out(How.OUT, Party.PERSON, "town"),))
LINES = (
    Changed(What.MEMBERS_ADDED, ("function:main",), 2),
    Changed(What.PANEL_SIZE, ("channel:tip", "function:main"), more=3, sizes=(2, 3)),
    Changed(What.RULES_ORDERED),
)
PROOF: dict[str, Json] = {
    "register": 4, "counterexamples": 0, "weak_places": 5, "firm_alone": 1, "dependence": {"main": 2},
}  # fmt: skip
POLICY: dict[str, Json] = {
    "version": 7,
    "document": "00",
    "organisations": ["town", "school"],
    "operations": 0,
    "decision": "KS 1",
}


def _taken(kind: E, facts: dict[str, Json]) -> Folded:
    return folded([body(kind, "2026-05-01T12:00:00Z", facts, case=None)])


def test_listed_places_come_back_as_they_were_written() -> None:
    listed = Listed((PLACE, BARE), {"one_more": 2})

    (held,) = _taken(E.PROOF_HELD, {**PROOF, "places": listed.to_json()}).proofs

    assert (held.organisation, held.on, held.places) == (ORGANISATION, DAY, listed)


def test_changes_come_back_as_they_were_written() -> None:
    told = Since(6, ("town",), Listed(LINES, {"rules_added": 9})), Since(None, ("school",), Listed())

    found = _taken(E.POLICY_ACTIVATED, {**POLICY, "changed": [each.to_json() for each in told]})

    assert found.policies == [(DAY, "town", 7), (DAY, "school", 7)]
    assert found.policy_changes == [PolicyChange(DAY, 7, each.organisations, each.since, each.changes) for each in told]


def test_register_says_kinds_also_where_it_came_with_a_policy() -> None:
    kinds = {"designate": 2, "end_designation": 1}
    alone = _taken(E.REGISTER_CHANGED, {"operations": 3, "version": 4, "decision": None, "kinds": kinds})
    together = _taken(E.POLICY_ACTIVATED, {**POLICY, "operations": 3, "kinds": kinds})

    assert alone.register_changes == together.register_changes == [RegisterChange(DAY, 3, kinds)]
    assert _taken(E.POLICY_ACTIVATED, {**POLICY, "kinds": {}}).register_changes == []


def test_trustees_are_counted() -> None:
    facts: dict[str, Json] = {"set": 2, "threshold": 2, "trustees": ["a", "b", "c"], "verification_keys": []}

    assert _taken(E.TRUSTEES_CHANGED, facts).trustees == [(DAY, 2, 3)]


def test_entries_from_before_still_fold_and_what_they_did_not_say_is_not_known() -> None:
    (held,) = _taken(E.PROOF_HELD, PROOF).proofs
    (changed,) = _taken(E.POLICY_ACTIVATED, POLICY).policy_changes
    (register,) = _taken(E.REGISTER_CHANGED, {"operations": 3, "version": 4, "decision": None}).register_changes

    assert (held.weak_places, held.places) == (5, None)
    assert (changed.organisations, changed.changes) == (("town", "school"), None)
    assert (register.operations, register.kinds) == (3, None)


def _place(**others: Json) -> dict[str, Json]:
    return {**PROOF, "places": {"lines": [{**PLACE.to_json(), **others}], "rest": {}}}


def _change(**others: Json) -> dict[str, Json]:
    line = {**LINES[1].to_json(), **others}
    return {**POLICY, "changed": [{"since": 6, "organisations": ["town"], "lines": [line], "rest": {}}]}


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (E.PROOF_HELD, {**PROOF, "places": []}, "places is no table"),
        (E.PROOF_HELD, {**PROOF, "places": {"lines": [], "rest": {"many": 1}}}, "rest has 'many'"),
        (E.PROOF_HELD, {**PROOF, "places": {"lines": [3], "rest": {}}}, "lines has what is no table"),
        (E.PROOF_HELD, {**PROOF, "places": {"rest": {}}}, "lines is no list"),
        (E.PROOF_HELD, _place(what="weak"), "what is 'weak'"),
        (E.PROOF_HELD, _place(out=["concerned:unit"]), "out has 'concerned:unit'"),
        (E.PROOF_HELD, _place(out=["asleep:unit:town"]), "out has 'asleep:unit:town'"),
        (E.PROOF_LAPSED, _place(people=-1), "people"),
        (E.POLICY_ACTIVATED, {**POLICY, "organisations": "town"}, "organisations is no list"),
        (E.POLICY_ACTIVATED, {**POLICY, "organisations": [1]}, "organisations has what is no text"),
        (E.POLICY_ACTIVATED, {**POLICY, "changed": {}}, "changed is no list"),
        (E.POLICY_ACTIVATED, _change(what="mood"), "what is 'mood'"),
        (E.POLICY_ACTIVATED, _change(sizes=[2]), "sizes"),
        (E.POLICY_ACTIVATED, _change(sizes=[2, True]), "sizes"),
        (E.REGISTER_CHANGED, {"operations": 1, "kinds": {"designate": "two"}}, "kinds"),
    ],
)  # fmt: skip
def test_what_no_entry_of_its_kind_can_say_is_named(kind: E, facts: dict[str, Json], said: str) -> None:
    with pytest.raises(BadEntry) as caught:
        _taken(kind, facts)

    assert (caught.value.index, caught.value.kind) == (0, kind)
    assert said in caught.value.what
