"""What changed and where it is weak: one by one for those who read the log, in public nothing that is somebody."""

from __future__ import annotations

from datetime import date

import pytest

from tests.support.followup import AS_OF, NAMES, figure, paragraphs, request, tables, values, year
from tipportal.domain.followup.building import build
from tipportal.domain.followup.facts import Folded, OrganisationFacts, PolicyChange, Proved, RegisterChange
from tipportal.domain.followup.report import Audience, Mark, Report, Table
from tipportal.domain.independence.findings import How
from tipportal.domain.independence.listing import Lack, ListedPlace, Out, Party
from tipportal.domain.listed import Listed
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.changed import Changed, What
from tipportal.domain.routing import SubjectRole

MAY = date(2026, 5, 1)
CALLED = {**NAMES, "counsel": "Externt ombud", "firm": "Advokatbyrån"}
FUNCTION = (Out(How.CONCERNED, Party.FUNCTION, "counsel"),)
WHOLE = (Out(How.CONCERNED, Party.ORGANISATION, "firm"),)
UNIT = (Out(How.CONCERNED, Party.UNIT, "town"),)
CHIEF = (Out(How.CONCERNED, Party.PERSON, "town"),)
SWITCH = "Är dessutom någon till borta finns en ärendegrupp men ingen ersättare."


def _place(out: tuple[Out, ...], people: int = 0, **others: object) -> ListedPlace:
    what = Lack.ONE_MORE if people else Lack.NO_STANDBY
    told: dict[str, object] = {"what": what, "people": people, **others}
    return ListedPlace(channel=Channel.REPORT, organisation="town", to=("function",), out=out, **told)  # type: ignore[arg-type] # its fields


def _proved(*places: ListedPlace, organisation: str = "town", **rest: int) -> Proved:
    count = sum(each.number for each in places) + sum(rest.values())
    return Proved(organisation, MAY, held=True, weak_places=count, firm_alone=0, places=Listed(places, rest))


def _changed(*lines: Changed, **rest: int) -> PolicyChange:
    return PolicyChange(MAY, 2, ("town",), 1, Listed(lines, rest))


def _report(
    *proofs: Proved,
    changes: tuple[PolicyChange, ...] = (),
    audience: Audience = Audience.INTERNAL,
    scope: str | None = None,
) -> Report:
    folded = year()
    folded.organisations["firm"] = OrganisationFacts("firm", "firm", "external", date(2025, 3, 1))
    folded.functions = {"function": "town", "counsel": "firm"}
    folded.proofs = [*folded.proofs, *proofs]
    folded.policy_changes = [*changes]
    folded.designations = {
        "d1": ("function", "anna", date(2025, 3, 1), date(2026, 6, 30)),
        "d2": ("function", "bo", date(2025, 3, 1), None),
        "d3": ("function", "cia", date(2026, 7, 1), None),
        "d4": ("counsel", "dan", date(2025, 3, 1), None),
        "d5": ("counsel", "dan", date(2027, 2, 1), None),
    }
    folded.register_changes = [
        RegisterChange(MAY, 3, {"designate": 2, "change_unit": 1}), RegisterChange(date(2025, 4, 1), 5),
    ]  # fmt: skip
    folded.trustees = [(date(2025, 3, 1), 2, 3), (MAY, 3, 5)]
    return build(folded, request(audience=audience, scope=scope), CALLED)[0]


def _lines(table: Table) -> list[tuple[str, ...]]:
    """Rows as they are read: head, then words and numbers, with the mark in place of what is not shown."""
    return [
        (
            str(head.words or head.name),
            *(str(one.text or (one.value if one.mark is Mark.SHOWN else one.mark.value)) for one in row),
        )
        for head, row in zip(table.heads, table.figures, strict=True)
    ]


def test_weak_places_stand_one_by_one_for_those_who_read_the_log() -> None:
    report = _report(
        _proved(
            _place(FUNCTION),
            _place(CHIEF, people=1, role=SubjectRole.MANAGER, area="inkop"),
            _place((*UNIT, *WHOLE), people=3, number=2),
            one_more=4,
        )
    )

    cases = "Rapporter till Ekköping, till Visselblåsarfunktionen"
    assert _lines(tables(report)["weak_place_list"]) == [
        (cases, "Funktionen Externt ombud berörs.", "Då finns en ärendegrupp men ingen ersättare.", "1"),
        (
            f"{cases}; området är Inköp; den som berörs är chef",
            "En person i Ekköping berörs, med chefer och underställda.",
            "Är dessutom en viss person borta finns en ärendegrupp men ingen ersättare.",
            "1",
        ),
        (
            cases,
            "En enhet i Ekköping berörs, med sin linje av chefer. Hela Advokatbyrån berörs.",
            "Är dessutom någon av 3 personer borta finns en ärendegrupp men ingen ersättare.",
            "2",
        ),
        ("Ekköping", "Fler ställen, som loggen bara räknar.", SWITCH, "4"),
    ]
    assert values(report, "weak_places", "weak_places") == {"town": 8}
    assert values(report, "weak_places", "before") == {"town": 4}


def test_public_reads_of_what_hangs_on_somebody_only_its_kind() -> None:
    report = _report(
        _proved(
            _place(FUNCTION, role=SubjectRole.MANAGER),
            _place(WHOLE, people=5),
            _place(WHOLE, people=4),
            _place(CHIEF),
            _place(UNIT, people=9),
        ),
        audience=Audience.PUBLIC,
    )

    cases = "Rapporter till Ekköping, till Visselblåsarfunktionen"
    assert _lines(tables(report)["weak_place_list"]) == [
        (cases, "Funktionen Externt ombud berörs.", "Då finns en ärendegrupp men ingen ersättare.", "1"),
        (cases, "Hela Advokatbyrån berörs.", SWITCH, "1"),
        ("Ekköping", "En hel organisation berörs.", SWITCH, "hidden"),
        (
            "Ekköping",
            "En enhet eller en person i ledningen berörs, eller en person är borta.",
            "Då finns en ärendegrupp men ingen ersättare.",
            "hidden",
        ),
        ("Ekköping", "En enhet eller en person i ledningen berörs, eller en person är borta.", SWITCH, "hidden"),
    ]


@pytest.mark.parametrize("audience", Audience)
def test_proof_from_before_the_log_listed_says_so(audience: Audience) -> None:
    (line,) = _lines(tables(_report(audience=audience))["weak_place_list"])

    assert line[:2] == ("Ekköping", "Loggen säger inte vilka de är, bara hur många.")
    assert line[3] == "1"


def test_organisations_that_share_a_policy_share_its_list() -> None:
    shared = (_proved(_place(FUNCTION)), _proved(_place(FUNCTION), organisation="school"))

    assert len(_lines(tables(_report(*shared))["weak_place_list"])) == 1
    assert len(_lines(tables(_report(*shared, scope="school"))["weak_place_list"])) == 1


def test_place_of_a_lapsed_proof_says_that_it_does_not_hold() -> None:
    broken = Proved(
        "town", MAY, held=False, weak_places=0, firm_alone=0, places=Listed((_place(CHIEF, what=Lack.PANEL),))
    )

    (line,) = _lines(tables(_report(broken))["weak_place_list"])
    (public,) = _lines(tables(_report(broken, audience=Audience.PUBLIC))["weak_place_list"])

    assert line[2] == public[2] == "Då finns ingen ärendegrupp. Policyn håller inte."
    assert (line[1], public[1]) == (
        "En person i Ekköping berörs, med chefer och underställda.",
        "En enhet eller en person i ledningen berörs, eller en person är borta.",
    )


CHANGE = _changed(
    Changed(What.MEMBERS_ADDED, ("function:function",), 2),
    Changed(What.PANEL_SIZE, ("channel:report", "function:function"), sizes=(2, 3)),
    Changed(What.RULES_ADDED, ("function:counsel", "organisation:town"), 3, more=4),
    members_removed=6,
)


def test_changes_of_a_policy_are_told_by_function_channel_and_organisation() -> None:
    said = _lines(tables(_report(changes=(CHANGE,)))["policy_changes"])

    assert said == [
        ("Ekköping", "2026-05-01", "Nya medlemmar: Visselblåsarfunktionen.", "2"),
        (
            "Ekköping",
            "2026-05-01",
            "Ärendegruppen är nu minst 3 personer, förut 2: rapporter, Visselblåsarfunktionen.",
            "1",
        ),
        ("Ekköping", "2026-05-01", "Nya regler: Externt ombud, Ekköping, och 4 till.", "3"),
        ("Ekköping", "2026-05-01", "Medlemmar som har lämnat: fler, som loggen bara räknar.", "6"),
    ]


def test_public_reads_no_number_of_members() -> None:
    report = _report(changes=(CHANGE,), audience=Audience.PUBLIC)

    assert [line[3] for line in _lines(tables(report)["policy_changes"])] == ["hidden", "1", "3", "hidden"]
    assert "register_changes" not in tables(report)


def test_first_the_same_and_an_unsaid_change_are_each_told() -> None:
    first = PolicyChange(MAY, 1, ("school",), None, Listed())
    unsaid = PolicyChange(MAY, 2, ("town", "school"))

    assert [line[2:] for line in _lines(tables(_report(changes=(first, _changed(), unsaid)))["policy_changes"])] == [
        ("Den första policyn.", "1"),
        ("Policyn är densamma som förut.", "0"),
        ("Loggen säger inte vad som ändrades.", "not_yet"),
    ]
    scoped = _report(changes=(first, _changed(), unsaid), scope="school")
    assert [line[0] for line in _lines(tables(scoped)["policy_changes"])] == ["Skolnämnden", "Skolnämnden"]


def test_designations_are_counted_by_when_they_began_and_ended() -> None:
    inside, public = _report(), _report(audience=Audience.PUBLIC)

    assert _lines(tables(inside)["designations"]) == [
        ("Externt ombud", "0", "0", "1"),
        ("Visselblåsarfunktionen", "1", "1", "2"),
    ]
    assert _lines(tables(public)["designations"]) == [
        ("Externt ombud", "oförändrade"),
        ("Visselblåsarfunktionen", "ändrades"),
    ]
    assert [line[0] for line in _lines(tables(_report(scope="firm"))["designations"])] == ["Externt ombud"]


def test_register_is_counted_by_kind_and_what_the_log_does_not_say_is_told() -> None:
    report = _report()

    assert values(report, "register_changes", "now") == {"change_unit": 1, "designate": 2, "says_no_more": 0}
    assert figure(report, "register_changes", "says_no_more", "before").value == 5
    assert "register_changes" not in tables(_report(scope="town"))


def test_words_tell_of_the_year_before_and_of_trustees() -> None:
    said = paragraphs(_report(_proved(_place(FUNCTION)), changes=(CHANGE,)))

    assert said["independence.weak_places_before"] == "Ett år tidigare hade det 4 svaga ställen."
    assert said["independence.trustees_1"] == (
        "Nyckelförvaltarna ändrades 2026-05-01: 3 av 5 kan tillsammans öppna ett ärende, förut 2 av 3."
    )
    assert said["changes.policy_town"] == "Policyn för Ekköping ändrades 2026-05-01 (version 2)."
    assert said["changes.policy_what"].endswith("står i tabellen ”Vad som ändrades i policyn”.")
    assert "independence.trustees_1" not in paragraphs(_report(scope="town"))


def test_first_policy_of_a_period_is_no_change_of_it() -> None:
    folded = Folded(size=9, as_of=AS_OF, organisations=year().organisations)
    days = [date(2026, 3, 1), MAY, date(2026, 6, 1)]
    folded.policies = [(day, "town", version) for version, day in enumerate(days, 1)]

    assert paragraphs(build(folded, request(), NAMES)[0])["changes.policy_town"] == (
        "Policyn för Ekköping började gälla 2026-03-01 och ändrades sedan 2 gånger, senast 2026-06-01 (version 3)."
    )
    folded.policies.pop()
    assert paragraphs(build(folded, request(), NAMES)[0])["changes.policy_town"] == (
        "Policyn för Ekköping började gälla 2026-03-01 och ändrades 2026-05-01 (version 2)."
    )
