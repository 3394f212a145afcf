"""The demo's handler directory: a root made on the spot, and snapshots signed by the demo's administrators."""

from __future__ import annotations

from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.directory import next_expiry
from tipportal.envelope.keys import VerificationKey
from tipportal.envelope.roots import Root, RootAdministrator, RootSigningKey, SignedRoot
from tipportal.usecases import directory

from .demo_changes import Administrators

ROOT_KEYS, THRESHOLD = 3, 2


def publish(two: Administrators) -> None:
    """Publish the directory as the register is now; the first time with a root, whose keys are forgotten again.

    In earnest the keys are made offline and kept on paper (`tipportal directory`).
    """
    ctx = two.ctx
    with ctx.storage.read() as uow:
        root, installation = directory.newest_root(uow), directory.installation_of(uow)
    if root is None:
        keys = [RootSigningKey(ctx.random(32)) for _ in range(ROOT_KEYS)]
        root = Root(
            installation=installation,
            version=1,
            issued=ctx.today(),
            keys=tuple(key.public for key in keys),
            threshold=THRESHOLD,
            administrators=tuple(
                RootAdministrator(each.account.id, VerificationKey(each.key.verification_key.raw))
                for each in (two.proposer, two.approver)
            ),
        )
        directory.publish_root(ctx, SignedRoot(root, tuple(key.sign(root) for key in keys[:THRESHOLD])).to_json())
    with ctx.storage.read() as uow:
        snapshot = directory.snapshot_for(ctx, uow, ctx.today(), next_expiry(ctx.today()))
    two.make(ChangeKind.DIRECTORY, snapshot.to_json())
