"""The forms that seal in the browser: fields without a name, a button that only the sealing script enables."""

from __future__ import annotations

import re

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from tipportal.domain import questions
from tipportal.domain.accounts import Permission
from tipportal.domain.organisations import Channel
from tipportal.usecases import offers
from tipportal.web.guard import requires
from tipportal.web.languages import language
from tipportal.web.services import context
from tipportal.web.uploads import file_data

from . import blueprint
from .questionnaire import limits, notices, questionnaire
from .script_texts import FORM, data_block, translated

_INDENTATION = re.compile(r"\n\s+")


@blueprint.get("/<org>/tips")
@requires(Permission.PUBLIC)
def tip(org: str) -> ResponseReturnValue:
    """The form for a public tip."""
    return _form(org, Channel.TIP)


@blueprint.get("/<org>/rapport")
@requires(Permission.PUBLIC)
def report(org: str) -> ResponseReturnValue:
    """The form for a report under lag (2021:890)."""
    return _form(org, Channel.REPORT)


def _form(org: str, channel: Channel) -> ResponseReturnValue:
    page = offers.channel_page(context(), org, channel)
    script = {
        "api": {
            "panel": url_for("public.api_panel"),
            "directory": url_for("public.api_directory"),
            "cases": url_for("public.api_cases"),
            "token": url_for("public.api_form_token"),
            "case": url_for("public.api_case"),
            "uploads": url_for("public.api_uploads"),
        },
        "files": file_data(),
        "organisation": page.organisation.slug,
        "channel": channel.value,
        "language": language(),
        "limits": limits(channel),
        "required": [name for name, question in questions.questions(channel).items() if question.required],
        "notices": notices(channel),
        "texts": translated(FORM),
    }
    made = render_template(
        "public/sealing_form.html",
        page=page,
        form=questionnaire(page),
        sections=questions.form(channel),
        script_data=data_block(script),
        other=url_for(f"public.{channel.value}_without_javascript", org=page.organisation.slug),
    )
    # Indentation is 4 % of the compressed page, which is held to 14 kB. Nothing that somebody wrote is on it.
    return _INDENTATION.sub("\n", made)
