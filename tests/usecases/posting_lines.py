"""The lines of letters by mail: none of them is an act of a case, and only the month's checkpoint leaves an entry."""

from __future__ import annotations

from datetime import time

from tests.usecases.entry_lines import Act, World, line, reads
from tipportal.delivery import MailServer, SmtpPost, translator
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.envelope.signednotes import NoteSigner
from tipportal.usecases import checkpoints, cover, posting
from tipportal.usecases.posting import Outgoing

NOBODY_THERE = MailServer("127.0.0.1", 9, "tips@kommun.example", plain=True)
"""The discard port, where nothing listens: whatever is sent waits."""
OUTGOING = Outgoing(
    SmtpPost(NOBODY_THERE),
    "https://handlaggare.example/",
    "revision@b.example",
    time(7, 30),
    ("sv",),
    translator(("sv",)),
)
ABOUT_ACCOUNTS = frozenset({
    E.ACCOUNT_CLOSED, E.ACCOUNT_ENROLLED, E.ACCOUNT_INVITED, E.ACCOUNT_RESTORED, E.ACCOUNT_SUSPENDED,
    E.DUTY_REVIEWED, E.KEYS_CONFIRMED, E.KEY_WAY_ADDED, E.KEY_WAY_REMOVED, E.PASSWORD_CHANGED, E.SUSPENSION_LIFTED,
})  # fmt: skip
"""The entries of acts that may put a letter into the outbox: each is about an account, and none about a case."""


@line("posting.post", E.CHECKPOINT_MAILED)
def _post(world: World) -> Act:
    checkpoints.make(world.story.handler, NoteSigner(checkpoints.origin(world.story.handler), bytes(32)))
    return lambda: posting.post(world.story.handler, OUTGOING)


reads("posting.check", lambda world: posting.check(world.story.handler, OUTGOING, "bo@b.example"))
reads("posting.bounced", lambda world: posting.bounced(world.story.handler, ["bo@b.example"]))
reads("posting.fault_of", lambda world: posting.fault_of(world.story.handler, world.handler))
reads("posting.faults", lambda world: posting.faults(world.story.handler))
reads("posting.is_late", lambda world: posting.is_late(world.story.handler))
reads("cover.for_handler", lambda world: cover.for_handler(world.story.handler, world.handler))
