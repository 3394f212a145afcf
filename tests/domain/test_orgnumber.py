import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tipportal.domain.errors import Invalid
from tipportal.domain.orgnumber import parse

QUIET = settings(derandomize=True, deadline=None)
PERSONAL = "personnummer"


def _refusal(text: str) -> Invalid:
    with pytest.raises(Invalid) as refused:
        parse(text)
    assert refused.value.field == "org_number"
    return refused.value


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("212000-0142", "212000-0142"),
        ("2120000142", "212000-0142"),
        (" 212000 0142 ", "212000-0142"),
        ("212000–0142", "212000-0142"),  # a dash from a word processor
        ("２１２０００-0142", "212000-0142"),  # noqa: RUF001 - full-width digits, as some keyboards write them
        ("202100-5489", "202100-5489"),
        ("556036-0793", "556036-0793"),
    ],
)
def test_ten_digits_are_taken_with_and_without_hyphen(written: str, number: str) -> None:
    assert parse(written) == number


@pytest.mark.parametrize(
    "written",
    ["212000-0143", "212000-1042", "122000-0142", "556036-0739"],
)
def test_a_slip_in_one_digit_or_two_neighbours_is_noticed(written: str) -> None:
    assert "stämmer inte" in _refusal(written).reason


@pytest.mark.parametrize(
    "written",
    [
        "",
        "212000",
        "212000-014",
        "212000-01422",
        "21200-00142",
        "212000--0142",
        "SE212000014201",
        "bolaget",
        "²12000-0142x",
        "٢١٢٠٠٠٠١٤٢",
    ],
)
def test_what_is_not_ten_digits_is_refused_with_the_form_it_should_have(written: str) -> None:
    reason = _refusal(written).reason
    assert "tio siffror" in reason
    assert PERSONAL not in reason


@pytest.mark.parametrize(
    "written",
    [
        "900101-1234",  # whatever its checksum
        "900101-1239",
        "9001011234",
        "19900101-1234",
        "199001011234",
        "900161-1234",  # a coordination number: sixty is added to the day
        "121212+1212",
        "20121212 1212",
        "901231−1234",  # a minus sign
    ],
)
def test_a_personal_number_is_refused_and_the_firms_name_asked_for(written: str) -> None:
    refusal = _refusal(written)
    assert PERSONAL in refusal.reason
    assert "företagets namn" in refusal.reason
    digits = [character for character in written if character.isdigit()]
    assert not any(character in refusal.reason for character in digits)


def _luhn_by_table(digits: str) -> bool:
    doubled = {"0": 0, "1": 2, "2": 4, "3": 6, "4": 8, "5": 1, "6": 3, "7": 5, "8": 7, "9": 9}
    return (sum(doubled[d] for d in digits[-2::-2]) + sum(int(d) for d in digits[::-2])) % 10 == 0


@QUIET
@given(st.from_regex(r"\A[0-9]{10}\Z"))
def test_ten_digits_are_an_organisation_or_a_person_or_a_slip(digits: str) -> None:
    if digits[2] in "01":
        assert PERSONAL in _refusal(digits).reason
    elif _luhn_by_table(digits):
        assert parse(digits) == f"{digits[:6]}-{digits[6:]}"
        assert parse(parse(digits)) == parse(digits)
    else:
        assert "stämmer inte" in _refusal(digits).reason


@QUIET
@given(st.text(st.characters(), max_size=40))
def test_nothing_but_a_refusal_comes_out_of_anything_else(text: str) -> None:
    try:
        number = parse(text)
    except Invalid:
        return
    assert len(number) == 11
