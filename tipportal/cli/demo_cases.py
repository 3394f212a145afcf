"""How the demo's cases come about: each is a story that says when it goes on, and all are played side by side."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tipportal.domain.approvals import Proposal
from tipportal.domain.handovers import LegalBasis, Recipient
from tipportal.domain.intake import Code, Documented, Stated
from tipportal.domain.triage import Origin
from tipportal.envelope.casecode import CaseCode, SourceKeys, derive, source_keys
from tipportal.envelope.payloads import GROUNDS, AssessPayload, ClosePayload, Outcome
from tipportal.envelope.records import Kind
from tipportal.usecases import handle, intake, source_session
from tipportal.usecases.context import Context
from tipportal.usecases.offers import Offer

from .demo_files import MadeFile
from .demo_playing import PlayedCase, agree, ask, hand_in, members_of, propose, reply, seal_case, seal_text, write
from .demo_staffing import Municipality
from .demo_texts import Telling
from .demo_work import propose_handing_over

Story = Iterator[int]
"""Plays a piece of a case each time it is asked to go on, and gives how many days before today it wants to continue."""
TRIES = 500


@dataclass(frozen=True, slots=True)
class Stage:
    """Both faces and the people. ``opens_on`` is the day on which somebody meets the demo, ``pause`` passes minutes."""

    public: Context
    handler: Context
    municipality: Municipality
    opens_on: date
    pause: Callable[[], None]

    def unit_of(self, name: str) -> str:
        """A handler's unit as a source names it among the concerned."""
        return f"unit:{self.municipality.named(name).account.unit_id}"

    def leave(
        self,
        told: Telling,
        *,
        panel: str,
        keys: SourceKeys | None = None,
        concerns: Sequence[str] = (),
        files: Sequence[MadeFile] = (),
    ) -> PlayedCase:
        """Leave a case in a browser, so that these people receive it. Without keys nobody has its code."""
        keys = keys or source_keys(self.public.random(32))
        _, offer = self._form(told, panel, concerns)
        return hand_in(self.public, self.municipality, offer, keys, told.answers, files=files)

    def leave_without_javascript(self, told: Telling, *, panel: str, concerns: Sequence[str]) -> PlayedCase:
        """Leave a case that the server seals on arrival. Nobody has its code."""
        keys = source_keys(self.public.random(32))
        nonce, offer = self._form(told, panel, concerns)
        confirmation = source_session.submit_for_source(
            self.public,
            slug=told.organisation,
            channel=told.channel,
            answers=told.answers,
            area=told.area,
            subject_role=told.subject_role,
            concerns=concerns,
            language="sv",
            form_nonce=nonce,
            code=CaseCode.from_entropy(self.public.random(16)),
            keys=keys,
        )
        return PlayedCase(confirmation.receipt.reference, keys, members_of(self.municipality, offer))

    def take_in(self, told: Telling, *, by: str, concerns: Sequence[str]) -> PlayedCase:
        """Enter what somebody has told a handler today, whose name begins so. The source is given the code."""
        account = self.municipality.named(by).account
        offer = intake.offer(
            self.handler,
            account,
            told.organisation,
            told.channel,
            area=told.area,
            subject_role=told.subject_role,
            concerns=concerns,
        )
        keys, today = source_keys(self.handler.random(32)), self.handler.today()
        stated = Stated(
            origin=Origin.ORAL,
            received_on=today,
            acknowledged_on=today,
            ack_left_out=None,
            documented=Documented.MINUTES,
            code=Code.GIVEN,
        )
        intake.enter(self.handler, account, seal_case(self.handler, offer, keys, told.answers), stated)
        return PlayedCase(offer.reference, keys, members_of(self.municipality, offer))

    def begin(self, case: PlayedCase, title: str, *, by: str = "h1") -> None:
        """Open a case for the first time and give it a title."""
        self._write(case, Kind.TITLE, title, by)

    def read(self, case: PlayedCase, *, by: str = "h1") -> None:
        """Open a case: what has been answered is no longer unread."""
        self.pause()
        handle.open_case(self.handler, case.members[by].account, case.reference)

    def follow_up(self, case: PlayedCase, *, by: str = "h1") -> None:
        """Begin the follow-up."""
        handle.begin_follow_up(self.handler, case.members[by].account, case.reference)

    def note(self, case: PlayedCase, text: str, *, by: str = "h1", files: Sequence[MadeFile] = ()) -> None:
        """Write for the other handlers only."""
        self._write(case, Kind.NOTE, text, by, files)

    def tell(self, case: PlayedCase, text: str, *, by: str = "h1") -> None:
        """Write to the source."""
        self._write(case, Kind.MESSAGE, text, by)

    def give_feedback(self, case: PlayedCase, text: str, *, by: str = "h1", files: Sequence[MadeFile] = ()) -> None:
        """Tell the source what has been done and why."""
        self._write(case, Kind.FEEDBACK, text, by, files)

    def answer(self, case: PlayedCase, text: str, *, files: Sequence[MadeFile] = ()) -> None:
        """Answer as the source."""
        reply(self.public, case, text, files=files)

    def hand_over(
        self, case: PlayedCase, recipient: Recipient, basis: LegalBasis, content: str, *, reasons: str
    ) -> None:
        """Let two hand something over."""
        told = {"recipient": recipient.value, "basis": basis.value, "content": content}
        proposal = propose_handing_over(self.handler, case, recipient, basis, told, reasons=reasons)
        self._agree(case, proposal)

    def assess(self, case: PlayedCase, text: str, ground: str) -> None:
        """Let two decide whether the act covers the report, and on which ground."""
        reasons = seal_text(self.handler, case, Kind.ASSESSMENT, text, by="h1")
        payload = AssessPayload(ground in GROUNDS[True], ground, reasons.digest.hex())
        proposal = propose(self.handler, case, payload, reasons)
        self._agree(case, proposal)

    def propose_closing(self, case: PlayedCase, outcome: Outcome, text: str, *, by: str = "h1") -> Proposal:
        """Propose to close a case."""
        reasons = seal_text(self.handler, case, Kind.ASSESSMENT, text, by=by)
        return propose(self.handler, case, ClosePayload(outcome, reasons.digest.hex()), reasons, by=by)

    def close(self, case: PlayedCase, outcome: Outcome, text: str) -> None:
        """Let two close a case."""
        self._agree(case, self.propose_closing(case, outcome, text))

    def _write(self, case: PlayedCase, kind: Kind, text: str, by: str, files: Sequence[MadeFile] = ()) -> None:
        self.read(case, by=by)
        self.pause()
        write(self.handler, case, kind, text, by=by, files=files)

    def _agree(self, case: PlayedCase, proposal: Proposal) -> None:
        self.read(case, by="h2")
        self.pause()
        agree(self.handler, case, proposal)

    def _form(self, told: Telling, panel: str, concerns: Sequence[str]) -> tuple[str, Offer]:
        """A form whose draw falls on the two whose first names ``panel`` holds, so that a guide can name them.

        Raises LookupError when it never does.
        """
        wanted = {self.municipality.named(name).account.recipient for name in panel.split()}
        for _ in range(TRIES):
            nonce = self.public.random(16).hex()
            offer = ask(
                self.public,
                told.channel,
                area=told.area,
                subject_role=told.subject_role,
                concerns=concerns,
                form_nonce=nonce,
                slug=told.organisation,
            )
            if {member.recipient for member in offer.members if member.role == "panel"} == wanted:
                return nonce, offer
        raise LookupError(panel)


def codes() -> tuple[CaseCode, ...]:
    """The codes of three of the cases: the same in every demo, so that nobody has to keep them."""
    return tuple(CaseCode.from_entropy(hashlib.sha256(f"tipportal demo {n}".encode()).digest()) for n in (1, 2, 3))


def coded_keys(ctx: Context) -> tuple[SourceKeys, ...]:
    """The keys that the three codes give in this installation."""
    with ctx.storage.read() as uow:
        installation_id = uow.installation_id() or b""
    return tuple(derive(code, installation_id) for code in codes())


def play(stories: Iterable[Story], go_to: Callable[[int], None]) -> None:
    """Play stories side by side, the one that is furthest back in time first. ``go_to`` takes days before today."""
    waiting = [(-day, number, story) for number, story in enumerate(stories) for day in [next(story)]]
    heapq.heapify(waiting)
    while waiting:
        day, number, story = heapq.heappop(waiting)
        go_to(-day)
        following = next(story, None)
        if following is not None:
            heapq.heappush(waiting, (-following, number, story))
