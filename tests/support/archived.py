"""A closed case with everything in it, its bundle, and the command that makes a package of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from tests.support.story import Story
from tipportal.cli.demo_files import MadeFile
from tipportal.cli.demo_playing import PlayedCase, agree, leave_case, propose, reply, seal_text, write
from tipportal.cli.demo_work import take_measure
from tipportal.cli.entry import main
from tipportal.domain.measures import MeasureKind
from tipportal.domain.organisations import Channel
from tipportal.envelope.keys import SEED_SIZE
from tipportal.envelope.payloads import ActKind, ClosePayload, Outcome, ReasonsPayload, RetainPayload, Retention
from tipportal.envelope.records import Kind
from tipportal.envelope.signednotes import NoteSigner
from tipportal.usecases import archiving, checkpoints, handle

TOLD = {
    "area": "hemtjanst",
    "what_happened": "Grannen får aldrig sitt besök <mitt på dagen> & ingen svarar.\x0b\n\nAndra stycket: åäö 👵🏽.",
}
PICTURE = MadeFile("Bilder på dörren (1).PNG", "image/png", b"\x89PNG\r\n" + bytes(range(256)) * 40)


@dataclass(frozen=True)
class Made:
    """A package, the bundle that it came from, and what was said on the way."""

    story: Story
    case: PlayedCase
    bundle: Path
    package: Path
    result: Result


def close(story: Story, case: PlayedCase) -> None:
    handle.begin_follow_up(story.handler, case.members["h1"].account, case.reference)
    end(story, case)


def end(story: Story, case: PlayedCase) -> None:
    ctx = story.handler
    reasons = seal_text(ctx, case, Kind.ASSESSMENT, "Utförarens loggar bekräftar det.", by="h1")
    agree(ctx, case, propose(ctx, case, ClosePayload(Outcome.CONFIRMED, reasons.digest.hex()), reasons))


def decide(story: Story, case: PlayedCase) -> None:
    """Two decide that the case is exported."""
    reasons = seal_text(story.handler, case, Kind.ASSESSMENT, "Leverans till arkivet.", by="h1")
    agree(
        story.handler, case, propose(story.handler, case, ReasonsPayload(ActKind.EXPORT, reasons.digest.hex()), reasons)
    )


def bundle_of(story: Story, case: PlayedCase, path: Path, by: str = "h1") -> Path:
    """The file that a member fetches from the case's page."""
    with path.open("xb") as out:
        archiving.write_bundle(
            story.handler, archiving.fetch(story.handler, case.members[by].account, case.reference), out
        )
    return path


def run(case: PlayedCase, out: Path, *arguments: str, typed: str | None = None, by: str = "h1") -> Result:
    """Run the command as a member does, typing their passphrase."""
    passphrase = case.members[by].person.passphrase if typed is None else typed
    return CliRunner().invoke(
        main,
        ["archive", case.reference, "--out", str(out), *arguments],
        input=f"{passphrase}\n",
        catch_exceptions=False,
    )


def whole_case(story: Story) -> PlayedCase:
    """A tip with a file, an answer, a note, a measure, a title; closed, preserved, and to be exported."""
    case = leave_case(story.public, story.municipality, story.source(), Channel.TIP, TOLD, files=[PICTURE])
    ctx = story.handler
    write(ctx, case, Kind.TITLE, "Uteblivna besök i hemtjänsten")
    write(ctx, case, Kind.MESSAGE, "Tack. Vilka dagar gällde det?")
    reply(story.public, case, "Varje onsdag.")
    write(
        ctx, case, Kind.NOTE, "Utföraren har lämnat loggar.", files=[MadeFile("loggar.csv", "text/csv", b"a;b\n" * 9)]
    )
    take_measure(ctx, case, MeasureKind.CHANGED_CONTROL, "Besöken stäms av mot lås och larm.")
    close(story, case)
    reasons = seal_text(ctx, case, Kind.ASSESSMENT, "Enligt planen.", by="h1")
    agree(ctx, case, propose(ctx, case, RetainPayload(Retention.PRESERVE, "KS 2026/9", reasons.digest.hex()), reasons))
    checkpoints.make(ctx, NoteSigner(checkpoints.origin(ctx), bytes(SEED_SIZE)))
    decide(story, case)
    return case
