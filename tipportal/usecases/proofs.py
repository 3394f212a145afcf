"""The proof of what a change would lead to, before anybody approves it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from tipportal.domain.independence.findings import Proven, Refuted
from tipportal.domain.independence.proof import prove
from tipportal.domain.independence.words import Words
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.policies.policy import Policy
from tipportal.domain.policies.register import Register
from tipportal.domain.policies.writing import write_policy
from tipportal.domain.texts import N_

ANY_ONE = 1
_MOST_KEPT = 32
_KEPT: OrderedDict[tuple[str, Register, date], Proven | Refuted] = OrderedDict()
_TURN = threading.Lock()


def judged_by(policy: Policy, register: Register, today: date) -> Register:
    """The register as far as it concerns a policy: other policies' functions, and what is over, left out.

    A designation counts where the policy names the person as a member: whoever has just been designated waits for it.
    """
    mine = {function.id for function in policy.functions}
    members = {(person, function.id) for function in policy.functions for person in function.members}
    return replace(
        register,
        designations=tuple(
            each
            for each in register.designations
            if (each.person, each.function) in members and (each.valid_to is None or each.valid_to >= today)
        ),
        firms=tuple(each for each in register.firms if each.client in mine),
        sharings=tuple(each for each in register.sharings if each.function in mine),
    )


def proof_of(policy: Policy, register: Register, today: date) -> Proven | Refuted:
    """The proof for any one person, kept for a while: a page that shows it is asked for more often than it changes."""
    concerned = judged_by(policy, register, today)
    key = (write_policy(policy), concerned, today)
    with _TURN:
        if key in _KEPT:
            _KEPT.move_to_end(key)
            return _KEPT[key]
    found = prove(policy, concerned, ANY_ONE, today)
    with _TURN:
        _KEPT[key] = found
        while len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return found


def told(policy: Policy, register: Register, today: date) -> Iterator[Sentence]:
    """Whether the policy holds afterwards, and where it does not, or only just does."""
    found = proof_of(policy, register, today)
    words = Words(policy, register)
    called = {each.id: each.name for each in register.organisations}
    names = {"names": ", ".join(called.get(each, each) for each in policy.organisations)}
    if isinstance(found, Refuted):
        yield Sentence(N_("Efter ändringen håller inte policyn för %(names)s för varje enskild person:"), names)
        for example in found.counterexamples:
            yield from words.counterexample(example)
        return
    if found.weak_places:
        yield Sentence(
            N_(
                "Efter ändringen håller policyn för %(names)s, vem som än berörs eller är borta. "
                "På %(count)d ställen finns då en ärendegrupp men ingen ersättare."
            ),
            {**names, "count": len(found.weak_places)},
        )
    else:
        yield Sentence(N_("Efter ändringen håller policyn för %(names)s, vem som än berörs eller är borta."), names)


def counterexamples(policy: Policy, register: Register, today: date) -> tuple[Sentence, ...]:
    """Why the policy cannot be activated; empty when it can."""
    found = proof_of(policy, register, today)
    if isinstance(found, Proven):
        return ()
    words = Words(policy, register)
    return tuple(sentence for example in found.counterexamples for sentence in words.counterexample(example))
