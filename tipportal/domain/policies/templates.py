"""The three templates (04): a few answers make a whole policy, with the starter ladder in it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from tipportal.domain.organisations import Channel
from tipportal.domain.routing import SubjectRole

from .policy import AuthorityRow, Policy, PolicyFunction, Route, Rule, When

FUNCTION, COUNSEL = "visselblasarfunktion", "externt-ombud"
_TOP = (SubjectRole.SENIOR_POSITION, SubjectRole.ELECTED_OFFICIAL)


class Template(enum.StrEnum):
    """How an organisation is staffed."""

    FIRM = "firm"
    """Alone, with an external firm."""
    NEIGHBOUR = "neighbour"
    """With a neighbouring municipality, and a lawyer."""
    COMPANY = "company"
    """A company in its municipality's function: it needs no handler of its own."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a template asks: ids of the organisation, of its handlers, and of those outside who help.

    ``authority`` is who receives: the organisation itself, for a company the municipality. ``own`` are the
    authority's handlers; ``security`` is the unit of the head of security, None where there is none.
    """

    organisation: str
    authority: str
    own: tuple[str, ...]
    outside: tuple[str, ...]
    security: str | None = None


def from_template(template: Template, answers: Answers) -> Policy:
    """The policy that a template makes of the answers.

    A handler concerned: the others and the counsel, since those concerned are always left out and the ladder adds the
    counsel. Head of security, chief executive, elected representative: the counsel. Raises ValueError when a company
    is its own authority, or anybody else is not.
    """
    if (template is Template.COMPANY) == (answers.organisation == answers.authority):
        raise ValueError("only a company has another receiving authority than itself")
    # With a neighbour its handlers belong to the everyday function; a firm alone is asked when others cannot be.
    everyday = answers.own if template is Template.FIRM else answers.own + answers.outside
    passed_over = (
        (answers.authority,) if template is not Template.COMPANY else (answers.authority, answers.organisation)
    )
    rules = [
        Rule(
            When(subject_roles=_TOP),
            Route(
                (COUNSEL,),
                "Den som leder eller styr ska inte prövas av någon som lyder under ledningen.",
                excludes=passed_over,
            ),
        )
    ]
    if answers.security is not None:
        because = "Säkerhetschefens uppgifter ska inte prövas av kollegor."
        rules.insert(
            0, Rule(When(concerns=(f"unit:{answers.security}",)), Route((COUNSEL,), because, excludes=passed_over))
        )
    everybody = Route((FUNCTION,), "Det här gäller när ingen annan regel passar.")
    return Policy(
        organisations=(answers.organisation,),
        functions=(
            PolicyFunction(FUNCTION, "Visselblåsarfunktionen", answers.authority, everyday),
            PolicyFunction(COUNSEL, "Externt ombud", answers.authority, answers.outside),
        ),
        authorities=(AuthorityRow(answers.authority),),
        defaults=dict.fromkeys(Channel, everybody),
        ladder=((COUNSEL,),),
        rules=tuple(rules),
    )
