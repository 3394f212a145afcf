"""Files of a form without JavaScript, sealed while they arrived: what their record says of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from tipportal.domain.files import check_count, safe_name
from tipportal.envelope.files import media_type
from tipportal.envelope.records import Attachment

from .context import Context
from .uploads import SealedUpload


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """A file of one form: name and media type as its sender's system gave them, and where it waits sealed."""

    name: str = field(repr=False)
    type: str = field(repr=False)
    sealed: SealedUpload


def listed(files: Sequence[ChosenFile]) -> bytes:
    """What makes files the same when they are chosen again: sealed anew, they have other keys and other uploads."""
    return json.dumps([[safe_name(file.name), file.sealed.size, file.sealed.sha256] for file in files]).encode()


def attachments_of(files: Sequence[ChosenFile]) -> tuple[Attachment, ...]:
    """What the record's header names. Raises TooManyFiles."""
    check_count(len(files))
    return tuple(
        Attachment(
            name=safe_name(file.name),
            type=media_type(file.type),
            size=file.sealed.size,
            sha256=file.sealed.sha256,
            key=file.sealed.key,
        )
        for file in files
    )


def discard(ctx: Context, files: Sequence[ChosenFile]) -> None:
    """Remove what was sealed for a request that had come before."""
    for file in files:
        ctx.storage.uploads.remove(file.sealed.upload.id)
