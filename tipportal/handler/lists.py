"""First screen, list of cases, and approvals that wait: everything that the server may know, titles sealed."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tipportal.domain.accounts import Permission, Role
from tipportal.domain.texts import N_
from tipportal.usecases import cover, desk, ending, firstscreen, handle, separating
from tipportal.web.guard import requires, signed_in
from tipportal.web.services import context

from . import blueprint, case_words, filters, junk_words, sessions, wording
from .lines import line_of
from .sign_in import HOME

NUMBERS = (
    ("new", N_("nya ärenden")),
    ("mine", N_("pågående ärenden")),
    ("unread", N_("med olästa svar")),
    ("waiting", N_("väntar på ditt godkännande")),
)


@blueprint.get("/")
@requires(Permission.ACCOUNT)
def first_screen() -> ResponseReturnValue:
    """What needs doing, new cases, my cases, four numbers. Other roles have first pages of their own."""
    account = sessions.me()
    if account.role is not Role.HANDLER:
        return redirect(url_for(HOME[account.role]), 303)
    if not signed_in().designated:
        # Their first screen, not an error: the account is in order, and can be looked after meanwhile.
        return render_template("handler/undesignated.html")
    today = context().today()
    screen = firstscreen.first_screen(context(), account)
    return render_template(
        "handler/first_screen.html",
        screen=screen,
        needs_action=[line_of(one, today) for one in screen.needs_action],
        new=[line_of(one, today) for one in screen.new],
        mine=[line_of(one, today) for one in screen.mine],
        numbers=NUMBERS,
        ending=ending.for_handler(context(), account),
        cover=cover.for_handler(context(), account),
        wording=wording,
    )


@blueprint.get("/arenden")
@requires(Permission.HANDLE)
def case_list() -> ResponseReturnValue:
    """All cases of the handler, a page at a time, newest first; filters are GET parameters."""
    ctx, account = context(), sessions.me()
    today = ctx.today()
    organisations = firstscreen.my_organisations(ctx, account)
    chosen = filters.chosen(request.args, organisations)
    page = handle.my_cases(ctx, account, after=filters.after(request.args), selection=chosen.asked(today))
    following = None
    if page.next_after is not None:
        received_on, reference = page.next_after
        last = f"{received_on.isoformat()}.{reference}"
        following = f"{url_for('handler.case_list')}?{urlencode({**chosen.kept(), 'after': last})}"
    return render_template(
        "handler/case_list.html",
        lines=[line_of(one, today) for one in firstscreen.with_claims(ctx, account, page.rows)],
        following=following,
        chosen=chosen,
        fields=chosen.fields(organisations),
        first="after" not in request.args,
        words=junk_words,
        wording=wording,
    )


@blueprint.get("/godkannanden")
@requires(Permission.HANDLE)
def approvals() -> ResponseReturnValue:
    """Proposals of others that wait for me: who asks, what changes, who may approve."""
    ctx, account = context(), sessions.me()
    return render_template(
        "handler/approvals.html",
        cards=desk.approvals(ctx, account),
        deciding=len(separating.deciding(ctx, account)),
        words=case_words,
        junk=junk_words,
        wording=wording,
    )
