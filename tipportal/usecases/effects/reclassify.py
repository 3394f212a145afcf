"""A tip becomes a report under lag 2021:890, by two and at once (design 01); a report never becomes a tip.

From then on only those read who are designated to receive reports (5 kap. 5 §): all others lose every key of the case,
and the next epoch is begun without them. Where they would be too few, a panel and its standbys are drawn as for a
report, and let in with the act: by an epoch that the two have signed, as whenever somebody is let in, and that closes
at once, so that nothing is ever written in it for those who leave. The clocks count from the day of the first receipt,
as they did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tipportal.domain.approvals import ActKind
from tipportal.domain.cases import Case, Grant, GrantKind, RecordKind, Stream
from tipportal.domain.errors import GrantsMismatch, IllegalTransition, Invalid, NotEntitled
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.organisations import Channel
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.prepared import PreparedGrant
from tipportal.domain.releases import ReleaseReason
from tipportal.domain.separations import Seat, Vacancy
from tipportal.domain.texts import N_
from tipportal.usecases.context import Context
from tipportal.usecases.epochs import check_epoch_records, coming_members, keep_epoch
from tipportal.usecases.handle import case_entry, keep_record, member_of, stored_record
from tipportal.usecases.letting_in import Admissible, NewMember, admissible, new_members
from tipportal.usecases.new_panels import coming_in
from tipportal.usecases.regimes import divided, goes_on, needs_panel, stepping_in, why_not_reclassify
from tipportal.usecases.seats import needs_epoch, seats_of
from tipportal.usecases.separating import release_standbys

from .effect import Decided, Effect, Landing, Payload, Proposed, source_is_told
from .members import check_offered, prepare_epoch

_WRONG = N_("Förslaget har fel innehåll.")
_NOT_AS_SHOWN = N_("Vilka som tar emot rapporter har ändrats. Hämta ärendet igen och lägg ett nytt förslag.")


def _check(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    reason = why_not_reclassify(case)
    if reason is not None:
        raise IllegalTransition(reason)
    if needs_panel(ctx, uow, case) is not ("panel" in payload):
        raise IllegalTransition(_NOT_AS_SHOWN)
    if "panel" not in payload:
        return
    seats = seats_of(ctx, uow, case)
    if needs_epoch(uow, case, seats):
        raise IllegalTransition(N_("Ärendets nycklar behöver bytas först. Hämta ärendet igen."))
    coming_members(seats)
    staying, _ = divided(ctx, uow, case)
    if not goes_on([*staying, *_seats(_named(ctx, uow, case, payload))]):
        raise IllegalTransition(_NOT_AS_SHOWN)


def _named(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> tuple[NewMember, ...]:
    """Whom the payload names, each under a new pseudonym and designated today to receive reports."""
    panel = payload["panel"]
    if not isinstance(panel, Sequence) or isinstance(panel, str):
        raise Invalid(_WRONG, field="payload")
    known: dict[tuple[Json, ...], Admissible] = {
        tuple(person.named().values()): person for person in admissible(ctx, uow, case, Channel.REPORT)
    }
    people = []
    for member in panel:
        if not isinstance(member, Mapping):
            raise Invalid(_WRONG, field="payload")
        key = (member["function"], member["unit"], member["recipient"], member["verification_key"])
        if key not in known:
            raise NotEntitled(N_("Personen är inte utsedd i dag, eller ska hållas utanför ärendet."))
        people.append((member["role"] == GrantKind.PANEL.value, known[key]))
    named = new_members(uow, case, people)
    if [one.member for one in named] != [member["id"] for member in panel if isinstance(member, Mapping)]:
        raise Invalid(N_("Den som släpps in ska ha ett nytt nummer i ärendet."), field="payload")
    return named


def _seats(people: Sequence[NewMember]) -> list[Seat]:
    return [one.seat() for one in people]


def _keep(proposed: Proposed) -> None:
    payload, offered, case = proposed.offered.payload, proposed.offered.epoch, proposed.case
    if "panel" not in payload:
        return
    facts = proposed.offered.facts
    if offered is None or facts is None or offered.epoch != case.epoch + 1:
        raise Invalid(N_("Den nya epoken ska följa på den nuvarande."), field="epoch")
    check_offered(offered)
    people = _named(proposed.ctx, proposed.uow, case, payload)
    drawn = coming_in(
        proposed.ctx,
        proposed.uow,
        case,
        area=facts.area,
        subject_role=facts.subject_role,
        concerns=facts.concerns,
    )
    # Nobody picks who receives it: they are drawn, by what the source said of whom it concerns.
    if drawn != people:
        raise IllegalTransition(_NOT_AS_SHOWN)
    older = {(grant.epoch, grant.holder): grant.file for grant in offered.older}
    roles = {one.member: one.role for one in people}
    everything = {(epoch, member) for epoch in range(case.epoch + 1) for member in roles}
    # All that was written before, or those who hand the case over would choose what the others get to read.
    if set(older) != everything or len(older) != len(offered.older):
        raise GrantsMismatch(N_("Den som släpps in ska få nycklarna till allt som redan finns i ärendet."))
    new = [PreparedGrant(offered.epoch, grant.holder, grant.kind, grant.file) for grant in offered.grants]
    past = [PreparedGrant(epoch, member, roles[member], file) for (epoch, member), file in older.items()]
    prepare_epoch(proposed, offered, _seats(people)[0], (*new, *past))


def _reclassify(act: Decided) -> Case:
    ctx, uow, told = act.ctx, act.uow, act.records[0]
    keep_record(ctx, uow, act.account, act.case, told)
    written: dict[str, Json] = {"seq": told.seq, "epoch": told.epoch, "record": told.digest.hex()}
    uow.log.append(case_entry(ctx, act.account, act.case, EntryKind.MESSAGE_SENT, written))
    case = _let_in(act) if "panel" in act.payload else act.case
    staying, leaving = divided(ctx, uow, case)
    case = uow.cases.reclassify(case)
    if not leaving:
        return case
    for seat in leaving:
        uow.separations.vacate(
            Vacancy(
                organisation_id=case.organisation_id,
                case_id=case.id,
                account_id=seat.holder,
                member=seat.member,
                epoch=case.epoch,
                at=ctx.clock(),
            )
        )
        facts: dict[str, Json] = {"member": seat.member, "epoch": case.epoch}
        uow.log.append(case_entry(ctx, act.account, case, EntryKind.SEAT_VACATED, facts))
    # What follows goes to keys that those who have left never had.
    uow.cases.close_epoch(case.id, case.epoch)
    release_standbys(ctx, uow, case, stepping_in(staying), ReleaseReason.SEPARATION)
    return case


def _let_in(act: Decided) -> Case:
    ctx, uow, case = act.ctx, act.uow, act.case
    prepared = uow.separations.prepared(act.proposal.id)
    if prepared is None:
        raise Invalid(_WRONG, field="epoch")
    records = act.records[1:]
    check_epoch_records(records, prepared.epoch)
    new = _seats(_named(ctx, uow, case, act.payload))
    author = member_of(uow, case, act.account)
    advanced = keep_epoch(
        ctx,
        uow,
        case,
        epoch=prepared.epoch,
        recipients=(prepared.work_recipient, prepared.dialogue_recipient),
        opened_by=act.account.id,
        members=(*coming_members(seats_of(ctx, uow, case)), *new),
        files={(grant.member, grant.kind): grant.file for grant in prepared.grants if grant.epoch == prepared.epoch},
    )
    by_name = {seat.member: seat for seat in new}
    uow.cases.add_grants(
        [
            Grant(
                organisation_id=case.organisation_id,
                case_id=case.id,
                epoch=grant.epoch,
                holder=by_name[grant.member].holder,
                kind=grant.kind,
                member=grant.member,
                unit_id=by_name[grant.member].unit_id,
                function_id=by_name[grant.member].function_id,
                file=grant.file,
            )
            for grant in prepared.grants
            if grant.epoch < prepared.epoch
        ]
    )
    uow.cases.add_records([stored_record(ctx, advanced, record, author) for record in records])
    uow.log.append(case_entry(ctx, act.account, case, EntryKind.EPOCH_BEGUN, {"epoch": prepared.epoch}))
    return advanced


def _lands(payload: Payload) -> Landing:
    if "panel" not in payload:
        return source_is_told(payload)
    return (*source_is_told(payload), (Stream.WORK, RecordKind.EPOCH), (Stream.DIALOGUE, RecordKind.EPOCH))


EFFECTS = (
    Effect(kind=ActKind.RECLASSIFY, check=_check, apply=_reclassify, lands=_lands, keeps_records=True, keep=_keep),
)
