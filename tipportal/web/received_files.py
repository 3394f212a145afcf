"""Files of a form without JavaScript: sealed while they arrive, gone with the request unless a use case took them.

What is wrong with a file never costs the text beside it: the file is dropped, the rest of the form is read, and the
view learns of the fault when it asks for the files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flask import Flask, current_app, g, request
from werkzeug.exceptions import HTTPException, UnsupportedMediaType

from tipportal.domain.errors import Busy, FileEmpty, Invalid, Refusal, TooManyFiles
from tipportal.domain.files import check_count
from tipportal.domain.texts import N_
from tipportal.usecases.source_session import ChosenFile
from tipportal.usecases.uploads import SealingUpload

from . import csrf
from .form_parser import PartSink, StopReading
from .form_tokens import TokenInvalid
from .guard import rule_of
from .services import context, form_tokens, services

FIELD = "files"


@dataclass
class ReceivedFiles:
    """The files of one request. ``named``: it had files at all, taken or not, that have to be chosen again."""

    chosen: list[ChosenFile] = field(default_factory=list, repr=False)
    fault: Refusal | None = None
    named: bool = False
    sealing: list[SealingUpload] = field(default_factory=list, repr=False)
    give_back: Callable[[], None] | None = field(default=None, repr=False)

    def files(self) -> tuple[ChosenFile, ...]:
        """What was chosen, sealed. Raises what is wrong with any of it: all files are taken, or none."""
        if self.fault is not None:
            raise self.fault
        return tuple(self.chosen)


def received_files() -> ReceivedFiles:
    """The files of this request; its body has been read by then."""
    if "received_files" not in g:
        g.received_files = ReceivedFiles()
    found: ReceivedFiles = g.received_files
    return found


def set_up_received_files(app: Flask, log_unexpected: Callable[[BaseException], None]) -> None:
    """At the end of each request remove what it sealed and no use case took, whatever happened."""

    def discard(_error: BaseException | None) -> None:
        received: ReceivedFiles | None = g.pop("received_files", None)
        if received is None:
            return
        try:
            for sealing in received.sealing:
                sealing.discard()
        except OSError as error:
            # The sweep of abandoned uploads finds what is left.
            log_unexpected(error)
        finally:
            if received.give_back is not None:
                received.give_back()

    app.teardown_request(discard)


def sink_for(field_name: str, name: str, sent_as: str, fields: Mapping[str, str]) -> PartSink:
    """Where a file of this request goes. Raises UnsupportedMediaType where no file is asked for."""
    rule = rule_of(current_app, request.endpoint) if request.endpoint else None
    if rule is None or not rule.takes_files or field_name != FIELD:
        raise UnsupportedMediaType
    return _Incoming(received_files(), name, sent_as, wanted=_token_is_good(fields, rule.forms))


def body_failed(failure: HTTPException) -> None:
    """Remember why this request's body was not read whole; the guard raises it."""
    g.body_failure = failure


class _Incoming:
    """One file on its way in. Nothing is begun before its first byte: a field without a file has none."""

    def __init__(self, received: ReceivedFiles, name: str, sent_as: str, *, wanted: bool) -> None:
        self._received = received
        self._name = name
        self._type = sent_as
        self._wanted = wanted
        self._sealing: SealingUpload | None = None
        self._begun = False

    def write(self, content: bytes, /) -> None:
        """Seal some of the file, or let it go by."""
        if not self._begun:
            self._begin()
        if self._sealing is not None:
            self._sealing.write(content)

    def close(self) -> None:
        """Finish the file."""
        if not self._begun:
            if self._name:
                self._received.named = True
                self._fail(FileEmpty(N_("En fil är tom och kan inte skickas. Välj en annan."), field=FIELD))
        elif self._sealing is not None:
            try:
                sealed = self._sealing.finish()
            except Refusal as refusal:
                self._fail(refusal)
            else:
                if sealed is not None:
                    self._received.chosen.append(ChosenFile(self._name, self._type, sealed))

    def _begin(self) -> None:
        self._begun = True
        received = self._received
        received.named = True
        if received.give_back is None:
            try:
                received.give_back = services().transfers.take()
            except Busy as busy:
                self._fail(busy)
                raise StopReading from None
        try:
            check_count(len(received.sealing) + 1)
        except TooManyFiles as refusal:
            self._fail(refusal)
        if not self._wanted:
            # The guard or the view says why. Should neither, then the file stood before its form's token.
            self._fail(Invalid(N_("Filerna kunde inte tas emot. Välj dem igen."), field=FIELD))
        if received.fault is None:
            self._sealing = SealingUpload.begin(context())
            received.sealing.append(self._sealing)

    def _fail(self, refusal: Refusal) -> None:
        self._received.fault = self._received.fault or refusal


def _token_is_good(fields: Mapping[str, str], purposes: tuple[str, ...]) -> bool:
    """Whether the request may have files sealed. The guard judges the token again, and raises what is wrong with it."""
    if "from_here" not in g:
        return False
    text = request.headers.get(csrf.TOKEN_HEADER, fields.get(csrf.TOKEN_FIELD, ""))
    try:
        return not form_tokens().verify(text, purposes).expired(context().clock())
    except TokenInvalid:
        return False
