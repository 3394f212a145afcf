"""What a proof found, in sentences: the situation, what is missing, and what to add."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tipportal.domain.organisations import Channel
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.policies.policy import Policy
from tipportal.domain.policies.register import Register
from tipportal.domain.riskareas import risk_area
from tipportal.domain.routing import UNKNOWN, SubjectRole
from tipportal.domain.texts import N_

from .board import firm_may_stand_alone
from .findings import Counterexample, Dependence, How, Missing, Outage, Situation, WeakPlace
from .staffing import FIRM_LEAST_NAMED

CHANNELS: Mapping[Channel, str] = {Channel.TIP: N_("Tips till %(name)s."), Channel.REPORT: N_("Rapport till %(name)s.")}
ROLES: Mapping[SubjectRole, str] = {
    SubjectRole.EMPLOYEE: N_("Uppgifterna gäller en anställd."),
    SubjectRole.MANAGER: N_("Uppgifterna gäller en chef."),
    SubjectRole.SENIOR_POSITION: N_("Uppgifterna gäller någon i ledande ställning."),
    SubjectRole.ELECTED_OFFICIAL: N_("Uppgifterna gäller en förtroendevald."),
    SubjectRole.SUPPLIER: N_("Uppgifterna gäller en leverantör eller utförare."),
    SubjectRole.PRIVATE_PERSON: N_("Uppgifterna gäller en privatperson."),
}
_OUTAGES: Mapping[tuple[How, str], str] = {
    (How.CONCERNED, "unit"): N_("Enheten %(name)s berörs, med sin linje av chefer."),
    (How.CONCERNED, "function"): N_("Funktionen %(name)s berörs."),
    (How.CONCERNED, "organisation"): N_("Hela %(name)s berörs."),
    (How.CONCERNED, "person"): N_("%(name)s berörs, liksom alla som är chefer över eller lyder under %(name)s."),
    (How.OUT, "person"): N_("%(name)s är borta, berörs eller har slutat."),
    (How.PASSED_OVER, "organisation"): N_("Regeln håller %(name)s utanför."),
    (How.INTERNALS, ""): N_("Alla egna handläggare är borta eller berörs."),
}
REMAINING_ROUTES = N_(
    "Den som lämnar uppgifter får veta det före första textfältet, med de vägar som återstår: "
    "en extern myndighet, polisen eller medier."
)


class Words:
    """Speaks about one policy and register by the names that stand in them. Every sentence is a catalogue msgid."""

    def __init__(self, policy: Policy, register: Register) -> None:
        self._register = register
        self._names = {
            **{f"unit:{unit.id}": unit.name for unit in register.units},
            **{f"organisation:{each.id}": each.name for each in register.organisations},
            **{f"person:{person.id}": person.name for person in register.people},
            **{f"function:{function.id}": function.name for function in policy.functions},
        }

    def counterexample(self, found: Counterexample) -> tuple[Sentence, ...]:
        """The situation, who is left, what is missing, what to add."""
        return (*self.situation(found.situation), *self._left(found.situation), *self._add(found))

    def situation(self, situation: Situation) -> tuple[Sentence, ...]:
        """The facts that matter, and what is out."""
        facts = situation.facts
        sentences = [Sentence(CHANNELS[facts.channel], {"name": self._names[f"organisation:{facts.organisation}"]})]
        area = risk_area(facts.area) if facts.area != UNKNOWN else None
        if area is not None:
            sentences.append(Sentence(N_("Området är %(name)s."), {"name": area.name_sv}))
        if facts.subject_role in ROLES:
            sentences.append(Sentence(ROLES[facts.subject_role]))
        return (*sentences, *(self._outage(outage) for outage in situation.outages))

    def weak_place(self, weak: WeakPlace) -> tuple[Sentence, ...]:
        """The situation, and whose absence then leaves a panel without standby."""
        if not weak.people:
            left = Sentence(N_("Då räcker det till en ärendegrupp men inte till ersättare."))
        else:
            names = self._people(weak.people)
            left = Sentence(
                N_("Är dessutom någon av dessa borta finns en ärendegrupp men ingen ersättare: %(names)s."),
                {"names": names},
            )
        return (*self.situation(weak.situation), left)

    def dependence(self, found: Dependence) -> Sentence:
        """A function's figure and who it is counted on."""
        values = {"name": self._names[f"function:{found.function}"], "names": self._people(found.people)}
        if not found.figure:
            return Sentence(N_("%(name)s kan inte bilda en ärendegrupp på egen hand."), values)
        return Sentence(
            N_("%(name)s står sig tills %(count)d är borta, till exempel %(names)s."),
            {**values, "count": found.figure},
        )

    def _left(self, situation: Situation) -> Iterator[Sentence]:
        if situation.left:
            yield Sentence(N_("Kvar är %(names)s."), {"names": self._people(situation.left)})
        else:
            yield Sentence(N_("Ingen är kvar."))

    def _add(self, found: Counterexample) -> Iterator[Sentence]:
        if found.missing is Missing.OUTSIDE:
            yield Sentence(N_("Stegen slutar inte utanför organisationen."))
            yield Sentence(
                N_("Låt sista steget vara en funktion med bara handläggare från en annan kommun eller en extern part.")
            )
            return
        if found.missing is Missing.PANEL:
            size = {"size": found.situation.route.panel_size}
            yield Sentence(N_("Det räcker inte till en ärendegrupp: minst %(size)d från minst två enheter."), size)
        else:
            yield Sentence(N_("Det finns en ärendegrupp men ingen som kan ersätta var och en i den."))
        values = {
            "count": found.to_add,
            "name": self._names[f"function:{found.situation.route.to[0]}"],
        }
        yield Sentence(
            N_("Lägg till %(count)d i %(name)s, från enheter och parter som inte berörs, till exempel en grannkommun."),
            values,
        )
        yield from self._firms(found.situation)

    def _firms(self, situation: Situation) -> Iterator[Sentence]:
        """Why a firm whose people are left may not be the whole panel, where the number of names is the reason."""
        left = frozenset(situation.left)
        for firm in self._register.firms:
            if left & frozenset(firm.named_persons) and not firm_may_stand_alone(firm):
                values = {"name": self._names[f"organisation:{firm.organisation}"], "count": FIRM_LEAST_NAMED}
                yield Sentence(
                    N_("%(name)s får vara hela ärendegruppen först när avtalet namnger minst %(count)d personer."),
                    values,
                )

    def _outage(self, outage: Outage) -> Sentence:
        kind, _, _ = outage.what.partition(":")
        names = ", ".join(self._names[each] for each in outage.what.split(",") if each)
        return Sentence(_OUTAGES[outage.how, kind], {"name": names})

    def _people(self, people: Iterable[str]) -> str:
        return ", ".join(self._names[f"person:{person}"] for person in people)
