"""Promise 7: nothing acknowledged is lost, not when the process is killed and not when one handler's key is gone."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tests.support.playing import read
from tests.support.story import REPORT, Story
from tipportal.cli.demo import prepare
from tipportal.contexts import context_for
from tipportal.domain.cases import Stream
from tipportal.storage import Database
from tipportal.usecases import dialogue, handle, logbook

ACKNOWLEDGED = 6

LEAVES_TIPS = """
import os, sys
from pathlib import Path
from tipportal.contexts import context_for
from tipportal.cli.demo import prepare
from tipportal.cli.demo_playing import ask, seal_case
from tipportal.domain.organisations import Channel
from tipportal.envelope.casecode import source_keys
from tipportal.storage import Database
from tipportal.usecases.submit import submit_case

settings, _ = prepare(80, Path(sys.argv[1]))
ctx = context_for(settings, Database(settings.database_url, settings.blobs_dir), "public")
while True:
    keys = source_keys(os.urandom(32))
    text = "x" * int.from_bytes(os.urandom(2), "big")
    offer = ask(ctx, Channel.TIP, area="", form_nonce=os.urandom(16).hex())
    submit_case(ctx, seal_case(ctx, offer, keys, {"what_happened": text}))
    print(keys.lookup_token.hex(), flush=True)
"""


def test_what_was_acknowledged_before_the_process_was_killed_is_whole_after_it(tmp_path: Path) -> None:
    prepare(80, tmp_path)
    command = [sys.executable, "-c", LEAVES_TIPS, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        acknowledged = [program.stdout.readline() for _ in range(ACKNOWLEDGED)]
        # In the middle of whatever it is doing for the next source.
        program.send_signal(signal.SIGKILL)
        acknowledged += program.stdout.readlines()
        assert program.wait() == -signal.SIGKILL

    settings, _ = prepare(80, tmp_path)
    database = Database(settings.database_url, settings.blobs_dir)
    ctx = context_for(settings, database, "public")
    tokens = [bytes.fromhex(line) for line in acknowledged if line.endswith("\n")]
    assert len(tokens) >= ACKNOWLEDGED
    for token in tokens:
        view = dialogue.open_by_token(ctx, token)
        assert [record.stream for record in (view.genesis, *view.records)] == [Stream.GENESIS, Stream.DIALOGUE]
        assert all(record.file for record in view.records)
    assert logbook.verify(ctx).findings == ()
    database.close()


def test_a_lost_key_leaves_the_case_open_to_the_other_handler(story: Story) -> None:
    case = story.report()
    lost, other = case.members["h1"], case.members["h2"]
    recipient = case.keys.identity.recipient.raw
    story.change("UPDATE accounts SET state = 'suspended' WHERE id = :id", id=lost.account.id)
    story.change("DELETE FROM key_ways WHERE account_id = :id", id=lost.account.id)

    view = handle.open_case(story.handler, other.account, case.reference)
    assert REPORT["what_happened"] in read(view, other, recipient)[Stream.DIALOGUE][0]
