from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from tests.storage import samples
from tipportal.domain.accounts import AccountState, Role
from tipportal.domain.errors import Conflict
from tipportal.domain.organisations import Channel, Function, Organisation, OrganisationKind, Unit
from tipportal.domain.routing import Policy
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
        assert uow.register.policy("o1") == samples.policy()
        assert uow.register.policy("o2") is None
        uow.register.add_policy(dataclasses.replace(samples.policy(10), default_function={Channel.TIP: "f1"}), 1)
        uow.register.add_policy(samples.policy(9), 2)
        with pytest.raises(Conflict):
            uow.register.add_policy(samples.policy(9), 3)
        newest = uow.register.policy("o1")
    assert newest == Policy("o1", 10, {Channel.TIP: "f1"}, {Channel.TIP: "o1", Channel.REPORT: "o1"})


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


def test_candidates_are_active_designated_and_have_keys(town: Database) -> None:
    today = samples.DAY
    with town.write() as uow:
        register, accounts = uow.register, uow.accounts
        register.add_organisation(dataclasses.replace(samples.ORGANISATION, id="o2", slug="grannen"))
        register.add_unit(Unit("u9", "o2", "Grannens kansli", external=True))
        for account in (
            dataclasses.replace(samples.account("utan-nyckel"), recipient=None),
            dataclasses.replace(samples.account("utan-signatur"), verification_key=None),
            dataclasses.replace(samples.account("avstängd"), state=AccountState.SUSPENDED),
            dataclasses.replace(samples.account("administratör"), role=Role.ADMINISTRATOR),
            samples.account("framtida"),
            samples.account("tidigare"),
            samples.account("granne"),
        ):
            accounts.add(account)
        register.add_designation(samples.designation("framtida", valid_from=today + A_DAY))
        register.add_designation(samples.designation("tidigare", valid_from=today - A_DAY, valid_to=today - A_DAY))
        register.add_designation(samples.designation("granne", "u9", valid_to=today, rank=3))
        register.add_designation(samples.designation("granne", "u1", id="d-later", rank=4))
        for name in ("utan-nyckel", "utan-signatur", "avstängd", "administratör"):
            register.add_designation(samples.designation(name))
        candidates = register.candidates("f1", today)
        tomorrow = register.candidates("f1", today + A_DAY)
        assert register.candidates("annan", today) == []
    assert [candidate.account_id for candidate in candidates] == ["anna", "bo", "cilla", "granne"]
    neighbour = candidates[3]
    assert (neighbour.unit_id, neighbour.party, neighbour.external, neighbour.rank) == ("u9", "o2", True, 3)
    assert len(neighbour.recipient) == 1216
    assert len(neighbour.verification_key) == 32
    assert [candidate.account_id for candidate in tomorrow] == ["anna", "bo", "cilla", "framtida", "granne"]
    assert tomorrow[4].rank == 4


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
