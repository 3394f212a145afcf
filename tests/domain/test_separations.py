"""Who stays, who steps in and who decides, held against what a client would accept."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tipportal.domain.separations import (
    Seat,
    deciders,
    next_members,
    next_pseudonym,
    party_from,
    suffices,
    to_release,
)
from tipportal.envelope.epochs import EpochRecipients, EpochState, SourceNames, build_epoch, verify_epoch
from tipportal.envelope.errors import EnvelopeError
from tipportal.envelope.genesis import Channel, Genesis, Member, Role, VerifiedGenesis, members_faults
from tipportal.envelope.hybrid import HybridIdentity
from tipportal.envelope.keys import SigningKey, recipient_hash
from tipportal.envelope.records import SealedBy

QUIET = settings(derandomize=True, deadline=None, max_examples=300)
UNITS = ("kansli", "ekonomi", "älvnäs")
KEYS = [SigningKey(bytes([number]) * 32) for number in range(1, 9)]
SOURCE = SourceNames("b" * 64, KEYS[7].verification_key)
FIRST, SECOND = (
    EpochRecipients(
        number, HybridIdentity(bytes([number]) * 32).recipient, HybridIdentity(bytes([9 + number]) * 32).recipient
    )
    for number in (0, 1)
)


def _seat(number: int, unit: str, *, panel: bool, released: bool, here: bool, present: bool) -> Seat:
    return Seat(
        holder=f"account {number}",
        member=f"h{number}",
        unit_id=unit,
        function_id="f",
        panel=panel,
        released=released or panel,
        first_standby=not panel,
        here=here,
        present=present and here,
    )


@st.composite
def _seats(draw: st.DrawFn) -> tuple[Seat, ...]:
    panel = draw(st.integers(2, 4))
    flags = st.booleans()
    return tuple(
        _seat(
            number,
            draw(st.sampled_from(UNITS)),
            panel=number <= panel,
            released=draw(flags),
            here=draw(st.sampled_from((True, True, False))),
            present=draw(flags),
        )
        for number in range(1, panel + 1 + draw(st.integers(0, 3)))
    )


@QUIET
@given(_seats())
def test_next_members_are_exactly_what_every_client_accepts_unsigned(seats: tuple[Seat, ...]) -> None:
    coming = next_members(seats)
    before = tuple(_member(seat, panel=seat.panel) for seat in seats)
    state = EpochState(FIRST, before, {one.id: one.verification_key for one in before}, SOURCE, (), 0)

    if coming is None:
        widest = [_member(seat, panel=seat.panel or seat.released) for seat in seats if seat.here]
        assert members_faults(widest)
        return
    members = [_member(seat, panel=seat.panel) for seat in coming]
    body = build_epoch(state, SECOND, members)
    after = verify_epoch(state, body, SECOND, VerifiedGenesis(_genesis(before), "a" * 64, SealedBy.BROWSER))
    assert {one.id for one in after.members} == {seat.member for seat in seats if seat.here}
    assert not members_faults(members)


@QUIET
@given(_seats())
def test_standbys_step_in_until_two_from_two_units_are_there_and_no_further(seats: tuple[Seat, ...]) -> None:
    chosen = to_release(seats)
    waiting = [seat for seat in seats if not seat.acts and seat.here]
    acting = [seat for seat in seats if seat.acts and seat.present]

    assert set(chosen) <= set(waiting)
    assert bool(chosen) == bool(waiting)
    if not suffices([*acting, *chosen]):
        assert set(chosen) == set(waiting)
    assert len(chosen) <= 1 or not suffices([*acting, *chosen[:-1]])
    # Somebody absent only when nobody present is left.
    if any(not seat.present for seat in chosen):
        assert {seat for seat in waiting if seat.present} <= set(chosen)


@QUIET
@given(_seats(), st.integers(1, 7))
def test_about_a_colleague_two_others_decide_or_nobody(seats: tuple[Seat, ...], number: int) -> None:
    chosen = deciders(seats, f"h{number}")
    others = [seat for seat in seats if seat.member != f"h{number}" and seat.here]

    if chosen is None:
        assert len([seat for seat in others if seat.acts]) < 2
        assert len(others) < 2 or not any(seat.acts for seat in others)
        return
    assert len({seat.holder for seat in chosen}) >= 2
    assert f"h{number}" not in {seat.member for seat in chosen}
    standbys = [seat for seat in chosen if not seat.acts]
    assert len(standbys) <= (1 if len([seat for seat in others if seat.acts]) < 2 else 0)


def test_a_pseudonym_is_never_given_twice() -> None:
    assert next_pseudonym(["h1", "h2", "h10"]) == "h11"
    assert next_pseudonym([]) == "h1"


def test_seven_days_pass_before_a_party_is_let_in() -> None:
    assert party_from(date(2026, 12, 28)) == date(2027, 1, 4)


def test_an_epoch_with_somebody_new_is_not_accepted_unsigned() -> None:
    seats = [_seat(n, UNITS[n % 3], panel=n < 3, released=False, here=True, present=True) for n in (1, 2, 3)]
    before = tuple(_member(seat, panel=seat.panel) for seat in seats)
    state = EpochState(FIRST, before, {one.id: one.verification_key for one in before}, SOURCE, (), 0)
    stranger = _member(_seat(4, "x", panel=True, released=True, here=True, present=True), panel=True)
    body = build_epoch(state, SECOND, [*before, stranger])
    try:
        verify_epoch(state, body, SECOND, VerifiedGenesis(_genesis(before), "a" * 64, SealedBy.BROWSER))
    except EnvelopeError:
        return
    raise AssertionError("accepted")


def _member(seat: Seat, *, panel: bool) -> Member:
    number = int(seat.member[1:])
    return Member(
        id=seat.member,
        role=Role.PANEL if panel else Role.STANDBY,
        function=seat.function_id,
        unit=seat.unit_id,
        recipient=f"{number:064x}",
        verification_key=KEYS[number - 1].verification_key,
    )


def _genesis(members: tuple[Member, ...]) -> Genesis:
    return Genesis(
        installation="0" * 32,
        organisation="o",
        authority="o",
        channel=Channel.TIP,
        case="ABC-DEF-GHJ",
        source="b" * 64,
        source_key=KEYS[7].verification_key,
        work=recipient_hash(FIRST.work),
        dialogue=recipient_hash(FIRST.dialogue),
        members=members,
        policy_version=0,
        directory_version=0,
    )
