"""The server's check of a form: every fault is told by field, nothing written is lost or repeated."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tipportal.domain.answers import FORM, Fault, clean, normal_text
from tipportal.domain.organisations import Channel
from tipportal.domain.questions import WHAT_HAPPENED_LENGTH, Kind, questions

QUIET = settings(derandomize=True, deadline=None)
TOLD = {"what_happened": ["En faktura betalades två gånger."]}
CANARY = "kanariefågel"


def _fault(channel: Channel, name: str, *values: str) -> str:
    answers, faults = clean(channel, {**TOLD, name: list(values)})
    assert set(faults) == {name}
    assert name not in answers
    return str(faults[name])


@pytest.mark.parametrize("channel", Channel)
def test_what_happened_is_enough(channel: Channel) -> None:
    assert clean(channel, TOLD) == ({"what_happened": "En faktura betalades två gånger."}, {})


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("values", [None, [], [""], [" \r\n\t "]])
def test_without_it_the_source_is_asked_for_it(channel: Channel, values: list[str] | None) -> None:
    answers, faults = clean(channel, {} if values is None else {"what_happened": values})
    assert answers == {}
    assert {name: str(fault) for name, fault in faults.items()} == {"what_happened": "Skriv vad som har hänt."}


def test_a_whole_report_comes_through_in_the_order_of_the_questions() -> None:
    given_answers = {
        name: [question.choices[0].value] if question.choices else ["  svar  "]
        for name, question in reversed(questions(Channel.REPORT).items())
    }
    given_answers["org_number"] = ["2120000142"]
    answers, faults = clean(Channel.REPORT, given_answers)
    assert faults == {}
    assert list(answers) == list(questions(Channel.REPORT))
    assert answers["who"] == "svar"
    assert answers["org_number"] == "212000-0142"
    assert answers["concerns"] == ["none"]
    assert answers["identity"] == "anonymous"


def test_what_is_left_empty_is_left_out() -> None:
    empty = {name: [""] for name in questions(Channel.REPORT)} | TOLD
    assert clean(Channel.REPORT, empty) == ({"what_happened": TOLD["what_happened"][0]}, {})


TYPED = [(channel, name) for channel in Channel for name, question in questions(channel).items() if question.max_length]


@pytest.mark.parametrize(("channel", "name"), [each for each in TYPED if each[1] != "org_number"])
def test_a_text_may_be_as_long_as_its_limit(channel: Channel, name: str) -> None:
    text = "å" * questions(channel)[name].max_length
    answers, faults = clean(channel, TOLD | {name: [text]})
    assert faults == {}
    assert answers[name] == text


@pytest.mark.parametrize(("channel", "name"), TYPED)
def test_a_longer_text_is_told_how_long_it_is_and_may_be(channel: Channel, name: str) -> None:
    limit = questions(channel)[name].max_length
    told = _fault(channel, name, "🙂" * (limit + 1))
    assert f" {limit + 1} " in told
    assert f" {limit} " in told


def test_line_breaks_count_once_and_blanks_around_not_at_all() -> None:
    text = "a" + "\r\n" * (WHAT_HAPPENED_LENGTH - 2) + "b"
    answers, faults = clean(Channel.TIP, {"what_happened": [f"  {text}\r\n"]})
    assert faults == {}
    assert answers["what_happened"] == text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("written", "long", "line"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd", "a b c d"),
        ("a\u2028b\u2029c\x85d\x0be\x0cf", "a\nb\nc\nd\ne\nf", "a b c d e f"),
        ("a\x00b", "a\ufffdb", "a\ufffdb"),
        ("a\x1bb\x7fc\x9fd", "a\ufffdb\ufffdc\ufffdd", "a\ufffdb\ufffdc\ufffdd"),
        ("a\ud800b", "a\ufffdb", "a\ufffdb"),
        ("kol\tumn", "kol\tumn", "kol\tumn"),
        ("åäö 写真 🙂 \u200fעב", "åäö 写真 🙂 \u200fעב", "åäö 写真 🙂 \u200fעב"),
    ],
)
def test_text_keeps_everything_that_can_be_shown_and_marks_the_rest(written: str, long: str, line: str) -> None:
    assert normal_text(written, one_line=False) == long
    assert normal_text(written, one_line=True) == line


@QUIET
@given(text=st.text(st.characters()), one_line=st.booleans())
def test_normal_text_can_be_stored_and_stays_as_it_is(*, text: str, one_line: bool) -> None:
    normal = normal_text(text, one_line=one_line)
    assert normal.encode().decode() == normal
    assert normal_text(normal, one_line=one_line) == normal
    assert not {"\x00", "\r"} & set(normal)
    assert not (one_line and "\n" in normal)


@pytest.mark.parametrize("name", [n for n, q in questions(Channel.REPORT).items() if q.kind is Kind.CHOICE])
def test_only_offered_choices_are_taken(name: str) -> None:
    for choice in questions(Channel.REPORT)[name].choices:
        assert clean(Channel.REPORT, {**TOLD, name: [choice.value]})[0][name] == choice.value
    for other in (CANARY, "YES", questions(Channel.REPORT)[name].choices[0].value + " ", "unit:a", "\ud800"):
        assert CANARY not in _fault(Channel.REPORT, name, other)


@pytest.mark.parametrize("name", [n for n, q in questions(Channel.REPORT).items() if q.kind is not Kind.MANY])
def test_a_field_that_comes_twice_is_refused(name: str) -> None:
    answers, faults = clean(Channel.REPORT, {**TOLD, name: ["unknown", "unknown"]})
    assert set(faults) == {name}
    assert name not in answers


def test_parties_are_taken_by_their_form_and_once_each() -> None:
    chosen = ["unit:a1", "function:b2", "unit:a1", "none", ""]
    answers, faults = clean(Channel.TIP, TOLD | {"concerns": chosen})
    assert faults == {}
    assert answers["concerns"] == ["unit:a1", "function:b2", "none"]


@pytest.mark.parametrize("value", ["unit:", "a1", "person:a1", "unit:å", "unit:a\n", "unit:a b", "unit:" + "a" * 81])
def test_other_parties_are_refused(value: str) -> None:
    _fault(Channel.TIP, "concerns", "none", value)


def test_more_parties_than_anybody_has_are_refused() -> None:
    _fault(Channel.TIP, "concerns", *(f"unit:{number}" for number in range(201)))


@pytest.mark.parametrize("name", ["relation", "identity", "files", "csrf_token", "What_happened", "", CANARY])
def test_what_the_form_does_not_ask_is_refused_without_naming_it(name: str) -> None:
    answers, faults = clean(Channel.TIP, {**TOLD, name: ["x"]})
    assert set(faults) == {FORM}
    assert CANARY not in str(faults[FORM])
    assert answers == {"what_happened": TOLD["what_happened"][0]}


def test_no_question_has_the_name_under_which_faults_of_the_form_stand() -> None:
    assert FORM not in questions(Channel.REPORT)


@pytest.mark.parametrize("number", ["900101-1234", "212000-0143", CANARY])
def test_an_organisation_number_that_is_none_is_neither_kept_nor_repeated(number: str) -> None:
    assert number not in _fault(Channel.TIP, "org_number", number)


@QUIET
@given(
    st.sampled_from(Channel),
    st.dictionaries(
        st.sampled_from([*questions(Channel.REPORT), "x"]),
        st.lists(st.text(st.characters(), max_size=30) | st.sampled_from(["yes", "unknown", "unit:a"]), max_size=3),
    ),
)
def test_whatever_comes_in_each_field_has_an_answer_or_a_fault_or_neither(
    channel: Channel, received: dict[str, list[str]]
) -> None:
    answers, faults = clean(channel, received)
    assert not answers.keys() & faults.keys()
    assert answers.keys() | faults.keys() <= questions(channel).keys() | {FORM}
    assert all(answers.values())
    repr(answers).encode()
    # What was clean stays as it is when it is sent again.
    again = {name: answer if isinstance(answer, list) else [answer] for name, answer in answers.items()}
    assert clean(channel, again)[0] == answers


def test_a_fault_speaks_swedish_with_its_numbers() -> None:
    assert str(Fault("%(count)d av %(limit)d", {"count": 2, "limit": 1})) == "2 av 1"
    assert str(Fault("100 %")) == "100 %"
