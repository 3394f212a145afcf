"""Lines of the handler directory: imported for their registration."""

from __future__ import annotations

from tests.support.setting_up import two
from tests.usecases.change_lines import approves
from tests.usecases.entry_lines import Act, World, line, reads
from tipportal.cli.demo_playing import ask
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.domain.organisations import Channel
from tipportal.envelope.keys import VerificationKey
from tipportal.envelope.roots import Root, RootAdministrator, RootSigningKey, SignedRoot
from tipportal.storage.guards import drop_statements
from tipportal.usecases import directory
from tipportal.usecases.handing_in import offer_to_seal

PARTS = {"directory.name_of"}
"""The commitment to a name: values in, values out."""


@line("directory.publish_root", E.DIRECTORY_ROOT_PUBLISHED)
def _publish_root(world: World) -> Act:
    """The first root: the one that the story was staffed with goes, for nobody kept its keys."""
    ctx, keys = world.story.handler, [RootSigningKey(bytes([place]) * 32) for place in range(1, 4)]
    with world.story.sql() as connection:
        for statement in drop_statements(connection.dialect.name, "0009"):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql("DELETE FROM directory_snapshots")
        connection.exec_driver_sql("DELETE FROM directory_roots")
    administrators = two(world.story)
    with ctx.storage.read() as uow:
        installation = directory.installation_of(uow)
    root = Root(
        installation=installation,
        version=1,
        issued=ctx.today(),
        keys=tuple(key.public for key in keys),
        threshold=2,
        administrators=tuple(
            RootAdministrator(each.account.id, VerificationKey(each.key.verification_key.raw))
            for each in (administrators.proposer, administrators.approver)
        ),
    )
    signed = SignedRoot(root, tuple(key.sign(root) for key in keys[:2])).to_json()
    return lambda: directory.publish_root(ctx, signed)


approves(
    "directory",
    ChangeKind.DIRECTORY,
    lambda world: directory.next_snapshot(world.story.handler).payload,
    E.DIRECTORY_PUBLISHED,
)
reads("directory.next_snapshot", lambda world: directory.next_snapshot(world.story.handler))
reads("directory.published", lambda world: directory.published(world.story.public))
reads("directory.revealed", lambda world: directory.revealed(world.story.handler))
reads("directory.root_request", lambda world: directory.root_request(world.story.handler))
reads("directory.status", lambda world: directory.status(world.story.public))
reads(
    "directory.must_list",
    lambda world: directory.must_list(world.story.public, offer_to_seal(ask(world.story.public, Channel.TIP))),
)
