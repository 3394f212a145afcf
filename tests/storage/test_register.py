from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from tests.storage import samples
from tipportal.domain.accounts import AccountState, Role
from tipportal.domain.errors import Conflict, NotFound
from tipportal.domain.independence.kept import KeptProof
from tipportal.domain.organisations import (
    Absence,
    DeclaredConflict,
    Firm,
    Function,
    Organisation,
    OrganisationKind,
    Person,
    SharingAgreement,
    SharingBasis,
    Unit,
)
from tipportal.domain.policies import register as snapshots
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.policies.policy import PolicyInForce
from tipportal.domain.ports import UnitOfWork
from tipportal.storage import Database, StorageFault

A_DAY = timedelta(days=1)


def test_the_register_is_read_back(town: Database) -> None:
    other = Organisation("o2", "bolaget", "Bolaget AB", OrganisationKind.COMPANY, listed=False)
    with town.write() as uow:
        uow.register.add_organisation(other)
        uow.register.add_unit(Unit("u9", "o2", "Byrån", external=True))
        uow.register.add_function(Function("f9", "o2", "Tipsfunktionen"))
    with town.read() as uow:
        register = uow.register
        assert register.organisations() == [other, samples.ORGANISATION]
        assert register.organisation("bolaget") == register.organisation_by_id("o2") == other
        assert register.organisation("finns-inte") is register.organisation_by_id("?") is None
        assert register.unit("u9") == Unit("u9", "o2", "Byrån", external=True)
        assert register.unit("?") is None
        assert [unit.id for unit in register.units("o1")] == ["u2", "u1"]
        assert register.function("f9") == Function("f9", "o2", "Tipsfunktionen")
        assert register.function("?") is None
        assert [function.id for function in register.functions()] == ["f9", "f1"]
        assert [function.id for function in register.functions("o1")] == ["f1"]
        assert register.designations("f1") == [samples.designation("anna"), samples.designation("bo", "u2"),
                                               samples.designation("cilla")]  # fmt: skip


def test_the_newest_policy_counts(town: Database) -> None:
    with town.write() as uow:
        register = uow.register
        assert register.policy("o1") == PolicyInForce(0, samples.policy())
        assert register.policy("o2") is None
        register.add_organisation(Organisation("o2", "bolaget", "Bolaget", OrganisationKind.COMPANY, listed=False))
        assert register.add_policy(samples.policy(ladder=(("f1",), ("f1",))), 1) == 1
        assert register.add_policy(samples.policy(organisations=("o2",)), 2) == 0
        both = samples.policy(organisations=("o2", "o1"))
        # One number for all that it covers, above what any of them had.
        assert register.add_policy(both, 3) == 2
        assert register.policy("o1") == register.policy("o2") == PolicyInForce(2, both)
        assert register.policies() == [PolicyInForce(2, both)]
        assert register.add_policy(samples.policy(organisations=("o2",)), 4) == 3
        assert [found.version for found in register.policies()] == [2, 3]


def test_names_are_taken_once(town: Database) -> None:
    with town.write() as uow:
        with pytest.raises(Conflict) as taken:
            uow.register.add_organisation(dataclasses.replace(samples.ORGANISATION, id="o2"))
        assert taken.value.field == "slug"
        with pytest.raises(Conflict):
            uow.register.add_organisation(dataclasses.replace(samples.ORGANISATION, slug="annan"))
        with pytest.raises(Conflict):
            uow.register.add_unit(Unit("u1", "o1", "Igen", external=False))
        with pytest.raises(Conflict):
            uow.register.add_function(Function("f1", "o1", "Igen"))
        with pytest.raises(Conflict):
            uow.register.add_designation(samples.designation("anna"))
        with pytest.raises(StorageFault):
            uow.register.add_unit(Unit("u3", "ingen", "Utan organisation", external=False))


def test_the_ready_are_active_handlers_with_keys(town: Database) -> None:
    with town.write() as uow:
        for account in (
            dataclasses.replace(samples.account("utan-nyckel"), recipient=None),
            dataclasses.replace(samples.account("utan-signatur"), verification_key=None),
            dataclasses.replace(samples.account("avstängd"), state=AccountState.SUSPENDED),
            dataclasses.replace(samples.account("administratör"), role=Role.ADMINISTRATOR),
        ):
            uow.accounts.add(account)
        people = uow.register.snapshot().people
        keys = uow.register.handler_keys([person.id for person in people])
    assert {person.id: person.ready for person in people} == {
        "anna": True, "bo": True, "cilla": True, "utan-nyckel": False, "utan-signatur": False, "avstängd": False,
        # Works somewhere, so that what concerns them can be hidden from them; but nothing is sealed to them.
        "administratör": False,
    }  # fmt: skip
    assert [each.account_id for each in keys] == ["anna", "bo", "cilla"]
    assert {len(each.recipient) for each in keys} == {1216}
    assert {len(each.verification_key) for each in keys} == {32}


PERSON = Person("p1", "o1", "Förtroendevald", "u1", elected=True)
UNIT = Unit("u3", "o1", "Skolan", external=False, parent_id="u1", head_id="p1")
FIRM = Firm("o9", "f1", ("p1", "anna"), ("o1",))
ABSENCE = Absence("a1", "o1", "anna", samples.DAY, samples.DAY + A_DAY)
DECLARED = DeclaredConflict("c1", "o1", "anna", "unit:u2", samples.DAY)
AGREEMENT = SharingAgreement("s1", "o1", "f1", SharingBasis.CH5_S4, "KS 2026/9", samples.DAY, samples.DAY)


def _everything(uow: UnitOfWork) -> None:
    register = uow.register
    firm = dataclasses.replace(samples.ORGANISATION, id="o9", slug="byran", kind=OrganisationKind.EXTERNAL)
    register.add_organisation(firm)
    register.add_unit(UNIT)
    register.add_person(PERSON)
    register.add_firm(FIRM)
    register.add_absence(ABSENCE)
    register.add_conflict(DECLARED)
    register.add_sharing_agreement(AGREEMENT)


def test_the_whole_register_is_read_back_and_in_the_snapshot(town: Database) -> None:
    with town.write() as uow:
        _everything(uow)
    with town.read() as uow:
        register = uow.register
        assert register.person("p1") == PERSON
        assert register.people("o1") == register.people() == [PERSON]
        assert register.unit("u3") == UNIT
        assert register.firm("o9") == FIRM
        assert register.firms() == [FIRM]
        assert register.absence("a1") == ABSENCE
        assert register.absences("anna") == register.absences() == [ABSENCE]
        assert register.absences("bo") == []
        assert register.conflict("c1") == DECLARED
        assert register.conflicts("anna") == register.conflicts() == [DECLARED]
        assert register.sharing_agreement("s1") == AGREEMENT
        assert register.sharing_agreements("o1") == register.sharing_agreements() == [AGREEMENT]
        assert register.designation("d-bo") == samples.designation("bo", "u2")
        assert len(register.designations()) == 3
        snapshot = register.snapshot()
    assert [each.id for each in snapshot.organisations] == ["o1", "o9"]
    assert snapshot.units[2] == snapshots.RegisteredUnit("u3", "Skolan", "o1", "u1", "p1")
    assert [person.id for person in snapshot.people] == ["anna", "bo", "cilla", "p1"]
    assert snapshot.people[3].elected
    assert snapshot.absences == (snapshots.Absence("anna", samples.DAY, samples.DAY + A_DAY),)
    assert snapshot.conflicts == (snapshots.DeclaredConflict("anna", ("unit:u2",)),)
    assert snapshot.firms == (snapshots.Firm("o9", "f1", ("p1", "anna"), ("o1",)),)
    assert [each.basis for each in snapshot.sharings] == [SharingBasis.CH5_S4]
    assert [(each.person, each.rank) for each in snapshot.designations] == [("anna", 0), ("bo", 0), ("cilla", 0)]


def test_what_has_ended_stays_and_leaves_the_snapshot(town: Database) -> None:
    with town.write() as uow:
        _everything(uow)
        uow.register.change_unit(dataclasses.replace(UNIT, ended_on=samples.DAY))
        uow.register.change_person(dataclasses.replace(PERSON, ended_on=samples.DAY))
        uow.register.change_firm(dataclasses.replace(FIRM, ended_on=samples.DAY))
        uow.register.change_conflict(dataclasses.replace(DECLARED, ended_on=samples.DAY))
        uow.register.change_absence(dataclasses.replace(ABSENCE, last=samples.DAY))
        uow.register.change_function(Function("f1", "o1", "Nytt namn"))
        uow.register.change_designation(samples.designation("bo", "u2", valid_to=samples.DAY))
        uow.register.change_sharing_agreement(dataclasses.replace(AGREEMENT, valid_to=samples.DAY))
        uow.register.change_organisation(dataclasses.replace(samples.ORGANISATION, name="Nystad", part_of="o9"))
        snapshot = uow.register.snapshot()
        assert uow.register.person("p1") == dataclasses.replace(PERSON, ended_on=samples.DAY)
        function, sharing = uow.register.function("f1"), uow.register.sharing_agreement("s1")
    assert (function and function.name, sharing and sharing.valid_to) == ("Nytt namn", samples.DAY)
    assert [unit.id for unit in snapshot.units] == ["u1", "u2"]
    assert [person.id for person in snapshot.people] == ["anna", "bo", "cilla"]
    assert (snapshot.firms, snapshot.conflicts) == ((), ())
    assert snapshot.absences[0].last == samples.DAY
    assert [each.valid_to for each in snapshot.designations] == [None, samples.DAY, None]
    assert snapshot.organisations[0].part_of == "o9"


def test_what_is_not_there_cannot_be_changed(town: Database) -> None:
    with town.write() as uow:
        with pytest.raises(NotFound):
            uow.register.change_unit(dataclasses.replace(UNIT, id="?"))
        with pytest.raises(NotFound):
            uow.register.change_person(PERSON)
        with pytest.raises(NotFound):
            uow.register.change_firm(FIRM)
        assert not uow.register.is_changed
        with pytest.raises(StorageFault, match="in_order"):
            uow.register.add_absence(dataclasses.replace(ABSENCE, last=samples.DAY - A_DAY))


def test_every_change_that_a_draw_depends_on_raises_the_version(database: Database) -> None:
    with database.write() as uow:
        uow.found(b"0123456789abcdef", samples.NOW)
    samples.settle_in(database)
    with database.write() as uow:
        before = uow.register.version()
        assert not uow.register.is_changed
        _everything(uow)
        assert uow.register.version() == before + 7
        assert uow.register.is_changed
        uow.accounts.add(samples.account("ny"))
        assert uow.register.version() == before + 8
        uow.register.add_policy(samples.policy(), samples.NOW)
        assert uow.register.version() == before + 9
    with database.read() as uow:
        assert uow.register.version() == before + 9


def test_designations_that_run_out_are_known_before(town: Database) -> None:
    with town.write() as uow:
        for name, day in (("anna", 30), ("bo", 0), ("cilla", 31)):
            ending = samples.designation(name, valid_to=samples.DAY + day * A_DAY)
            uow.register.change_designation(ending)
        found = uow.register.expiring(samples.DAY, 30)
        assert [each.account_id for each in found] == ["bo", "anna"]
        assert uow.register.expiring(samples.DAY + A_DAY, 28) == []


def test_what_a_proof_found_is_kept_in_place_of_the_one_before(town: Database) -> None:
    inner = Sentence("%(count)d personer", {"count": 2})
    lapsed = KeptProof(
        "o1", 3, 17, samples.DAY, holds=False,
        reasons=((Sentence("Kvar är %(names)s.", {"names": "Anna"}), Sentence("Ingen är kvar.")),),
        weak_places=((Sentence("Lägg till %(what)s.", {"what": inner}),),),
        firm_alone=2,
        dependence=(Sentence("%(name)s", {"name": "Funktionen"}),),
        figures={"f": 2},
        places={"lines": [{"what": "panel", "to": ["f"]}], "rest": {"panel": 1}},
    )  # fmt: skip
    with town.write() as uow:
        assert uow.register.proof("o1") is None
        uow.register.keep_proof(KeptProof("o1", 2, 16, samples.DAY, holds=True))
        uow.register.keep_proof(lapsed)
    with town.read() as uow:
        assert uow.register.proof("o1") == lapsed


def test_a_designation_ends_after_it_begins(town: Database) -> None:
    with town.write() as uow, pytest.raises(StorageFault, match="valid_in_order"):
        uow.register.add_designation(samples.designation("anna", id="x", valid_to=samples.DAY - A_DAY))


def test_an_installation_is_founded_once(database: Database) -> None:
    with database.write() as uow:
        assert uow.installation_id() is None
        uow.found(b"0123456789abcdef", samples.NOW)
        with pytest.raises(Conflict):
            uow.found(b"fedcba9876543210", samples.NOW)  # pragma: allowlist secret
    with database.read() as uow:
        assert uow.installation_id() == b"0123456789abcdef"


def test_an_installation_id_has_16_bytes(database: Database) -> None:
    with database.write() as uow, pytest.raises(StorageFault, match="installation_id_16"):
        uow.found(b"short", samples.NOW)
