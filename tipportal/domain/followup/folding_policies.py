"""What entries say of policies, proofs, the register and trustees: that they changed, and what of them.

Entries from before the log said what still fold: what they do not say is None, and never nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tipportal.domain.independence.findings import How
from tipportal.domain.independence.listing import Lack, ListedPlace, Out, Party
from tipportal.domain.listed import Line, Listed
from tipportal.domain.organisations import Channel
from tipportal.domain.policies.changed import Changed, What
from tipportal.domain.routing import SubjectRole

from .facts import Folded, PolicyChange, Proved, RegisterChange
from .telling import Told, UnreadableFacts

_OUT_PARTS = 3
_SIZES = 2
L = TypeVar("L", bound=Line)


def policy_activated(folded: Folded, told: Told) -> None:
    """A policy took effect; a register that came in with it is told here as well."""
    organisations, version = told.texts("organisations"), told.number("version")
    folded.policies.extend((told.day, each, version) for each in organisations)
    if "changed" in told.facts:
        for group in told.tables("changed"):
            since = None if group.facts.get("since") is None else group.number("since")
            changes = _listed(group, What, _changed)
            folded.policy_changes.append(PolicyChange(told.day, version, group.texts("organisations"), since, changes))
    else:
        folded.policy_changes.append(PolicyChange(told.day, version, organisations))
    if told.facts.get("operations"):
        register_changed(folded, told)


def register_changed(folded: Folded, told: Told) -> None:
    """Something in the register changed."""
    kinds = told.numbers("kinds") if "kinds" in told.facts else None
    folded.register_changes.append(RegisterChange(told.day, told.number("operations"), kinds))


def trustees_changed(folded: Folded, told: Told) -> None:
    """Others were decided on as trustees."""
    folded.trustees.append((told.day, told.number("threshold"), len(told.texts("trustees"))))


def proof_held(folded: Folded, told: Told) -> None:
    """A policy is proven."""
    _proved(folded, told, held=True)


def proof_lapsed(folded: Folded, told: Told) -> None:
    """A policy in force does not hold any more."""
    _proved(folded, told, held=False)


def _proved(folded: Folded, told: Told, *, held: bool) -> None:
    places = told.table("places")
    folded.proofs.append(
        Proved(
            organisation=told.organisation,
            on=told.day,
            held=held,
            weak_places=told.number("weak_places"),
            firm_alone=told.number("firm_alone"),
            # Entries of earlier versions do not say it.
            dependence=told.numbers("dependence"),
            places=None if places is None else _listed(places, Lack, _place),
        )
    )


def _listed(told: Told, kinds: type[What | Lack], read: Callable[[Told], L]) -> Listed[L]:
    rest = told.numbers("rest")
    unknown = rest.keys() - {kind.value for kind in kinds}
    if unknown:
        raise UnreadableFacts(f"rest has {min(unknown)!r}, which is not known")
    return Listed(tuple(read(each) for each in told.tables("lines")), rest)


def _changed(told: Told) -> Changed:
    return Changed(
        what=told.word(What, "what"),
        of=told.texts("of"),
        number=_number(told, "number", 1),
        more=_number(told, "more", 0),
        sizes=_sizes(told),
    )


def _sizes(told: Told) -> tuple[int, int] | None:
    if "sizes" not in told.facts:
        return None
    found = told.facts["sizes"]
    if not isinstance(found, list | tuple) or len(found) != _SIZES or not all(type(each) is int for each in found):
        raise UnreadableFacts("sizes are not two numbers")
    return int(found[0]), int(found[1])


def _place(told: Told) -> ListedPlace:
    return ListedPlace(
        what=told.word(Lack, "what"),
        channel=told.word(Channel, "channel"),
        organisation=told.text("organisation"),
        to=told.texts("to"),
        out=tuple(_out(each) for each in told.texts("out")),
        area=told.optional("area"),
        role=told.optional_word(SubjectRole, "role"),
        people=_number(told, "people", 0),
        number=_number(told, "number", 1),
    )


def _out(written: str) -> Out:
    parts = written.split(":")
    if len(parts) != _OUT_PARTS:
        raise UnreadableFacts(f"out has {written!r}, which is not known")
    try:
        return Out(How(parts[0]), Party(parts[1]), parts[2])
    except ValueError:
        raise UnreadableFacts(f"out has {written!r}, which is not known") from None


def _number(told: Told, name: str, usual: int) -> int:
    return told.number(name) if name in told.facts else usual
