"""What the two forms ask: the fields of the contract, and what every question owes the person who answers it."""

import pytest

from tipportal.domain.organisations import Channel
from tipportal.domain.questions import (
    ANONYMOUS,
    NAMED,
    PREFER_NOT,
    SECTIONS,
    Kind,
    Question,
    form,
    questions,
)
from tipportal.domain.riskareas import KEYS
from tipportal.domain.routing import NO_PARTY, UNKNOWN, SubjectRole, parse_facts

BOTH = {
    "area",
    "what_happened",
    "who",
    "org_number",
    "when",
    "ongoing",
    "where",
    "how_known",
    "amount",
    "told_others",
    "risk",
    "contact",
    "heard_how",
    "subject_role",
    "concerns",
}
REPORT_ONLY = {"relation", "reported_before", "reprisals", "contact_mode", "identity"}
ROUTING = ("area", "subject_role", "concerns")
ALL = [question for section in SECTIONS for question in section.questions]
CHOSEN = [question for question in ALL if question.kind in (Kind.CHOICE, Kind.MANY)]
TYPED = [question for question in ALL if question.kind in (Kind.TEXT, Kind.LONG)]


def _values(name: str) -> set[str]:
    return {choice.value for choice in questions(Channel.REPORT)[name].choices}


def test_the_forms_ask_what_the_contract_says() -> None:
    assert set(questions(Channel.TIP)) == BOTH
    assert set(questions(Channel.REPORT)) == BOTH | REPORT_ONLY


@pytest.mark.parametrize("channel", Channel)
def test_only_what_happened_is_required(channel: Channel) -> None:
    assert [name for name, question in questions(channel).items() if question.required] == ["what_happened"]
    assert questions(channel)["what_happened"].max_length >= 100_000


@pytest.mark.parametrize("channel", Channel)
def test_a_case_that_nobody_can_receive_is_turned_away_before_the_first_free_text(channel: Channel) -> None:
    assert tuple(questions(channel))[:3] == ROUTING


@pytest.mark.parametrize("channel", Channel)
def test_every_question_stands_once_in_a_section_with_a_heading(channel: Channel) -> None:
    asked = [question for section in form(channel) for question in section.questions]
    assert len(asked) == len({question.name for question in asked}) == len(questions(channel))
    assert all(section.heading and section.questions for section in form(channel))
    assert len({section.key for section in form(channel)}) == len(form(channel))
    assert all(channel in question.channels for question in asked)


@pytest.mark.parametrize("question", ALL, ids=lambda question: f"{question.name} {' '.join(question.channels)}")
def test_a_question_is_either_chosen_or_typed(question: Question) -> None:
    assert question.label
    if question in TYPED:
        assert question.max_length > 0
        assert not question.choices
    else:
        assert question.max_length == 0
        assert len({choice.value for choice in question.choices}) == len(question.choices) > 1
        assert all(choice.label and choice.value for choice in question.choices)


@pytest.mark.parametrize("question", CHOSEN, ids=lambda question: question.name)
def test_not_knowing_or_not_saying_is_always_an_answer(question: Question) -> None:
    ways_out = {UNKNOWN: "Vet inte", PREFER_NOT: "Vill inte svara", ANONYMOUS: "Ja, jag vill vara anonym"}
    offered = {choice.value: choice.label for choice in question.choices if choice.value in ways_out}
    assert offered
    assert all(ways_out[value] == label for value, label in offered.items())


def test_routing_takes_every_answer_that_the_form_offers() -> None:
    assert _values("area") == KEYS | {UNKNOWN}
    assert _values("subject_role") == set(SubjectRole)
    assert _values("concerns") == {NO_PARTY, UNKNOWN}
    for area in _values("area"):
        parse_facts(area, "", [], areas=KEYS, parties=frozenset())
    for role in _values("subject_role"):
        parse_facts("", role, [*_values("concerns")], areas=KEYS, parties=frozenset())


def test_anonymous_is_the_default_and_a_name_is_asked_of_nobody() -> None:
    assert "identity" not in questions(Channel.TIP)
    identity = questions(Channel.REPORT)["identity"]
    assert identity.default == ANONYMOUS
    assert _values("identity") == {ANONYMOUS, NAMED}
    assert {question.name for question in ALL if question.default} == {"identity"}


def test_a_tip_says_that_it_is_public_and_a_report_what_is_disclosed() -> None:
    assert questions(Channel.TIP)["contact"].hint.startswith(
        "Tips är normalt offentliga. Den som tipset gäller kan få läsa det. "
        "Skriv inte ditt namn om du vill vara anonym."
    )
    assert "offentliga" not in questions(Channel.REPORT)["contact"].hint
    assert questions(Channel.REPORT)["identity"].hint == (
        "Vi lämnar ut uppgifter som kan avslöja dig bara om lagen tillåter eller kräver det, "
        "och berättar det först om det går."
    )


def test_danger_shows_112_before_and_after_the_answer() -> None:
    risk = questions(Channel.TIP)["risk"]
    assert "112" in risk.hint
    assert {choice.value for choice in risk.choices if "112" in choice.notice} == {"yes"}


def test_whoever_the_law_does_not_cover_is_told_of_the_other_way() -> None:
    relation = questions(Channel.REPORT)["relation"]
    assert {choice.value for choice in relation.choices if "tips" in choice.notice} == {"none"}


def test_the_persons_of_the_law_are_all_there() -> None:
    """Lag 2021:890, 1 kap. 8 § p. 2 a to i."""
    assert _values("relation") - {"none", PREFER_NOT} == {
        "employee",
        "applicant",
        "volunteer",
        "trainee",
        "under_direction",
        "contractor",
        "board",
        "shareholder",
        "former",
    }


def test_nothing_is_promised_that_cannot_be_kept() -> None:
    texts = [text for question in ALL for text in (question.label, question.hint)]
    texts += [text for question in ALL for choice in question.choices for text in (choice.label, choice.notice)]
    assert not [text for text in texts if "garanter" in text.casefold()]
