"""Commands about routing policies: are they sound, do they hold, what do they say, what has changed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

import click

from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.independence.findings import Counterexample, Proven, Refuted, Situation
from tipportal.domain.independence.proof import prove
from tipportal.domain.independence.words import REMAINING_ROUTES, Words
from tipportal.domain.policies.differences import differences
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.policies.policy import Policy
from tipportal.domain.policies.reading import FaultyPolicy, read, read_policy
from tipportal.domain.policies.templates import Answers, Template, from_template
from tipportal.domain.policies.writing import write_policy, write_register

FAULTY = 2
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def routing() -> None:
    """Routing policies: who receives what, and whether it holds whoever is out."""


@routing.command()
@click.argument("file", type=FILE)
@click.argument("register_file", metavar="[REGISTER]", type=FILE, required=False)
@click.option("--pairs", is_flag=True, help="Any two people out at the same time, and not only any one.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def check(file: Path, register_file: Path | None, *, pairs: bool, as_json: bool) -> None:
    """Prove that a policy holds whatever is reported and whoever is out, or show what it does not stand.

    FILE is TOML with the policy and the register; the register may stand in a second file. Exit 0 proven, 1 refuted,
    2 when the files cannot be used.
    """
    files = [(str(path), _text(path)) for path in (file, register_file) if path is not None]
    today = stockholm_date(int(time.time()))
    try:
        policy, register = read(files, today)
    except FaultyPolicy as faulty:
        _refuse(faulty, as_json=as_json)
    result = prove(policy, register, 2 if pairs else 1, today)
    words = Words(policy, register)
    click.echo(json.dumps(_as_json(result, words), ensure_ascii=False) if as_json else "\n".join(_told(result, words)))
    if isinstance(result, Refuted):
        raise click.exceptions.Exit(1)


@routing.command()
@click.argument("file", type=FILE)
@click.argument("register_file", metavar="[REGISTER]", type=FILE, required=False)
def export(file: Path, register_file: Path | None) -> None:
    """Print policy and register in their one exact form: the same content always gives the same bytes."""
    files = [(str(path), _text(path)) for path in (file, register_file) if path is not None]
    try:
        policy, register = read(files, stockholm_date(int(time.time())))
    except FaultyPolicy as faulty:
        _refuse(faulty, as_json=False)
    click.echo(f"{write_policy(policy)}\n{write_register(register)}", nl=False)


@routing.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
def diff(old: Path, new: Path) -> None:
    """Tell in words how the policy NEW differs from OLD. Exit 1 when it does."""
    found = differences(_policy(old), _policy(new))
    for sentence in found:
        click.echo(str(sentence))
    if found:
        raise click.exceptions.Exit(1)


@routing.command()
@click.argument("name", metavar="TEMPLATE", type=click.Choice([template.value for template in Template]))
@click.option("--organisation", required=True, help="Whose tips and reports (an id of the register).")
@click.option("--authority", default=None, help="Who receives them; for a company its municipality.")
@click.option("--own", multiple=True, required=True, help="A handler of the receiving authority; give it for each.")
@click.option("--outside", multiple=True, required=True, help="A handler from outside; give it for each.")
@click.option("--security", default=None, help="The unit of the head of security.")
def template(
    name: str,
    *,
    organisation: str,
    authority: str | None,
    own: tuple[str, ...],
    outside: tuple[str, ...],
    security: str | None,
) -> None:
    """Print the policy that a template makes: alone with a firm, with a neighbour, or a company."""
    answers = Answers(organisation, authority or organisation, own, outside, security)
    try:
        policy = from_template(Template(name), answers)
    except ValueError:
        raise click.UsageError("A company needs --authority, and only a company has one.") from None
    click.echo(write_policy(policy), nl=False)


def _policy(path: Path) -> Policy:
    try:
        return read_policy(str(path), _text(path))
    except FaultyPolicy as faulty:
        _refuse(faulty, as_json=False)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path}: {error}") from None


def _refuse(faulty: FaultyPolicy, *, as_json: bool) -> NoReturn:
    if as_json:
        faults = [{"file": fault.file, "line": fault.line, "what": str(fault.what)} for fault in faulty.faults]
        click.echo(json.dumps({"result": "faulty", "faults": faults}, ensure_ascii=False))
    else:
        click.echo(str(faulty), err=True)
    raise click.exceptions.Exit(FAULTY)


def _told(result: Proven | Refuted, words: Words) -> Iterable[str]:
    if isinstance(result, Refuted):
        yield "Policyn håller inte."
        for number, found in enumerate(result.counterexamples, 1):
            yield f"\n{number}. {_paragraph(words.counterexample(found))}"
    else:
        who = "vem som än" if result.k == 1 else "vilka två som än"
        yield f"Policyn håller: det finns ärendegrupp och ersättare {who} är borta eller berörs."
        yield from _listed("Svaga ställen:", [words.weak_place(weak) for weak in result.weak_places])
        yield from _listed("En byrå är hela ärendegruppen:", map(words.situation, result.firm_alone))
        yield from _listed("Ingen kan ta emot:", map(words.situation, result.turned_away))
        if result.turned_away:
            yield REMAINING_ROUTES
    yield from _listed("Personberoende:", [(words.dependence(each),) for each in result.dependence.values()])


def _listed(head: str, entries: Iterable[tuple[Sentence, ...]]) -> Iterable[str]:
    lines = [f"- {_paragraph(entry)}" for entry in entries]
    if lines:
        yield f"\n{head}"
        yield from lines


def _paragraph(sentences: tuple[Sentence, ...]) -> str:
    return " ".join(str(sentence) for sentence in sentences)


def _as_json(result: Proven | Refuted, words: Words) -> Mapping[str, Any]:
    dependence = {
        each.function: {"figure": each.figure, "people": each.people, "text": str(words.dependence(each))}
        for each in result.dependence.values()
    }
    if isinstance(result, Refuted):
        found = [_counterexample(each, words) for each in result.counterexamples]
        return {"result": "refuted", "people_out": result.k, "counterexamples": found, "dependence": dependence}
    return {
        "result": "proven",
        "people_out": result.k,
        "weak_places": [
            {**_situation(weak.situation), "people": weak.people, "text": _paragraph(words.weak_place(weak))}
            for weak in result.weak_places
        ],
        "firm_alone": [{**_situation(each), "text": _paragraph(words.situation(each))} for each in result.firm_alone],
        "turned_away": [{**_situation(each), "text": _paragraph(words.situation(each))} for each in result.turned_away],
        "dependence": dependence,
    }


def _counterexample(found: Counterexample, words: Words) -> Mapping[str, Any]:
    return {
        **_situation(found.situation),
        "missing": found.missing.value,
        "to_add": found.to_add,
        "text": _paragraph(words.counterexample(found)),
    }


def _situation(situation: Situation) -> Mapping[str, Any]:
    facts = situation.facts
    return {
        "facts": {
            "channel": facts.channel.value,
            "organisation": facts.organisation,
            "area": facts.area,
            "subject_role": facts.subject_role.value,
            "concerns": sorted(facts.concerns),
        },
        "out": [{"how": outage.how.value, "what": outage.what} for outage in situation.outages],
        "left": situation.left,
    }
