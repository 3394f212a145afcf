"""The statistics page of an organisation: the follow-up's reports that two have published. No live figure, ever."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from markupsafe import Markup

from tipportal.domain.accounts import Permission
from tipportal.domain.errors import NotFound
from tipportal.domain.followup.report import REPORTS
from tipportal.domain.texts import N_
from tipportal.reporting import FORMATS, LANGUAGES, MEDIA, Format, fragment, told
from tipportal.usecases import offers, publishing
from tipportal.usecases.publishing import ShownPublication
from tipportal.web.guard import requires
from tipportal.web.services import context

from . import blueprint

_NO_PAGE = N_("Sidan finns inte.")


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
    shown = _shown(organisation.id, publication_id)
    language = _language()
    return render_template(
        "public/statistics_report.html",
        organisation=organisation,
        published=shown.published,
        title=told(shown.report.title, language),
        # Made by our own templates, which escape what they show.
        body=Markup(fragment(shown.report, language, registry_number=shown.published.registry_number)),  # noqa: S704  # nosec B704
        files=[form for form in FORMATS if (form.value, language) in shown.files],
    )


@blueprint.get("/<org>/statistik/<publication_id>/<form>")
@requires(Permission.PUBLIC)
def statistics_file(org: str, publication_id: str, form: str) -> ResponseReturnValue:
    """One published report as a file."""
    organisation, _ = offers.start_page(context(), org)
    _shown(organisation.id, publication_id)
    try:
        chosen = Format(form)
    except ValueError:
        raise NotFound(_NO_PAGE) from None
    found = publishing.publication_file(context(), publication_id, chosen, _language())
    answer = Response(found.data, content_type=MEDIA[chosen])
    name = f"{organisation.slug}-{publication_id[:8]}.{chosen.value}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _shown(organisation_id: str, publication_id: str) -> ShownPublication:
    shown = publishing.publication(context(), publication_id)
    if shown.published.organisation_id not in {None, organisation_id}:
        raise NotFound(_NO_PAGE)
    return shown


def _language() -> str:
    language = str(get_locale())
    return language if language in LANGUAGES else "sv"
