"""Who receives a case: what its source may know of those who read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tipportal.domain.cases import Case, GrantKind
from tipportal.envelope.epochs import Epoch
from tipportal.envelope.genesis import Genesis, Member
from tipportal.envelope.reading import ReadRecord, VerifiedRecord

from .context import Context

_READERS = (GrantKind.PANEL, GrantKind.STANDBY)


def function_names(ctx: Context, case: Case) -> dict[str, str]:
    """The name of every function whose people have had a key to the case, by id."""
    with ctx.storage.read() as uow:
        ids = {grant.function_id for grant in uow.cases.grants(case.id) if grant.kind in _READERS}
        found = [uow.register.function(function_id) for function_id in sorted(ids)]
    return {function.id: function.name for function in found if function is not None}


def members_by_epoch(genesis: Genesis, records: Sequence[ReadRecord]) -> Mapping[int, tuple[Member, ...]]:
    """Who is in the case in each epoch, as the chain of one stream says."""
    members = {0: genesis.members}
    for record in records:
        if isinstance(record, VerifiedRecord) and isinstance(record.body, Epoch):
            members[record.body.number] = record.body.members
    return members
