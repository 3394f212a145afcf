"""Recovery of one case, and drills: trustees open it together for a new panel, when its handlers cannot (04).

The server gives out what is sealed, and takes in the next epoch. What trustees type from their papers stays in the
page, or on the command line: nothing here opens anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tipportal.domain.accounts import Account
from tipportal.domain.cases import Case, Epoch, Grant, GrantKind, StoredRecord, Stream
from tipportal.domain.errors import BadSignature, Conflict, GrantsMismatch, NotFound
from tipportal.domain.handlinglog import Entry, EntryKind, Json
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.domain.trustees import Drill, Recovery, RecoveryState, TrusteeSet
from tipportal.envelope import EnvelopeError, HybridRecipient
from tipportal.envelope.canonical import canonical, encode_b64
from tipportal.envelope.epochs import Epoch as SignedEpoch
from tipportal.envelope.epochs import EpochRecipients, MemberSignature, trustees_consent
from tipportal.envelope.epochs import TrusteeSet as SignedSet
from tipportal.envelope.genesis import Member, Role
from tipportal.envelope.keys import VerificationKey, recipient_hash
from tipportal.envelope.trustees import Trustee as NamedInRecord

from . import trustees
from .context import Context
from .epochs import NewEpoch, check_epoch, keep_epoch, source_recipient
from .handle import case_entry, stored_record
from .letting_in import Admissible, NewMember, new_members
from .redrawing import draw_again
from .sealedfiles import check_grant
from .trustees import CaseTrustees

DRILL = b"tipportal/drill/v1\0"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything sealed of one case, for its trustees: what the page and the command line open shares of."""

    recovery: Recovery
    case: Case
    installation_id: bytes
    epochs: tuple[Epoch, ...]
    records: tuple[StoredRecord, ...]
    shares: tuple[Grant, ...]
    holders: CaseTrustees
    source_now: bytes


@dataclass(frozen=True, slots=True)
class OlderGrant:
    """An earlier epoch's work seed, sealed to a member of the new panel."""

    epoch: int
    holder: str
    file: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recovery hands in: the next epoch, the trustees' signatures of it, and keys to what came before.

    The facts are those of the case, as the trustees' page read them: the panel is drawn by them, as it once was.
    """

    area: str
    subject_role: str
    concerns: tuple[str, ...]
    epoch: NewEpoch
    signatures: tuple[tuple[str, bytes], ...]
    older: tuple[OlderGrant, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How trustees stand: the newest set, the one in force, cases still to be split anew (count only), the drill."""

    newest: TrusteeSet | None
    current: TrusteeSet | None
    to_split: int
    former: int
    drill: Drill | None
    recoveries: tuple[tuple[Recovery, str], ...]


def progress(ctx: Context, reader: Account | None) -> Progress:
    """How trustees stand, without any case that is hidden from the reader; None: whoever runs the command line."""
    with ctx.storage.read() as uow:
        current = uow.trustees.current()
        holding = uow.trustees.holding_shares()
        return Progress(
            newest=uow.trustees.newest(),
            current=current,
            to_split=0
            if current is None
            else uow.trustees.shares_outside(current.version, without=None if reader is None else reader.id),
            former=0 if current is None else len(holding - {trustee.id for trustee in current.trustees}),
            drill=None if current is None else uow.trustees.newest_drill(current.version),
            recoveries=tuple((each, _case(uow, each).reference) for each in _open_before(uow, reader)),
        )


def bundle(ctx: Context, recovery_id: str, reader: Account | None) -> Bundle:
    """What the trustees need of the case that two have agreed to recover. Raises NotFound unless it waits for them."""
    with ctx.storage.read() as uow:
        recovery = _open(uow, recovery_id, reader)
        case = _case(uow, recovery)
        installation_id = uow.installation_id()
        if installation_id is None:
            raise NotFound(N_("Installationen är inte grundad."))
        return Bundle(
            recovery=recovery,
            case=case,
            installation_id=installation_id,
            epochs=tuple(uow.cases.epochs(case.id)),
            records=tuple(uow.cases.records(case.id, tuple(Stream))),
            shares=tuple(grant for grant in uow.cases.grants(case.id) if grant.kind is GrantKind.TRUSTEE_SHARE),
            holders=_holders(uow, case),
            source_now=source_recipient(uow, case),
        )


def new_panel(
    ctx: Context, recovery_id: str, reader: Account | None, *, area: str, subject_role: str, concerns: Sequence[str]
) -> tuple[NewMember, ...]:
    """Draw a panel for the case from those who have not left it. Raises NotFound, Invalid, NoPanel."""
    with ctx.storage.read() as uow:
        recovery = _open(uow, recovery_id, reader)
        return _drawn(ctx, uow, recovery, area, subject_role, concerns)


def recover(ctx: Context, account: Account, recovery_id: str, offered: Recovered) -> int:
    """Keep the epoch that a case's trustees have made for a new panel; its number.

    Raises NotFound, Invalid, NoPanel, BadSignature unless enough trustees have signed it, GrantsMismatch,
    SequenceConflict, MalformedAgeFile.
    """
    check_epoch(offered.epoch)
    for grant in offered.older:
        check_grant(grant.file)
    with ctx.storage.write() as uow:
        recovery = _open(uow, recovery_id, account)
        case = _case(uow, recovery)
        if offered.epoch.epoch != case.epoch + 1:
            raise Conflict(N_("Ärendet har fått nya nycklar medan det återställdes. Börja om."))
        panel = _drawn(ctx, uow, recovery, offered.area, offered.subject_role, offered.concerns)
        holders = _holders(uow, case)
        by = _must_be_signed(uow, case, panel, holders, offered)
        grants = _older(uow, case, panel, offered.older)
        files = {(grant.holder, grant.kind): grant.file for grant in offered.epoch.grants}
        if len(files) != len(offered.epoch.grants):
            raise GrantsMismatch(N_("De nya nycklarna ska gå till ärendets medlemmar och till tipslämnaren."))
        advanced = keep_epoch(
            ctx,
            uow,
            case,
            epoch=offered.epoch.epoch,
            recipients=(offered.epoch.work, offered.epoch.dialogue),
            opened_by="trustees",
            members=[member.seat() for member in panel],
            files=files,
            named=holders,
        )
        uow.cases.add_grants(grants)
        author = offered.signatures[0][0]
        uow.cases.add_records([stored_record(ctx, advanced, record, author) for record in offered.epoch.records])
        uow.trustees.settle_recovery(recovery.id, RecoveryState.DONE, offered.epoch.epoch)
        facts: dict[str, Json] = {
            "recovery": recovery.id,
            "change": recovery.change_id,
            "epoch": offered.epoch.epoch,
            "trustees": [*by],
            "members": [member.member for member in panel],
        }
        uow.log.append(case_entry(ctx, account, advanced, EntryKind.CASE_RECOVERED, facts))
        return offered.epoch.epoch


def drill_bytes(installation_id: bytes, version: int, secret: str, nonce: str) -> bytes:
    """What each trustee of a drill signs: ``secret`` is the hash of the recipient of the seed that came out."""
    return DRILL + canonical({"installation": installation_id.hex(), "nonce": nonce, "secret": secret, "set": version})


def drill_done(ctx: Context, account: Account, *, secret: str, nonce: str, signatures: Mapping[str, bytes]) -> Drill:
    """Keep that trustees have opened a drill secret together: each signs with the key from the own paper.

    ``signatures`` by trustee's id. Raises NotFound without trustees, BadSignature unless enough of them have signed.
    """
    with ctx.storage.write() as uow:
        current, installation_id = uow.trustees.current(), uow.installation_id()
        if current is None or installation_id is None:
            raise NotFound(N_("Det finns inga nyckelförvaltare ännu."))
        message = drill_bytes(installation_id, current.version, secret, nonce)
        keys = {trustee.id: trustee.verification_key for trustee in current.trustees}
        signed = sorted(one for one, mark in signatures.items() if one in keys and _verifies(keys[one], mark, message))
        if len(signed) < current.threshold or len(signed) < len(signatures):
            raise BadSignature(N_("För få nyckelförvaltare har öppnat övningens hemlighet."))
        drill = Drill(current.organisation_id, ctx.new_id(), current.version, ctx.today(), ",".join(signed))
        uow.trustees.add_drill(drill)
        uow.log.append(
            Entry(
                kind=EntryKind.DRILL_DONE,
                time=ctx.clock(),
                actor=account.id,
                organisation_id=current.organisation_id,
                case=None,
                facts={"drill": drill.id, "set": current.version, "trustees": [*signed]},
                signatures=tuple({"signer": one, "signature": signatures[one].hex()} for one in signed),
            )
        )
        return drill


def _open_before(uow: UnitOfWork, reader: Account | None) -> list[Recovery]:
    return [each for each in uow.trustees.open_recoveries() if not _is_hidden(uow, each, reader)]


def _is_hidden(uow: UnitOfWork, recovery: Recovery, reader: Account | None) -> bool:
    return reader is not None and uow.separations.is_hidden(recovery.case_id, reader.id)


def _open(uow: UnitOfWork, recovery_id: str, reader: Account | None) -> Recovery:
    found = uow.trustees.recovery(recovery_id)
    if found is None or found.state is not RecoveryState.OPEN or _is_hidden(uow, found, reader):
        raise NotFound(N_("Ingen återställning väntar här."))
    return found


def _case(uow: UnitOfWork, recovery: Recovery) -> Case:
    case = uow.trustees.case_by_id(recovery.case_id)
    if case is None:
        raise NotFound(N_("Ärendet finns inte längre."))
    return case


def _holders(uow: UnitOfWork, case: Case) -> CaseTrustees:
    """Who holds the newest epoch's shares: since trustees have changed, others than those whom the chain names."""
    named = trustees.of_epoch(uow, case)
    shares = {
        grant.holder: grant.member
        for grant in uow.cases.grants(case.id, case.epoch)
        if grant.kind is GrantKind.TRUSTEE_SHARE
    }
    if set(shares) == {one.trustee.id for one in named.named}:
        return named
    return trustees.of_holders(uow, shares)


def _drawn(
    ctx: Context, uow: UnitOfWork, recovery: Recovery, area: str, subject_role: str, concerns: Sequence[str]
) -> tuple[NewMember, ...]:
    case = _case(uow, recovery)
    drawn = draw_again(
        ctx, uow, case, case.channel, recovery.id, area=area, subject_role=subject_role, concerns=concerns
    )
    # Always under fresh pseudonyms: a recovered case may have been lost because somebody's keys were.
    return new_members(uow, case, [(panel, Admissible.of(candidate)) for panel, candidate in drawn])


def _must_be_signed(
    uow: UnitOfWork, case: Case, panel: Sequence[NewMember], holders: CaseTrustees, offered: Recovered
) -> tuple[str, ...]:
    before = uow.cases.epochs(case.id)[case.epoch]
    named = tuple(
        NamedInRecord(
            id=one.member,
            recipient=recipient_hash(HybridRecipient(one.trustee.recipient)),
            verification_key=VerificationKey(one.trustee.verification_key),
        )
        for one in holders.named
    )
    signed = SignedEpoch(
        number=offered.epoch.epoch,
        previous=_link(before),
        work=recipient_hash(HybridRecipient(offered.epoch.work)),
        dialogue=recipient_hash(HybridRecipient(offered.epoch.dialogue)),
        members=tuple(_member(one) for one in panel),
        trustees=named,
        threshold=holders.threshold,
        signatures=tuple(MemberSignature(member, mark) for member, mark in offered.signatures),
    )
    enough = trustees_consent(
        SignedSet(named, holders.threshold), signed, case=case.reference, gen=case.genesis_hash or ""
    )
    by = tuple(member for member, _ in offered.signatures)
    if not enough or not set(by) <= {one.member for one in holders.named} or len(set(by)) < len(by):
        raise BadSignature(N_("För få nyckelförvaltare har skrivit under de nya nycklarna."))
    return by


def _member(one: NewMember) -> Member:
    return Member(
        id=one.member,
        role=Role.PANEL if one.panel else Role.STANDBY,
        function=one.candidate.function_id,
        unit=one.candidate.unit_id,
        recipient=recipient_hash(HybridRecipient(one.candidate.recipient)),
        verification_key=VerificationKey(one.candidate.verification_key),
    )


def _link(epoch: Epoch) -> str:
    return EpochRecipients(
        epoch.epoch, HybridRecipient(epoch.work_recipient), HybridRecipient(epoch.dialogue_recipient)
    ).link


def _older(uow: UnitOfWork, case: Case, panel: Sequence[NewMember], older: Sequence[OlderGrant]) -> list[Grant]:
    given = {(grant.epoch, grant.holder): grant.file for grant in older}
    wanted = {(epoch, one.member) for epoch in range(case.epoch + 1) for one in panel}
    if set(given) != wanted or len(given) != len(older):
        raise GrantsMismatch(N_("De nya medlemmarna ska få nycklarna till allt som redan finns i ärendet."))
    people = {one.candidate.account_id for one in panel}
    for grant in uow.cases.grants(case.id):
        if grant.holder in people and grant.kind in (GrantKind.PANEL, GrantKind.STANDBY):
            uow.trustees.remove_grant(grant)
    return [
        Grant(
            organisation_id=case.organisation_id,
            case_id=case.id,
            epoch=epoch,
            holder=one.candidate.account_id,
            kind=one.role,
            member=one.member,
            unit_id=one.candidate.unit_id,
            function_id=one.candidate.function_id,
            file=given[epoch, one.member],
        )
        for one in panel
        for epoch in range(case.epoch + 1)
    ]


def _verifies(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        VerificationKey(key).verify(signature, message)
    except EnvelopeError:
        return False
    return True


def bundle_json(found: Bundle) -> dict[str, Json]:
    """A bundle as the page and the command line read it: `docs/protocol.md`, section 7a."""
    case = found.case
    shares: dict[int, list[Json]] = {}
    for grant in found.shares:
        shares.setdefault(grant.epoch, []).append({"holder": grant.member, "file": encode_b64(grant.file)})
    return {
        "v": 1,
        "recovery": found.recovery.id,
        "why": found.recovery.why,
        "reference": case.reference,
        "installation": found.installation_id.hex(),
        "source": {
            "recipient": encode_b64(case.source_recipient),
            "verification_key": encode_b64(case.source_verification_key),
            "now": encode_b64(found.source_now),
        },
        "threshold": found.holders.threshold,
        "trustees": [
            {
                "id": one.member,
                "name": one.trustee.name,
                "organisation": one.trustee.organisation,
                "recipient": encode_b64(one.trustee.recipient),
                "verification_key": encode_b64(one.trustee.verification_key),
            }
            for one in found.holders.named
        ],
        "epochs": [
            {
                "epoch": epoch.epoch,
                "work": encode_b64(epoch.work_recipient),
                "dialogue": encode_b64(epoch.dialogue_recipient),
                "shares": shares.get(epoch.epoch, []),
            }
            for epoch in found.epochs
        ],
        "records": [
            {
                "stream": record.stream.value,
                "kind": record.kind.value,
                "epoch": record.epoch,
                "seq": record.seq,
                "prev": record.prev.hex(),
                "file": encode_b64(record.file),
            }
            for record in found.records
        ],
    }


def open_of(ctx: Context, reference: str) -> Recovery:
    """The recovery of a case that waits for its trustees. Raises NotFound."""
    with ctx.storage.read() as uow:
        for each in uow.trustees.open_recoveries():
            if _case(uow, each).reference == reference:
                return each
    raise NotFound(N_("Två administratörer behöver först besluta att ärendet ska återställas."))
