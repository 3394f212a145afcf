"""Two administrators at work: each change is proposed and signed by one and approved and signed by the other.

What their browsers do, with their real keys. For demos, tests and benchmarks: there is no other way to set anything up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from tipportal.domain.accounts import Account
from tipportal.domain.approvals import VALID_DAYS
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import Json, instant
from tipportal.envelope.changes import ChangeAct, change_payload_digest, sign_change
from tipportal.envelope.changes import ChangeKind as SignedKind
from tipportal.envelope.keys import SigningKey
from tipportal.usecases import changes
from tipportal.usecases.changes import OfferedChange
from tipportal.usecases.changing import EFFECTS
from tipportal.usecases.changing.clock import clock_doubted
from tipportal.usecases.context import Context

Operation: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Administrator:
    """One of the two, with the key that signs."""

    account: Account
    key: SigningKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class Administrators:
    """Two who are entitled to change things together."""

    ctx: Context
    proposer: Administrator
    approver: Administrator

    def make(
        self, kind: ChangeKind, payload: Mapping[str, Json], said: Mapping[str, Json] | None = None
    ) -> Mapping[str, Json]:
        """Propose and approve a change; what only the approver gets to see. Raises as the use cases do."""
        change_id, act = self.propose(kind, payload)
        return self.approve(change_id, act, said)

    def propose(self, kind: ChangeKind, payload: Mapping[str, Json]) -> tuple[str, ChangeAct]:
        """Propose a change; its id and what was signed."""
        act = self.act(kind, payload)
        offered = OfferedChange(dict(act.to_json()), dict(payload), sign_change(act, self.proposer.key))
        return changes.propose(self.ctx, self.proposer.account, offered).id, act

    def approve(self, change_id: str, act: ChangeAct, said: Mapping[str, Json] | None = None) -> Mapping[str, Json]:
        """Approve a change."""
        signature = sign_change(act, self.approver.key)
        return changes.approve(self.ctx, self.approver.account, change_id, signature, said).answer

    def act(self, kind: ChangeKind, payload: Mapping[str, Json]) -> ChangeAct:
        """What both sign of a change that is proposed now."""
        with self.ctx.storage.read() as uow:
            base, installation = EFFECTS[kind].base(uow), uow.installation_id() or b""
        now = datetime.fromtimestamp(self.ctx.clock(), UTC)
        return ChangeAct(
            installation=installation.hex(),
            kind=SignedKind(kind.value),
            payload=change_payload_digest(dict(payload)),  # type: ignore[arg-type] # JSON by its type
            base=base,
            expires=now + timedelta(days=VALID_DAYS),
            nonce=self.ctx.random(16),
        )

    def register(self, operations: Sequence[Operation], decision: Mapping[str, Json] | None = None) -> None:
        """Change the register by operations, all or none."""
        self.make(ChangeKind.REGISTER, {"operations": list(operations), "decision": decision})


def confirm_clock(two: Administrators) -> None:
    """Have the two say that the clock is right, if it is doubted: the demo's months pass in a few leaps."""
    with two.ctx.storage.read() as uow:
        doubted = clock_doubted(two.ctx, uow)
    if doubted:
        two.make(ChangeKind.CLOCK, {"now": instant(two.ctx.clock())})
