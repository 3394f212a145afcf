"""The templates make policies that hold with the smallest honest staffing, and the starter ladder is in them."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tipportal.domain.independence.findings import Missing, Proven, Refuted
from tipportal.domain.independence.proof import prove
from tipportal.domain.organisations import Channel, Ground, OrganisationKind
from tipportal.domain.policies.differences import differences
from tipportal.domain.policies.policy import Policy, Route, Rule, When
from tipportal.domain.policies.reading import read
from tipportal.domain.policies.register import (
    Firm,
    Person,
    Register,
    RegisteredDesignation,
    RegisteredOrganisation,
    RegisteredUnit,
)
from tipportal.domain.policies.templates import COUNSEL, FUNCTION, Answers, Template, from_template
from tipportal.domain.policies.writing import write_policy
from tipportal.domain.routing import SubjectRole

TODAY = date(2026, 11, 22)
EXAMPLE = (Path(__file__).parents[3] / "docs" / "policy.example.toml").read_text()
NEIGHBOUR = Answers("bjorkvik", "bjorkvik", ("anna", "johan"), ("maria", "erik", "sara"))
FIRM = Answers("bjorkvik", "bjorkvik", ("anna", "johan", "karin"), ("sara", "linn", "omar"), security="sakerhet")


def _register(policy: Policy, *, named: int = 3) -> Register:
    """Björkvik of the example, with a third department, a head of security, a company and a firm of three."""
    register = read([("example", EXAMPLE)], TODAY)[1]
    people = (
        *register.people, Person("karin", "Karin", "skola"), Person("linn", "Linn", "advokat"),
        Person("omar", "Omar", "advokat"), Person("vakt", "Vakt", "sakerhet"),
    )  # fmt: skip
    return replace(
        register,
        organisations=(
            *register.organisations,
            RegisteredOrganisation("vatten", "Vatten AB", OrganisationKind.COMPANY),
        ),
        units=(
            *register.units,
            RegisteredUnit("skola", "Skolan", "bjorkvik", "ledning"),
            RegisteredUnit("sakerhet", "Säkerhet", "bjorkvik", "ledning", "vakt"),
        ),
        people=people,
        designations=tuple(
            RegisteredDesignation(person, function.id, Ground.EMPLOYMENT, "KS 1", date(2026, 1, 1))
            for function in policy.functions
            for person in function.members
        ),
        firms=(Firm("advokat", COUNSEL, ("sara", "linn", "omar")[:named]),),
    )


@pytest.mark.parametrize(
    ("template", "answers"),
    [
        (Template.NEIGHBOUR, NEIGHBOUR),
        (Template.FIRM, FIRM),
        (Template.COMPANY, replace(NEIGHBOUR, organisation="vatten")),
    ],
)
def test_each_template_holds_with_the_smallest_honest_staffing(template: Template, answers: Answers) -> None:
    policy = from_template(template, answers)
    register = _register(policy)
    result = prove(policy, register, 1, TODAY)
    assert isinstance(result, Proven), result
    assert result.weak_places
    assert bool(result.firm_alone) == (template is Template.FIRM)
    assert result.dependence[FUNCTION].figure >= 2
    assert all(len(situation.left) <= 2 for situation in result.turned_away)


def test_a_municipality_alone_needs_a_firm_of_three() -> None:
    policy = from_template(Template.FIRM, FIRM)
    result = prove(policy, _register(policy, named=2), 1, TODAY)
    assert isinstance(result, Refuted)
    assert {found.missing for found in result.counterexamples} == {Missing.PANEL}


def test_the_example_is_the_neighbours_template() -> None:
    assert EXAMPLE.startswith(write_policy(from_template(Template.NEIGHBOUR, NEIGHBOUR)))


def test_the_starter_ladder_leads_the_top_to_the_counsel() -> None:
    policy = from_template(Template.FIRM, FIRM)
    assert policy.ladder == ((COUNSEL,),)
    security, top = policy.rules
    assert security.when.concerns == ("unit:sakerhet",)
    assert set(top.when.subject_roles) == {SubjectRole.SENIOR_POSITION, SubjectRole.ELECTED_OFFICIAL}
    for rule in policy.rules:
        assert rule.route.to == (COUNSEL,)
        assert rule.route.excludes == ("bjorkvik",)


@pytest.mark.parametrize(
    ("template", "answers"), [(Template.COMPANY, NEIGHBOUR), (Template.FIRM, replace(FIRM, authority="alvnas"))]
)
def test_only_a_company_has_another_authority(template: Template, answers: Answers) -> None:
    with pytest.raises(ValueError, match="company"):
        from_template(template, answers)


OLD = from_template(Template.NEIGHBOUR, NEIGHBOUR)
EXTRA = Rule(When(areas=("inkop",)), Route((COUNSEL,), "x"))


@pytest.mark.parametrize(
    ("new", "told"),
    [
        (OLD, []),
        (replace(OLD, organisations=("bjorkvik", "vatten")), ["Omfattar nu vatten."]),
        (replace(OLD, organisations=()), ["Omfattar inte längre bjorkvik."]),
        (
            replace(OLD, rules=(*OLD.rules, EXTRA)),
            ['Ny regel: { area = ["inkop"] } → { to = ["externt-ombud"], because = "x" }.'],
        ),
        (replace(OLD, rules=()), ["Borttagen regel: "]),
        (replace(OLD, rules=(Rule(OLD.rules[0].when, EXTRA.route),)), ["Ändrad regel: "]),
        (replace(OLD, ladder=((FUNCTION,), (COUNSEL,))), [f"Stegen är {FUNCTION} → {COUNSEL}, förut: {COUNSEL}."]),
        (replace(OLD, functions=OLD.functions[::-1]), ["Funktionerna står i en annan ordning."]),
        (replace(OLD, functions=OLD.functions[:1]), [f"Borttagen funktion: {COUNSEL}."]),
        (
            replace(OLD, functions=(OLD.functions[0], replace(OLD.functions[1], members=("erik", "maria", "linn")))),
            [
                f"{COUNSEL}: linn är ny medlem.",
                f"{COUNSEL}: sara är inte längre medlem.",
                f"{COUNSEL}: medlemmarna står i en annan ordning.",
            ],
        ),
        (
            replace(OLD, functions=(replace(OLD.functions[0], name="Ny", authority="alvnas"), OLD.functions[1])),
            [f"{FUNCTION} heter nu Ny, förut: Visselblåsarfunktionen.", f"{FUNCTION} hör nu till alvnas, förut: bjork"],
        ),
        (replace(OLD, authorities=()), ["Mottagande myndigheter är ändrade."]),
        (replace(OLD, defaults={**OLD.defaults, Channel.TIP: EXTRA.route}), ["Annars i kanalen tip: { to = "]),
    ],
)
def test_every_change_is_told_and_nothing_else(new: Policy, told: list[str]) -> None:
    sentences = [str(sentence) for sentence in differences(OLD, new)]
    assert len(sentences) == len(told)
    assert all(sentence.startswith(start) for sentence, start in zip(sentences, told, strict=True))


def test_rules_in_another_order_are_another_policy() -> None:
    one, other = replace(OLD, rules=(*OLD.rules, EXTRA)), replace(OLD, rules=(EXTRA, *OLD.rules))
    assert [str(each) for each in differences(one, other)] == [
        "Reglerna står i en annan ordning, och den första som passar gäller."
    ]
