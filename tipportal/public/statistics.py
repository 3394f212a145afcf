"""The statistics page of an organisation: the follow-up's reports that two have published. No live figure, ever."""

from __future__ import annotations

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission
from tipportal.domain.followup.report import REPORTS
from tipportal.usecases import offers, publishing
from tipportal.web import report_pages
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import blueprint


@blueprint.get("/<org>/statistik")
@requires(Permission.PUBLIC)
def statistics(org: str) -> ResponseReturnValue:
    """The published reports about an organisation, and about the whole portal."""
    organisation, _ = offers.start_page(context(), org)
    found = publishing.published(context(), organisation.id)
    return render_template("public/statistics.html", organisation=organisation, published=found, reports=REPORTS)


@blueprint.get("/<org>/statistik/<publication_id>")
@requires(Permission.PUBLIC)
def statistics_report(org: str, publication_id: str) -> ResponseReturnValue:
    """One published report."""
    organisation, _ = offers.start_page(context(), org)
    shown = publishing.publication(context(), publication_id, organisation.id)
    return render_template(
        "public/statistics_report.html",
        organisation=organisation,
        title=report_pages.told_here(shown.report.title),
        body=report_pages.markup(shown.report, registry_number=shown.published.registry_number),
        files=report_pages.links(
            lambda form: url_for("public.statistics_file", org=org, publication_id=publication_id, form=form),
            shown.files,
        ),
    )


@blueprint.get("/<org>/statistik/<publication_id>/<form>")
@requires(Permission.PUBLIC)
def statistics_file(org: str, publication_id: str, form: str) -> ResponseReturnValue:
    """One published report as a file."""
    organisation, _ = offers.start_page(context(), org)
    chosen = report_pages.format_of(form)
    found = publishing.publication_file(
        context(), publication_id, chosen, report_pages.report_language(), organisation.id
    )
    return report_pages.file_answer(found.data, chosen, f"{organisation.slug}-{publication_id[:8]}")
