"""A reporter's name and contact, sealed apart: kept with the report, opened by two, split anew when members change.

The server hands out shares, never the seed. Two members lend each other what they hold, each sealed to the other, and
get what the other lent only when the act of both stands in the log.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tipportal.domain.accounts import Account
from tipportal.domain.approvals import ActKind, ProposalState, current_state
from tipportal.domain.cases import Case, EpochState, GrantKind, RecordKind, Stream
from tipportal.domain.errors import GrantsMismatch, Invalid, MalformedAgeFile, NotEntitled, NotFound
from tipportal.domain.handlinglog import EntryKind, Json
from tipportal.domain.organisations import Channel
from tipportal.domain.ports import UnitOfWork
from tipportal.domain.texts import N_
from tipportal.domain.vaults import HolderKind, LentShare, Vault, VaultShare, check_renewal
from tipportal.envelope import EnvelopeError, inspect
from tipportal.envelope.shamir import SHARE_SIZE

from .context import Context
from .handle import case_entry, on_panel, refused
from .locking import must_be_readable
from .sealedfiles import DIGEST_SIZE, SealedFile, check_record, payload_size, recipient_of

RENEWAL = "renewal"
_NONCE = re.compile(r"[0-9a-f]{32}\Z")
_KINDS = {GrantKind.PANEL: HolderKind.HANDLER, GrantKind.STANDBY: HolderKind.HANDLER,
          GrantKind.TRUSTEE_SHARE: HolderKind.TRUSTEE}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfferedShare:
    """A share as submitted: ``holder`` is a pseudonym, ``h1`` or ``t1``."""

    holder: str
    file: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OfferedVault:
    """A vault as a client hands it in (protocol, section 4b)."""

    recipient: bytes
    file: bytes = field(repr=False)
    shares: tuple[OfferedShare, ...]


@dataclass(frozen=True, slots=True)
class OpenedVault:
    """What two who have agreed need to open a vault: it, one's own share, and what the other has lent."""

    vault: Vault
    mine: VaultShare
    lent: LentShare


@dataclass(frozen=True, slots=True)
class Renewal:
    """How far splitting a vault anew has come. ``lent`` is what somebody else has lent for it, None before."""

    vault: Vault
    needed: bool
    mine: VaultShare
    lent: LentShare | None


def keep_vault(uow: UnitOfWork, case: Case, offered: OfferedVault) -> None:
    """Keep a new case's vault inside the transaction that keeps the case and its grants.

    Raises Invalid for a tip, GrantsMismatch unless each holder of a key gets a share and nobody else, MalformedAgeFile.
    """
    if case.channel is not Channel.REPORT:
        raise Invalid(N_("Bara en rapport kan ha uppgifter om dig i ett valv."), field="vault")
    recipient_of(offered.recipient, field="vault")
    # A record like any other, but in no stream: the chain of a case says nothing of who its source is.
    check_record(SealedFile(Stream.GENESIS, RecordKind.GENESIS, 0, 0, bytes(DIGEST_SIZE), offered.file))
    vault = Vault(case.organisation_id, case.id, offered.recipient, 0, case.epoch, offered.file)
    uow.vaults.add(vault, _shares(uow, case, 0, offered.shares))


def lend(ctx: Context, account: Account, reference: str, purpose: str, file: bytes) -> None:
    """Lend one's opened share, sealed to those who may decide: for a renewal, or for an act by its nonce.

    Nobody is handed it before the act of both stands. Beside acts that wait or stand, one lends for one act at a time:
    what was lent for one that was never proposed, or is over, is forgotten. Raises NotFound, NotEntitled, Invalid,
    MalformedAgeFile.
    """
    _check_lent(file)
    if purpose != RENEWAL and not _NONCE.match(purpose):
        raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="purpose")
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            vault, mine = _held(ctx, uow, case, account)
            uow.vaults.keep_lent(case.id, account.id, {RENEWAL, purpose, *_living(ctx, uow, case)})
            uow.vaults.lend(
                LentShare(case.organisation_id, case.id, vault.version, purpose, account.id, mine.member, file)
            )
            return
    raise refused(ctx, account)


def open_vault(ctx: Context, account: Account, reference: str, proposal_id: str) -> OpenedVault:
    """What opens the vault, for either of the two who signed that it be opened; each time is logged.

    Raises NotFound, NotEntitled, also when the vault has been split anew since.
    """
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            vault, mine = _held(ctx, uow, case, account)
            proposal = uow.proposals.by_id(proposal_id)
            if (
                proposal is None
                or proposal.case_id != case.id
                or proposal.kind is not ActKind.OPEN_IDENTITY
                or proposal.state is not ProposalState.APPROVED
                or account.id not in {proposal.proposer, proposal.approver}
            ):
                raise NotEntitled(N_("Identiteten öppnas av två som båda har skrivit under det."))
            # Of the two who signed: whatever a third has lent under the same nonce opens nothing.
            signers = frozenset({proposal.proposer, proposal.approver})
            lent = _lent_by_other(uow, case, proposal.nonce, account, vault, signers)
            if lent is None:
                raise NotEntitled(N_("Valvet har delats om sedan dess. Föreslå på nytt att identiteten öppnas."))
            facts: dict[str, Json] = {"vault": True, "proposal": proposal.id}
            uow.log.append(case_entry(ctx, account, case, EntryKind.OPENED, facts))
            return OpenedVault(vault, mine, lent)
    raise refused(ctx, account)


def renewal(ctx: Context, account: Account, reference: str) -> Renewal:
    """How far splitting the vault anew has come. Raises NotFound, NotEntitled."""
    with ctx.storage.read() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            vault, mine = _held(ctx, uow, case, account)
            return Renewal(
                vault, needs_renewal(uow, case, vault), mine, _lent_by_other(uow, case, RENEWAL, account, vault)
            )
    raise refused(ctx, account)


def split_anew(ctx: Context, account: Account, reference: str, version: int, shares: Sequence[OfferedShare]) -> None:
    """Replace all shares, after somebody else has lent theirs: whoever left holds nothing that still combines.

    ``version`` is the splitting that this one follows. Raises NotFound, NotEntitled, IllegalTransition, Conflict,
    GrantsMismatch, MalformedAgeFile.
    """
    with ctx.storage.write() as uow:
        case = uow.cases.for_holder(reference, account.id, ctx.today())
        if case is not None:
            vault, _ = _held(ctx, uow, case, account)
            lent = _lent_by_other(uow, case, RENEWAL, account, vault)
            check_renewal(lent, vault, account.id)
            if version != vault.version or lent is None:
                raise Invalid(N_("Ett fält i begäran saknas, är okänt eller har fel form."), field="version")
            uow.vaults.split_anew(vault, _shares(uow, case, vault.version + 1, shares), case.epoch)
            facts: dict[str, Json] = {"version": vault.version + 1, "with": lent.member}
            uow.log.append(case_entry(ctx, account, case, EntryKind.VAULT_RESPLIT, facts))
            return
    raise refused(ctx, account)


def needs_renewal(uow: UnitOfWork, case: Case, vault: Vault) -> bool:
    """Whether anybody has left or come since the vault was split, so that old shares may lie with who has no part."""
    closed = uow.cases.epochs(case.id)[case.epoch].state is EpochState.CLOSED
    return (
        closed
        or vault.epoch != case.epoch
        or {share.member for share in uow.vaults.shares(case.id)} != set(_holders(uow, case))
    )


def both_have_lent(uow: UnitOfWork, case: Case, purpose: str, people: frozenset[str]) -> bool:
    """Whether these people have lent each other shares of the present splitting for an act."""
    vault = uow.vaults.of_case(case.id)
    if vault is None:
        return False
    return people <= {lent.lender for lent in uow.vaults.lent(case.id, purpose) if lent.version == vault.version}


def _held(ctx: Context, uow: UnitOfWork, case: Case, account: Account) -> tuple[Vault, VaultShare]:
    must_be_readable(uow, case, ctx.today())
    vault, mine = uow.vaults.of_case(case.id), uow.vaults.share_of(case.id, account.id)
    if vault is None:
        raise NotFound(N_("Ärendet har inga uppgifter i ett valv."))
    if mine is None or not on_panel(ctx, uow, case, account.id):
        raise NotEntitled(N_("Du har ingen del av nyckeln till valvet. Två som har en del behöver dela om det."))
    return vault, mine


def _living(ctx: Context, uow: UnitOfWork, case: Case) -> set[str]:
    """The nonces of acts of a case that wait, or that two have signed."""
    states = ((proposal.nonce, current_state(proposal, ctx.clock())) for proposal in uow.proposals.of_case(case.id))
    return {nonce for nonce, state in states if state in {ProposalState.OPEN, ProposalState.APPROVED}}


def _lent_by_other(
    uow: UnitOfWork,
    case: Case,
    purpose: str,
    account: Account,
    vault: Vault,
    among: frozenset[str | None] | None = None,
) -> LentShare | None:
    for lent in uow.vaults.lent(case.id, purpose):
        if among is not None and lent.lender not in among:
            continue
        if lent.lender != account.id and lent.version == vault.version:
            return lent
    return None


def _holders(uow: UnitOfWork, case: Case) -> Mapping[str, tuple[str, HolderKind]]:
    """Who holds a key of the present epoch, by pseudonym: the source apart."""
    return {
        grant.member: (grant.holder, _KINDS[grant.kind])
        for grant in uow.cases.grants(case.id, case.epoch)
        if grant.kind in _KINDS
    }


def _shares(uow: UnitOfWork, case: Case, version: int, offered: Sequence[OfferedShare]) -> list[VaultShare]:
    holders = _holders(uow, case)
    if {share.holder for share in offered} != set(holders) or len(offered) != len(holders):
        raise GrantsMismatch(N_("Delarna ska gå till just dem som har ärendets nycklar."), field="vault")
    for share in offered:
        if payload_size(share.file, 1, field="vault") != SHARE_SIZE:
            raise MalformedAgeFile(N_("En nyckel har fel storlek."), field="vault")
    return [
        VaultShare(case.organisation_id, case.id, version, *holders[share.holder], share.holder, share.file)
        for share in offered
    ]


def _check_lent(file: bytes) -> None:
    """To as many as may decide with the lender: how many that is, is for their browsers to say."""
    try:
        size = inspect(file).payload_size
    except EnvelopeError:
        raise MalformedAgeFile(N_("Filen är inte en giltig förseglad fil."), field="file") from None
    if size != SHARE_SIZE:
        raise MalformedAgeFile(N_("En nyckel har fel storlek."), field="file")
