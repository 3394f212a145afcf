"""The policy as administrators see it: in words, made from a template, imported, exported, and proven."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import Field
from wtforms.validators import ValidationError

from tipportal.domain.accounts import Permission
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.errors import NotFound
from tipportal.domain.independence.kept import KeptProof
from tipportal.domain.organisations import Organisation
from tipportal.domain.policies.describing import Description, describe
from tipportal.domain.policies.policy import AuthorityRow, Policy
from tipportal.domain.policies.templates import COUNSEL, FUNCTION, Answers, Template, from_template
from tipportal.domain.policies.writing import write_policy
from tipportal.domain.texts import N_
from tipportal.usecases import surveying
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import blueprint
from .administration import check_draft, with_errors
from .administration_fields import AdministrationForm, Operation, choose, day_field, file_text, pick, text_field
from .administration_register import EDIT

if TYPE_CHECKING:
    from tipportal.usecases.surveying import Survey

TEMPLATE_FORM = "handler/administration/template.html"
IMPORT_FORM = "handler/administration/import.html"
TEMPLATES: Mapping[str, Template] = {
    "byra": Template.FIRM,
    "grannkommun": Template.NEIGHBOUR,
    "bolag": Template.COMPANY,
}
"""The templates by the word in their address."""
HEADINGS = {
    Template.FIRM: N_("Ensam, med en extern byrå"),
    Template.NEIGHBOUR: N_("Med en grannkommun"),
    Template.COMPANY: N_("Ett bolag i kommunens funktion"),
}
LEADS = {
    Template.FIRM: N_("Egna handläggare i minst tre enheter, och en byrå med minst tre namngivna personer."),
    Template.NEIGHBOUR: N_("Två egna och två från en grannkommun, och ett externt ombud som alltid står utanför."),
    Template.COMPANY: N_("Bolaget behöver inga egna handläggare. Kommunens funktion tar emot dess ärenden."),
}
_FUNCTION = N_("Välj funktion.")


class PolicyForm(AdministrationForm):
    """What every new policy carries: the decision behind it."""

    section = "handler.administration_policy"
    decision = ("owner", "decision_number", "decided_on")

    owner = pick(N_("Organisation som har beslutat"), N_("Välj organisation."))
    decision_number = text_field(N_("Beslutets diarienummer"), N_("Skriv beslutets diarienummer."))
    decided_on = day_field(N_("Beslutsdatum"), N_("Skriv beslutets datum."))

    def decided(self) -> Operation:
        """The decision as the payload holds it."""
        return {
            "organisation": self.owner.data,
            "number": self.decision_number.data,
            "decided_on": self.decided_on.data,
        }


class TemplateForm(PolicyForm):
    """A few answers make a whole policy. Who is in each function follows from the designations of today."""

    organisation = pick(N_("Vems tips och rapporter"), N_("Välj organisation."))
    authority = pick(N_("Mottagande myndighet"), hint=N_("För ett bolag kommunen, för en kommun ofta kommunstyrelsen."))
    function = pick(N_("Funktion som tar emot"), _FUNCTION, N_("De som är utsedda till den i dag blir medlemmar."))
    counsel = pick(N_("Externt ombud"), _FUNCTION, N_("Funktionen som tar över när egna handläggare berörs."))
    security = pick(N_("Säkerhetschefens enhet"))

    def offer(self, survey: Survey, subject: str) -> None:
        """Organisations, functions with members today, and units."""
        del subject
        self._survey = survey
        for field in (self.organisation, self.owner):
            choose(field, survey.organisation_options())
        choose(self.authority, survey.organisation_options(), N_("Organisationen själv"))
        for field in (self.function, self.counsel):
            choose(field, survey.function_options())
        choose(self.security, survey.unit_options(), N_("Finns inte"))

    def validate_function(self, field: Field) -> None:
        """Somebody is designated to it."""
        self._staffed(field)

    def validate_counsel(self, field: Field) -> None:
        """Somebody is designated to it, and it is another function."""
        if field.data == self.function.data:
            raise ValidationError(gettext(N_("Välj en annan funktion än den som tar emot.")))
        self._staffed(field)

    def policy(self, template: Template) -> Policy:
        """The policy that the answers make. Raises ValueError when a company is its own authority."""
        organisation, authority = self.organisation.data, self.authority.data or self.organisation.data
        own, outside = self._members(self.function.data), self._members(self.counsel.data)
        # A municipality's committee receives for it: the template knows the two as one, so it joins afterwards.
        party = authority if template is Template.COMPANY else organisation
        made = from_template(template, Answers(organisation, party, own, outside, self.security.data or None))
        chosen = {FUNCTION: (self.function.data, own), COUNSEL: (self.counsel.data, outside)}
        return _renamed(made, chosen, authority, self._survey)

    def _staffed(self, field: Field) -> None:
        if not self._members(field.data):
            raise ValidationError(gettext(N_("Ingen är utsedd till funktionen i dag. Utse handläggare först.")))

    def _members(self, function_id: str) -> tuple[str, ...]:
        survey = self._survey
        found = [each for each in survey.designations if each.function_id == function_id and each.active(survey.today)]
        return tuple(dict.fromkeys(each.account_id for each in sorted(found, key=lambda one: one.rank)))


class ImportForm(PolicyForm):
    """A policy as TOML, and with it a register if one is given: both as one change."""

    heading = N_("Importera policy")

    policy = file_text(
        N_("Policy (TOML)"), N_("Välj en fil eller klistra in texten."), N_("Välj en fil eller klistra in policyn.")
    )
    register = file_text(N_("Register (TOML)"), N_("Lämna tomt om registret ska vara som det är."))

    def offer(self, survey: Survey, subject: str) -> None:
        """Organisations."""
        del subject
        choose(self.owner, survey.organisation_options())


@dataclass(frozen=True, slots=True)
class PolicyShown:
    """A policy in force, as its page shows it."""

    version: int
    organisations: tuple[Organisation, ...]
    words: Description
    proof: KeptProof | None


@blueprint.get("/administration/policy")
@requires(Permission.ADMINISTER)
def administration_policy() -> ResponseReturnValue:
    """Each policy in force, in words, with what its newest proof found; and the ways to a new one."""
    survey = surveying.survey(context())
    return render_template(
        "handler/administration/policy.html",
        policies=list(_in_force(survey)),
        templates=[(word, HEADINGS[template], LEADS[template]) for word, template in TEMPLATES.items()],
    )


@blueprint.route("/administration/policy/mall/<template>", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def administration_policy_template(template: str) -> ResponseReturnValue:
    """A policy made by filling in a template."""
    chosen = TEMPLATES.get(template)
    if chosen is None:
        raise NotFound(N_("Sidan finns inte."))
    form = TemplateForm()
    form.offer(surveying.survey(context()), "")
    drawn = {"heading": HEADINGS[chosen], "lead": LEADS[chosen]}
    if not form.is_submitted() or form.step.data == EDIT:
        form.step.data = ""
        return render_template(TEMPLATE_FORM, form=form, **drawn)
    if not form.validate_on_submit():
        return with_errors(form, [], TEMPLATE_FORM, **drawn)
    try:
        policy = form.policy(chosen)
    except ValueError:
        form.authority.errors = [gettext(N_("Ange kommunen eller nämnden som tar emot bolagets ärenden."))]
        return with_errors(form, [], TEMPLATE_FORM, **drawn)
    payload: Operation = {"policy": write_policy(policy), "register": None, "decision": form.decided()}
    return check_draft(ChangeKind.POLICY, payload, form, TEMPLATE_FORM, **drawn)


@blueprint.route("/administration/policy/import", methods=["GET", "POST"])
@requires(Permission.ADMINISTER, large_body=True)
def administration_policy_import() -> ResponseReturnValue:
    """A policy from a file; faults are shown with their lines."""
    form = ImportForm()
    form.offer(surveying.survey(context()), "")
    if not form.is_submitted() or form.step.data == EDIT:
        form.step.data = ""
        return render_template(IMPORT_FORM, form=form)
    if not form.validate_on_submit():
        return with_errors(form, [], IMPORT_FORM)
    payload: Operation = {
        "policy": _lines(form.policy.data),
        "register": _lines(form.register.data) if (form.register.data or "").strip() else None,
        "decision": form.decided(),
    }
    return check_draft(ChangeKind.POLICY, payload, form, IMPORT_FORM)


def _lines(text: str | None) -> str:
    # A browser sends line breaks as CR LF; a policy has one exact form.
    return (text or "").replace("\r\n", "\n")


def _in_force(survey: Survey) -> Iterator[PolicyShown]:
    shown: set[tuple[str, ...]] = set()
    for organisation in survey.organisations:
        found = survey.policies.get(organisation.id)
        if found is None or found.policy.organisations in shown:
            continue
        shown.add(found.policy.organisations)
        covered = tuple(each for each in survey.organisations if each.id in found.policy.organisations)
        yield PolicyShown(
            version=found.version,
            organisations=covered,
            words=describe(found.policy, survey.names),
            proof=survey.proofs.get(organisation.id),
        )


def _renamed(
    policy: Policy, chosen: Mapping[str, tuple[str, tuple[str, ...]]], authority: str, survey: Survey
) -> Policy:
    """The template's two functions stand for functions of the register, with those who are designated to them.

    ``authority`` is the receiving authority: wherever a rule leaves the organisation out, it is left out as well.
    """
    ids = {name: function_id for name, (function_id, _) in chosen.items()}
    functions = tuple(
        replace(
            function,
            id=ids[function.id],
            name=survey.function(ids[function.id]).name,
            authority=survey.function(ids[function.id]).organisation_id,
            members=chosen[function.id][1],
        )
        for function in policy.functions
    )
    return replace(
        policy,
        functions=functions,
        authorities=(AuthorityRow(authority),),
        defaults={
            channel: replace(route, to=tuple(ids[each] for each in route.to))
            for channel, route in policy.defaults.items()
        },
        ladder=tuple(tuple(ids[each] for each in rung) for rung in policy.ladder),
        rules=tuple(
            replace(
                rule,
                route=replace(
                    rule.route,
                    to=tuple(ids[each] for each in rule.route.to),
                    excludes=tuple(dict.fromkeys((*rule.route.excludes, authority))),
                ),
            )
            for rule in policy.rules
        ),
    )
