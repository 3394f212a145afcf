"""The follow-up on this face: what is published, drafts that administrators edit, and all figures for auditors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import TextAreaField
from wtforms.validators import Length

from tipportal.domain.accounts import Permission, Role
from tipportal.domain.errors import Invalid
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.publications import LONGEST_TEXT, PUBLISHABLE, Draft
from tipportal.domain.followup.report import REPORTS, Report, ReportKind
from tipportal.domain.texts import N_
from tipportal.reporting import told
from tipportal.usecases import publishing, surveying
from tipportal.usecases.surveying import Survey
from tipportal.web import report_pages
from tipportal.web.forms import PortalForm
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import administration_shown, blueprint, sessions
from .administration_fields import choose, later, pick, text_field

_WHOLE = N_("Hela portalen")
_EVERY = N_("Hela portalen och varje organisation")
_ALL = "*"
"""Chosen in place of an organisation's id."""
_MOST_LISTED = 20


class WantedReport(PortalForm):
    """Which report: its kind, the period, and for whom."""

    kind = pick(N_("Rapport"), N_("Välj rapport."))
    period = text_field(
        N_("Period"),
        N_("Skriv perioden."),
        N_("Till exempel 2026, eller 2026-1 för första halvåret."),
        width="10",
    )
    organisation = pick(N_("Organisation"))

    def offer(self, survey: Survey, kinds: tuple[ReportKind, ...], *, sets: bool = False) -> None:
        """The kinds that may be asked for, and the organisations; none chosen is the whole portal.

        ``sets``: all of them may be chosen at once.
        """
        choose(self.kind, [(kind.value, gettext(REPORTS[kind])) for kind in kinds])
        every = [(_ALL, gettext(_EVERY))] if sets else []
        choose(self.organisation, [*every, *survey.organisation_options()], _WHOLE)

    def chosen(self) -> tuple[ReportKind, Period, str | None]:
        """What was asked for. Raises Invalid naming the field."""
        return ReportKind(self.kind.data), Period.read(self.period.data or ""), self.organisation.data or None


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list of drafts has a line for: a draft of its own, or a set by the newest of its drafts."""

    draft: Draft
    href: str
    about: str


@blueprint.get("/uppfoljning")
@requires(Permission.ACCOUNT)
def followup() -> ResponseReturnValue:
    """What is published; for administrators the calendar and drafts too, for auditors the way to all figures."""
    return _overview(WantedReport(), 200)


@blueprint.post("/uppfoljning/underlag")
@requires(Permission.ADMINISTER)
def followup_make() -> ResponseReturnValue:
    """Make the month's draft of a report, or its set of drafts, or find what is there."""
    ctx, form = context(), WantedReport()
    form.offer(surveying.survey(ctx), PUBLISHABLE, sets=True)
    if not form.validate_on_submit():
        return _overview(form, 422)
    try:
        kind, period, organisation = form.chosen()
        with report_pages.place():
            made = (
                url_for("handler.followup_set", set_id=publishing.make_set(ctx, sessions.me(), kind, period))
                if organisation == _ALL
                else _to(publishing.make_draft(ctx, sessions.me(), kind, period, organisation))
            )
    except Invalid as refusal:
        _blame(form, refusal)
        return _overview(form, refusal.status)
    return redirect(made, 303)


@blueprint.get("/uppfoljning/samling/<set_id>")
@requires(Permission.ADMINISTER)
def followup_set(set_id: str) -> ResponseReturnValue:
    """The drafts that were made together: each to read and put in other words, and the way to publish them."""
    ctx = context()
    shown = publishing.draft_set(ctx, sessions.me(), set_id)
    first = shown.drafts[0]
    return render_template(
        "handler/followup/set.html",
        shown=shown,
        title=f"{gettext(REPORTS[first.kind])} {first.period}",
        names=_names(surveying.survey(ctx)),
    )


@blueprint.get("/uppfoljning/underlag/<draft_id>")
@requires(Permission.ADMINISTER)
def followup_draft(draft_id: str) -> ResponseReturnValue:
    """A draft, as everybody would see it when it is published."""
    shown = publishing.draft(context(), sessions.me(), draft_id)
    return render_template(
        "handler/followup/draft.html",
        shown=shown,
        title=_title(shown.report),
        body=report_pages.markup(shown.report, draft=True),
        files=report_pages.links(lambda form: url_for("handler.followup_draft_file", draft_id=draft_id, form=form)),
    )


@blueprint.get("/uppfoljning/underlag/<draft_id>/<form>")
@requires(Permission.ADMINISTER)
def followup_draft_file(draft_id: str, form: str) -> ResponseReturnValue:
    """A draft as a file, marked as one."""
    chosen = report_pages.format_of(form)
    with report_pages.place():
        data = publishing.draft_file(context(), sessions.me(), draft_id, chosen, report_pages.report_language())
    return report_pages.file_answer(data, chosen, f"utkast-{draft_id[:8]}")


@blueprint.route("/uppfoljning/underlag/<draft_id>/texter", methods=["GET", "POST"])
@requires(Permission.ADMINISTER, large_body=True)
def followup_texts(draft_id: str) -> ResponseReturnValue:
    """The draft's paragraphs, to be put in other words; the figures stay what they are."""
    ctx, me = context(), sessions.me()
    shown = publishing.draft(ctx, me, draft_id)
    form, names = _texts_form(shown.report)
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template(
            "handler/followup/texts.html", shown=shown, form=form, title=_title(shown.report)
        ), status
    written = {name: form[field].data or "" for field, name in names.items()}
    before = _written(shown.report)
    changed = {name: text for name, text in written.items() if _plain(text) != _plain(before[name])}
    if not changed:
        return redirect(_to(shown.draft), 303)
    return redirect(_to(publishing.edit_draft(ctx, me, draft_id, changed)), 303)


@blueprint.get("/uppfoljning/<publication_id>")
@requires(Permission.ACCOUNT)
def followup_report(publication_id: str) -> ResponseReturnValue:
    """A published report."""
    shown = publishing.publication(context(), publication_id)
    return render_template(
        "handler/followup/report.html",
        title=_title(shown.report),
        published=shown.published,
        body=report_pages.markup(shown.report, registry_number=shown.published.registry_number),
        files=report_pages.links(
            lambda form: url_for("handler.followup_file", publication_id=publication_id, form=form), shown.files
        ),
    )


@blueprint.get("/uppfoljning/<publication_id>/<form>")
@requires(Permission.ACCOUNT)
def followup_file(publication_id: str, form: str) -> ResponseReturnValue:
    """A published report as a file."""
    chosen = report_pages.format_of(form)
    found = publishing.publication_file(context(), publication_id, chosen, report_pages.report_language())
    return report_pages.file_answer(found.data, chosen, f"uppfoljning-{publication_id[:8]}")


@blueprint.get("/uppfoljning/revision")
@requires(Permission.AUDIT)
def followup_internal() -> ResponseReturnValue:
    """A report with all its figures; the choices are GET parameters, so that the page is an address."""
    ctx, me = context(), sessions.me()
    form = WantedReport(request.args, meta={"csrf": False})
    form.offer(surveying.survey(ctx), tuple(ReportKind))
    report: Report | None = None
    status = 200
    if request.args:
        try:
            if form.validate():
                wanted = form.chosen()
                with report_pages.place():
                    report = publishing.internal(ctx, me, *wanted)
            else:
                status = 422
        except Invalid as refusal:
            _blame(form, refusal)
            status = refusal.status
    return render_template(
        "handler/followup/internal.html",
        form=form,
        title="" if report is None else _title(report),
        body=None if report is None else report_pages.markup(report),
    ), status


def _overview(form: WantedReport, status: int) -> ResponseReturnValue:
    ctx, me = context(), sessions.me()
    survey = surveying.survey(ctx)
    administers = me.role is Role.ADMINISTRATOR
    if not form.kind.choices:
        form.offer(survey, PUBLISHABLE, sets=True)
    names = _names(survey)
    return render_template(
        "handler/followup/overview.html",
        form=form if administers else None,
        published=publishing.published(ctx),
        drafts=_listed(publishing.drafts(ctx, me), names) if administers else (),
        reminders=publishing.reminders(ctx, me),
        today=ctx.today(),
        names=names,
        reports=REPORTS,
        told=administration_shown.told,
    ), status


def _listed(drafts: Sequence[Draft], names: Mapping[str, str]) -> list[Listed]:
    """The newest, with one line for all that were made together."""
    lines: dict[str, Listed] = {}
    for one in drafts:
        if one.set_id is None:
            about = names.get(one.organisation_id or "") or gettext(_WHOLE)
            lines[one.id] = Listed(one, _to(one), about)
        elif one.set_id not in lines:
            href = url_for("handler.followup_set", set_id=one.set_id)
            lines[one.set_id] = Listed(one, href, gettext(_EVERY))
    return list(lines.values())[:_MOST_LISTED]


def _names(survey: Survey) -> dict[str, str]:
    return {each.id: each.name for each in survey.organisations}


def _to(draft: Draft) -> str:
    return url_for("handler.followup_draft", draft_id=draft.id)


def _texts_form(report: Report) -> tuple[PortalForm, dict[str, str]]:
    """A form with a field for each paragraph, and which paragraph each field is."""
    fields: dict[str, TextAreaField] = {}
    names: dict[str, str] = {}
    written = _written(report)
    for place, (name, text) in enumerate(written.items()):
        fields[f"text_{place}"] = TextAreaField(
            f"{place + 1}. {_heading_of(report, name)}",
            [Length(max=LONGEST_TEXT, message=later(N_("Texten får ha högst 4 000 tecken.")))],
            default=text,
            # What is computed in Swedish is put in other words in Swedish, on a page in any language.
            render_kw={"rows": min(12, 4 + len(text) // 90), "maxlength": LONGEST_TEXT, "lang": "sv", "dir": "ltr"},
        )
        names[f"text_{place}"] = name
    kind = cast("type[PortalForm]", type("ReportTexts", (PortalForm,), fields))
    return kind(), names


def _heading_of(report: Report, name: str) -> str:
    return next(
        report_pages.told_here(section.title)
        for section in report.sections
        if any(one.id == name for one in section.paragraphs)
    )


def _written(report: Report) -> dict[str, str]:
    paragraphs = (one for section in report.sections for one in section.paragraphs)
    return {one.id: one.edited or told(one.words, "sv") for one in paragraphs}


def _plain(text: str) -> str:
    # A browser sends line ends of its own.
    return " ".join(text.split())


def _title(report: Report) -> str:
    return report_pages.told_here(report.title)


def _blame(form: PortalForm, refusal: Invalid) -> None:
    name = refusal.field if refusal.field is not None and refusal.field in form else "period"
    form[name].errors = [*form[name].errors, gettext(refusal.reason)]
