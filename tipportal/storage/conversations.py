"""Keeps filled-in forms of the dialogue, what has been read of it, and meetings."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.cases import Stream
from tipportal.domain.conversations import FilledForm, Meeting, Reading
from tipportal.domain.errors import AlreadyDecided
from tipportal.domain.texts import N_

from .faults import guarded
from .mapping import columns_of, values_of
from .rows import forms, meetings, readings

_FORM = columns_of(forms, FilledForm)
_READING = columns_of(readings, Reading)
_MEETING = columns_of(meetings, Meeting)


class Conversations:
    """Implements ``ports.Conversations`` in one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_form(self, form: FilledForm) -> None:
        """Keep what a record is. Raises AlreadyDecided when what it answers has an answer."""
        already = AlreadyDecided(N_("Det är redan besvarat. Läs om sidan."))
        with guarded(self._connection, {"uq_forms_case_id_answers": already}):
            self._connection.execute(sa.insert(forms), {**values_of(form), "stream": Stream.DIALOGUE})

    def forms(self, case_id: str) -> Sequence[FilledForm]:
        """A case's forms, in the order of the dialogue."""
        query = sa.select(*_FORM).where(forms.c.case_id == case_id).order_by(forms.c.seq)
        return [FilledForm(*row) for row in self._connection.execute(query)]

    def add_reading(self, reading: Reading, *, settled: bool) -> None:
        """Keep how far somebody had the dialogue open; once for each place."""
        known = sa.select(readings.c.seq).where(
            readings.c.case_id == reading.case_id,
            readings.c.reader == reading.reader,
            readings.c.seq >= reading.seq,
        )
        # No race between looking and writing: writers are serialised (ports.Storage).
        if self._connection.execute(known.limit(1)).scalar_one_or_none() is None:
            self._connection.execute(sa.insert(readings), {**values_of(reading), "settled": settled})

    def readings(self, case_id: str) -> Sequence[Reading]:
        """What has been read of a case, by reader and place."""
        query = sa.select(*_READING).where(readings.c.case_id == case_id).order_by(readings.c.reader, readings.c.seq)
        return [Reading(*row) for row in self._connection.execute(query)]

    def add_meeting(self, meeting: Meeting) -> None:
        """Keep a meeting that was held."""
        self._connection.execute(sa.insert(meetings), values_of(meeting))

    def meetings(self, case_id: str) -> Sequence[Meeting]:
        """A case's meetings, by day."""
        query = sa.select(*_MEETING).where(meetings.c.case_id == case_id).order_by(meetings.c.held_on, meetings.c.id)
        return [Meeting(*row) for row in self._connection.execute(query)]
