"""Who is in a case: keeping a colleague out, letting somebody in, and ending a party's exclusion (04)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tipportal.domain import separations
from tipportal.domain.approvals import ActKind, ProposalState, current_state
from tipportal.domain.cases import Case, Grant, GrantKind, RecordKind, Stream
from tipportal.domain.errors import GrantsMismatch, IllegalTransition, Invalid, NotEntitled, ProposalOpen
from tipportal.domain.handlinglog import EntryKind
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.prepared import PreparedEpoch, PreparedGrant
from tipportal.domain.separations import EndedExclusion, Seat, SeparationKind
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError, inspect, padded_length
from tipportal.envelope.keys import SIGNATURE_SIZE
from tipportal.usecases.context import Context
from tipportal.usecases.epochs import check_epoch_records, coming_members, keep_epoch
from tipportal.usecases.handle import case_entry, member_of, stored_record
from tipportal.usecases.letting_in import Admissible, admissible
from tipportal.usecases.sealedfiles import check_grant, recipient_of
from tipportal.usecases.seats import needs_epoch, seats_of
from tipportal.usecases.separating import separate

from .effect import Decided, Effect, Landing, OfferedEpoch, Payload, Proposed, Reasons, source_is_told

_WRONG = N_("Förslaget har fel innehåll.")
_GRANTS = N_("De nya nycklarna ska gå till ärendets medlemmar och till tipslämnaren, ingen annan.")


def _check_excluding(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    seats = seats_of(ctx, uow, case)
    if payload["member"] not in {seat.member for seat in seats}:
        raise Invalid(N_("Personen ingår inte i ärendet."), field="payload")
    if separations.deciders(seats, str(payload["member"])) is None:
        raise IllegalTransition(
            N_("Det finns inte två andra som kan avgöra. Be en administratör att återställa ärendet.")
        )


def _keep_reasons(proposed: Proposed) -> None:
    uow, file = proposed.uow, proposed.offered.reasons
    member = str(proposed.offered.payload["member"])
    chosen = separations.deciders(seats_of(proposed.ctx, uow, proposed.case), member) or ()
    if proposed.account.id not in {seat.holder for seat in chosen}:
        raise NotEntitled(N_("Anmäl jäv om du själv vill lämna ärendet."))
    for other in uow.proposals.of_case(proposed.case.id):
        if (
            other.id != proposed.proposal.id
            and other.kind is ActKind.EXCLUDE_MEMBER
            and current_state(other, proposed.ctx.clock()) is ProposalState.OPEN
            and json.loads(other.payload)["member"] == member
        ):
            raise ProposalOpen(N_("Det finns redan ett sådant förslag som väntar på godkännande."))
    if not isinstance(file, bytes) or not _sealed_to(file, len(chosen)):
        raise Invalid(N_("Skälen ska vara förseglade till dem som avgör."), field="reasons")
    uow.separations.keep_reasons(proposed.proposal, file, [seat.holder for seat in chosen])


def _sealed_to(file: bytes, recipients: int) -> bool:
    try:
        shape = inspect(file)
    except EnvelopeError:
        return False
    return shape.recipients == recipients and padded_length(shape.payload_size) == shape.payload_size


def _exclude(act: Decided) -> Case:
    seats = seats_of(act.ctx, act.uow, act.case)
    concerned = next(seat for seat in seats if seat.member == act.payload["member"])
    chosen = separations.deciders(seats, concerned.member) or ()
    if not {act.account.id, act.proposal.proposer} <= {seat.holder for seat in chosen}:
        raise NotEntitled(N_("Ärendegruppen har ändrats sedan förslaget lades. Lägg ett nytt förslag."))
    separate(act.ctx, act.uow, act.case, holder=concerned.holder, kind=SeparationKind.EXCLUDED)
    return act.case


def _check_adding(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    seats = seats_of(ctx, uow, case)
    if needs_epoch(uow, case, seats):
        raise IllegalTransition(N_("Ärendets nycklar behöver bytas först. Hämta ärendet igen."))
    coming_members(seats)
    _person(ctx, uow, case, payload)
    today = ctx.today()
    if any(today < ended.holds_from for ended in uow.separations.ended_exclusions(case.id)):
        raise IllegalTransition(
            N_("Tipslämnaren ska ha fått veta det sju dagar innan någon släpps in efter en hävd uteslutning.")
        )


def _person(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> Admissible:
    member = payload["member"]
    if not isinstance(member, Mapping):
        raise Invalid(_WRONG, field="payload")
    if member["id"] != separations.next_pseudonym(uow.separations.pseudonyms(case.id)):
        raise Invalid(N_("Den som släpps in ska ha ett nytt nummer i ärendet."), field="payload")
    for person in admissible(ctx, uow, case):
        if all(member[name] == value for name, value in person.named().items()):
            return person
    raise NotEntitled(N_("Personen är inte utsedd i dag, eller ska hållas utanför ärendet."))


def _seat(person: Admissible, payload: Payload) -> Seat:
    member = payload["member"]
    if not isinstance(member, Mapping):
        raise Invalid(_WRONG, field="payload")
    return person.seat(str(member["id"]), panel=member["role"] == GrantKind.PANEL.value)


def _keep_prepared(proposed: Proposed) -> None:
    offered, case = proposed.offered.epoch, proposed.case
    if offered is None or offered.epoch != case.epoch + 1:
        raise Invalid(N_("Den nya epoken ska följa på den nuvarande."), field="epoch")
    check_offered(offered)
    # All that was written before, or those who let somebody in would choose what that person gets to read.
    if [grant.epoch for grant in offered.older] != list(range(case.epoch + 1)):
        raise GrantsMismatch(N_("Den som släpps in ska få nycklarna till allt som redan finns i ärendet."))
    person = _person(proposed.ctx, proposed.uow, case, proposed.offered.payload)
    seat = _seat(person, proposed.offered.payload)
    kind = GrantKind.PANEL if seat.panel else GrantKind.STANDBY
    new = [PreparedGrant(offered.epoch, grant.holder, grant.kind, grant.file) for grant in offered.grants]
    older = [PreparedGrant(grant.epoch, seat.member, kind, grant.file) for grant in offered.older]
    prepare_epoch(proposed, offered, seat, (*new, *older))


def prepare_epoch(proposed: Proposed, offered: OfferedEpoch, seat: Seat, grants: tuple[PreparedGrant, ...]) -> None:
    """Keep the epoch that comes with a proposal until it is decided. ``seat``: who comes in, the first of several."""
    proposed.uow.separations.prepare(
        proposed.proposal.id,
        PreparedEpoch(
            organisation_id=proposed.case.organisation_id,
            epoch=offered.epoch,
            work_recipient=offered.work,
            dialogue_recipient=offered.dialogue,
            signature=offered.signature,
            account_id=seat.holder,
            member=seat.member,
            unit_id=seat.unit_id,
            function_id=seat.function_id,
            grants=grants,
        ),
    )


def check_offered(offered: OfferedEpoch) -> None:
    """Raise Invalid, MalformedAgeFile or GrantsMismatch unless keys and signature have the shape of a new epoch's."""
    recipient_of(offered.work, field="epoch")
    recipient_of(offered.dialogue, field="epoch")
    if len(offered.signature) != SIGNATURE_SIZE:
        raise Invalid(_WRONG, field="epoch")
    for grant in offered.grants:
        check_grant(grant.file, grant.kind)
    for older in offered.older:
        check_grant(older.file)
    if len({(grant.holder, grant.kind) for grant in offered.grants}) != len(offered.grants):
        raise GrantsMismatch(_GRANTS)


def _let_in(act: Decided) -> Case:
    uow, case = act.uow, act.case
    prepared = uow.separations.prepared(act.proposal.id)
    if prepared is None:
        raise Invalid(_WRONG, field="epoch")
    check_epoch_records(act.records, prepared.epoch)
    seat = _seat(_person(act.ctx, uow, case, act.payload), act.payload)
    author = member_of(uow, case, act.account)
    advanced = keep_epoch(
        act.ctx,
        uow,
        case,
        epoch=prepared.epoch,
        recipients=(prepared.work_recipient, prepared.dialogue_recipient),
        opened_by=act.account.id,
        members=(*coming_members(seats_of(act.ctx, uow, case)), seat),
        files={(grant.member, grant.kind): grant.file for grant in prepared.grants if grant.epoch == prepared.epoch},
    )
    uow.cases.add_grants(
        [
            Grant(
                organisation_id=case.organisation_id,
                case_id=case.id,
                epoch=grant.epoch,
                holder=seat.holder,
                kind=grant.kind,
                member=seat.member,
                unit_id=seat.unit_id,
                function_id=seat.function_id,
                file=grant.file,
            )
            for grant in prepared.grants
            if grant.epoch < prepared.epoch
        ]
    )
    uow.cases.add_records([stored_record(act.ctx, advanced, record, author) for record in act.records])
    uow.log.append(case_entry(act.ctx, act.account, case, EntryKind.EPOCH_BEGUN, {"epoch": prepared.epoch}))
    return advanced


def _epoch_lands(payload: Payload) -> Landing:
    del payload
    return ((Stream.WORK, RecordKind.EPOCH), (Stream.DIALOGUE, RecordKind.EPOCH))


def _check_ending(ctx: Context, uow: UnitOfWork, case: Case, payload: Payload) -> None:
    del ctx
    if payload["party"] in {ended.party for ended in uow.separations.ended_exclusions(case.id)}:
        raise IllegalTransition(N_("Uteslutningen har redan hävts."))


def _end_exclusion(act: Decided) -> Case:
    act.uow.separations.end_exclusion(
        EndedExclusion(
            proposal_id=act.proposal.id,
            organisation_id=act.case.organisation_id,
            case_id=act.case.id,
            party=str(act.payload["party"]),
            holds_from=separations.party_from(act.ctx.today()),
        )
    )
    return act.case


EFFECTS = (
    Effect(
        kind=ActKind.EXCLUDE_MEMBER,
        check=_check_excluding,
        apply=_exclude,
        reasons=Reasons.APART,
        keep=_keep_reasons,
    ),
    Effect(
        kind=ActKind.ADD_MEMBER,
        check=_check_adding,
        apply=_let_in,
        lands=_epoch_lands,
        keeps_records=True,
        keep=_keep_prepared,
    ),
    Effect(kind=ActKind.END_EXCLUSION, check=_check_ending, apply=_end_exclusion, lands=source_is_told),
)
