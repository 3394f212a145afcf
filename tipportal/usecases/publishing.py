"""Reports of the follow-up on their way out: drafts, their paragraphs, what two have published, and its files (06).

Publishing itself is a change by two administrators (``changing/publish.py``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tipportal.domain.accounts import Account, Permission, allows
from tipportal.domain.deadlines import stockholm_date
from tipportal.domain.errors import Conflict, Invalid, NotEntitled, NotFound
from tipportal.domain.followup import calendar
from tipportal.domain.followup.calendar import Reminder
from tipportal.domain.followup.periods import Period
from tipportal.domain.followup.publications import (
    DRAFT_DAYS,
    LONGEST_TEXT,
    PUBLISHABLE,
    Content,
    Draft,
    Published,
    PublishedFile,
    check_publishable,
    first_key,
)
from tipportal.domain.followup.report import Audience, Report, ReportKind
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.suppression.kept import keep
from tipportal.domain.texts import N_
from tipportal.reporting import FORMATS, LANGUAGES, Format, document, render

from .context import Context
from .entries import account_entry
from .reporting import making
from .reporting.computing import Computed

_DAY = 24 * 3600
REPORTS_AT_ONCE = 8
"""Published reports whose files one run of ``tick`` makes."""
_NO_PAGE = N_("Sidan finns inte.")
_GONE = N_("Underlaget finns inte längre. Ta fram det igen.")


@dataclass(frozen=True, slots=True)
class ShownDraft:
    """A draft with its report. ``current``: nothing has been published since, so that it may still be."""

    draft: Draft
    report: Report
    current: bool


@dataclass(frozen=True, slots=True)
class ShownSet:
    """The drafts of a set as they are now: of each report the newest, the whole installation's first.

    ``current``: nothing has been published since, so that they may still be.
    """

    id: str
    drafts: tuple[Draft, ...]
    current: bool


@dataclass(frozen=True, slots=True)
class ShownPublication:
    """A published report, with the formats and languages that its files are there in."""

    published: Published
    report: Report
    files: tuple[tuple[str, str], ...]


def make_draft(ctx: Context, account: Account, kind: ReportKind, period: Period, organisation_id: str | None) -> Draft:
    """The month's draft of a report, made the first time that somebody asks for it.

    Raises Invalid, naming the field, for a report that is not published or a period that is not over; NotFound for an
    unknown organisation; NotEntitled. The figures are counted outside any transaction: of a long log it takes seconds.
    """
    _must_administer(account)
    check_publishable(kind, period, ctx.today())
    with ctx.storage.read() as uow:
        if organisation_id is not None and uow.register.organisation_by_id(organisation_id) is None:
            raise NotFound(_NO_PAGE)
    return _made_once(
        ctx,
        account,
        lambda scope, after: first_key(kind, period, scope, ctx.today(), after),
        lambda: [making.make(ctx, kind, period, scope=organisation_id, audience=Audience.PUBLIC)],
        organisation_id,
    )


def make_set(ctx: Context, account: Account, kind: ReportKind, period: Period) -> str:
    """The month's drafts of the whole installation's report and of each organisation's, computed together: their set.

    Made the first time that somebody asks. Raises as ``make_draft``; of many organisations it takes half a minute.
    """
    _must_administer(account)
    check_publishable(kind, period, ctx.today())
    set_id = ctx.new_id()
    made = _made_once(
        ctx,
        account,
        lambda scope, after: first_key(kind, period, scope, ctx.today(), after, together=True),
        lambda: making.make_set(ctx, kind, period),
        None,
        set_id,
    )
    return made.set_id or set_id


def edit_draft(ctx: Context, account: Account, draft_id: str, texts: Mapping[str, str]) -> Draft:
    """A new draft with paragraphs, by id, in other words. Raises Invalid naming the paragraph, NotFound, NotEntitled.

    An empty text puts the paragraph that was computed back. Figures are not touched.
    """
    _must_administer(account)
    with ctx.storage.read() as uow:
        before = _found(uow, draft_id)
        content = uow.publications.draft_content(draft_id)
    for name, text in texts.items():
        if len(text) > LONGEST_TEXT:
            raise Invalid(N_("Texten får ha högst 4 000 tecken."), field=name)
    try:
        report = document.decode(content.document).edited({name: text.strip() for name, text in texts.items()})
    except KeyError as unknown:
        raise Invalid(N_("Stycket finns inte i rapporten."), field=str(unknown.args[0])) from None
    content = Content(document.encode(report), content.shown)
    made = _draft(ctx, account, report, content, after=before.after, based_on=before.id, set_id=before.set_id)
    with ctx.storage.write() as uow:
        _keep(ctx, uow, account, [(made, content)])
    return made


def drafts(ctx: Context, account: Account) -> Sequence[Draft]:
    """Every draft, newest first, without what they hold. Raises NotEntitled."""
    _must_administer(account)
    with ctx.storage.read() as uow:
        return uow.publications.drafts()


def draft(ctx: Context, account: Account, draft_id: str) -> ShownDraft:
    """One draft. Raises NotFound, NotEntitled."""
    _must_administer(account)
    with ctx.storage.read() as uow:
        found = _found(uow, draft_id)
        current = found.after == uow.publications.how_many()
        data = uow.publications.draft_content(draft_id).document
    return ShownDraft(found, document.decode(data), current)


def draft_set(ctx: Context, account: Account, set_id: str) -> ShownSet:
    """The drafts of a set. Raises NotFound, NotEntitled."""
    _must_administer(account)
    with ctx.storage.read() as uow:
        found = uow.publications.drafts_of(set_id)
        after = uow.publications.how_many()
        scopes = [None, *(each.id for each in uow.register.organisations())]
    if not found:
        raise NotFound(_GONE)
    # What somebody has edited is not told by time alone: an edit may be of the same second.
    edited = {one.based_on for one in found}
    newest: dict[str | None, Draft] = {}
    for one in found:
        if one.id not in edited:
            newest.setdefault(one.organisation_id, one)
    ordered = tuple(newest[scope] for scope in scopes if scope in newest)
    return ShownSet(set_id, ordered, all(one.after == after for one in ordered))


def proposal(drafts: Sequence[Draft], number: str) -> dict[str, Json]:
    """The payload of the change that publishes drafts under a registry number: what both sign."""
    return {
        "drafts": [{"draft": one.id, "digest": one.digest.hex()} for one in drafts],
        "registry_number": number,
    }


def draft_file(ctx: Context, account: Account, draft_id: str, form: Format, language: str) -> bytes:
    """A draft as a file, marked as one."""
    shown = draft(ctx, account, draft_id)
    return render(shown.report, form, language, draft=True)


def internal(ctx: Context, account: Account, kind: ReportKind, period: Period, organisation_id: str | None) -> Report:
    """A report with all its figures, for an auditor, who may read the log anyway.

    Cases that the reader is kept out of do not count: nothing tells that they are there.
    """
    if not allows(account.role, Permission.AUDIT):
        raise NotEntitled(N_("Bara revisorer ser uppföljningen med alla siffror."))
    with ctx.storage.read() as uow:
        if organisation_id is not None and uow.register.organisation_by_id(organisation_id) is None:
            raise NotFound(_NO_PAGE)
        without = frozenset(uow.separations.cases_without(account.id))
    return making.make(ctx, kind, period, scope=organisation_id, audience=Audience.INTERNAL, without=without).report


def published(ctx: Context, organisation_id: str | None = None) -> Sequence[Published]:
    """What is published, newest first; with an organisation, what concerns it: its own and the whole portal's.

    What was published at once stands in its order.
    """
    with ctx.storage.read() as uow:
        found = uow.publications.published()
    begins: dict[str, int] = {}
    for one in found:
        begins.setdefault(one.change_id, one.position)
    newest = sorted(found, key=lambda one: (-begins[one.change_id], one.position))
    return [one for one in newest if organisation_id is None or one.concerns(organisation_id)]


def publication(ctx: Context, publication_id: str, organisation_id: str | None = None) -> ShownPublication:
    """One published report. Raises NotFound, also where it does not concern the organisation that is given."""
    with ctx.storage.read() as uow:
        found = _published(uow, publication_id, organisation_id)
        data = uow.publications.document(publication_id)
        files = tuple(uow.publications.files(publication_id))
    return ShownPublication(found, document.decode(data), files)


def publication_file(
    ctx: Context, publication_id: str, form: Format, language: str, organisation_id: str | None = None
) -> PublishedFile:
    """A published report as a file. Raises NotFound as ``publication``, and while ``tick`` has not made it yet."""
    with ctx.storage.read() as uow:
        _published(uow, publication_id, organisation_id)
        found = uow.publications.file(publication_id, form.value, language)
    if found is None:
        raise NotFound(_NO_PAGE)
    return found


def make_files(ctx: Context) -> int:
    """Make the files of what has been published since, and forget old drafts: part of ``tick``. How many files.

    Each file is made outside any transaction: a long PDF takes seconds, and nobody waits for it. Of many reports that
    were published together the rest waits for the next run, or alarms would wait for minutes.
    """
    oldest, made = ctx.clock() - DRAFT_DAYS * _DAY, 0
    with ctx.storage.read() as uow:
        outlived = any(one.made_at < oldest for one in uow.publications.drafts())
        missing = [(one, files) for one in uow.publications.published() if (files := _missing(uow, one.id))]
    if outlived:
        # Only then: one transaction writes at a time, and whoever hands something in waits for it.
        with ctx.storage.write() as uow:
            uow.publications.forget_drafts(oldest)
    for one, files in missing[:REPORTS_AT_ONCE]:
        with ctx.storage.read() as uow:
            report = document.decode(uow.publications.document(one.id))
        for form, language in files:
            data = render(report, form, language, registry_number=one.registry_number)
            with ctx.storage.write() as uow:
                uow.publications.keep_file(PublishedFile(one.id, form.value, language, data, ctx.clock()))
            made += 1
    return made


def reminders(ctx: Context, account: Account) -> Sequence[Reminder]:
    """What is due for the whole portal: what administrators publish; for auditors the sample too. Nobody else."""
    with ctx.storage.read() as uow:
        founded, found = uow.founded_at(), uow.publications.published()
    done = {(one.kind, Period.read(one.period)) for one in found if one.organisation_id is None}
    begun = None if founded is None else stockholm_date(founded)
    due = calendar.reminders(ctx.today(), begun, done)
    if allows(account.role, Permission.AUDIT):
        return due
    return [one for one in due if one.kind in PUBLISHABLE] if allows(account.role, Permission.ADMINISTER) else ()


def _missing(uow: UnitOfWork, publication_id: str) -> list[tuple[Format, str]]:
    there = set(uow.publications.files(publication_id))
    return [(form, language) for form in FORMATS for language in LANGUAGES if (form.value, language) not in there]


def _made_once(
    ctx: Context,
    account: Account,
    first: Callable[[str | None, int], str],
    compute: Callable[[], Sequence[Computed]],
    scope: str | None,
    set_id: str | None = None,
) -> Draft:
    """The draft of ``scope``, with the others of its set: the one that is there, or computed and kept at once.

    ``first`` gives the key of a scope after a number of publications.
    """
    with ctx.storage.read() as uow:
        after = uow.publications.how_many()
        there = uow.publications.first_draft(first(scope, after))
    if there is not None:
        return there
    made: list[tuple[Draft, Content]] = []
    for computed in compute():
        content = Content(document.encode(computed.report), b"" if computed.shown is None else keep(computed.shown))
        key = first(computed.report.scope, after)
        one = _draft(ctx, account, computed.report, content, after=after, first=key, set_id=set_id)
        made.append((one, content))
    try:
        with ctx.storage.write() as uow:
            _must_be_after(uow, after)
            _keep(ctx, uow, account, made)
    except Conflict:
        # Two who ask at once get the same ones.
        with ctx.storage.read() as uow:
            there = uow.publications.first_draft(first(scope, after))
        if there is None:
            raise
        return there
    return next(one for one, _ in made if one.organisation_id == scope)


def _draft(
    ctx: Context,
    account: Account,
    report: Report,
    content: Content,
    *,
    after: int,
    first: str | None = None,
    based_on: str | None = None,
    set_id: str | None = None,
) -> Draft:
    return Draft(
        id=ctx.new_id(),
        organisation_id=report.scope,
        kind=report.kind,
        period=str(report.period),
        size=report.log.size,
        as_of=report.as_of,
        digest=hashlib.sha256(content.document).digest(),
        after=after,
        made_by=account.id,
        made_at=ctx.clock(),
        first=first,
        based_on=based_on,
        set_id=set_id,
    )


def _keep(ctx: Context, uow: UnitOfWork, account: Account, made: Sequence[tuple[Draft, Content]]) -> None:
    """Keep drafts of one kind and period; of a set there is one entry too."""
    for draft, content in made:
        uow.publications.keep_draft(draft, content)
    drafts, _ = zip(*made, strict=True)
    facts = {
        "kind": drafts[0].kind.value,
        "period": drafts[0].period,
        "edited": drafts[0].based_on is not None,
        "set": drafts[0].set_id,
        "drafts": [{"draft": each.id, "scope": each.organisation_id} for each in drafts],
    }
    uow.log.append(account_entry(ctx, account, EntryKind.REPORT_DRAFTED, facts))


def _must_be_after(uow: UnitOfWork, after: int) -> None:
    if uow.publications.how_many() != after:
        raise Conflict(N_("En annan rapport har publicerats under tiden. Ta fram underlaget igen."))


def _found(uow: UnitOfWork, draft_id: str) -> Draft:
    found = uow.publications.draft(draft_id)
    if found is None:
        raise NotFound(_GONE)
    return found


def _published(uow: UnitOfWork, publication_id: str, organisation_id: str | None) -> Published:
    found = uow.publications.publication(publication_id)
    if found is None or not (organisation_id is None or found.concerns(organisation_id)):
        raise NotFound(_NO_PAGE)
    return found


def _must_administer(account: Account) -> None:
    if not allows(account.role, Permission.ADMINISTER):
        raise NotEntitled(N_("Bara administratörer tar fram underlag."))
