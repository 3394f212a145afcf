"""The files of `tipportal report`: read up to a size, written whole or not at all, and their faults said in words."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from tipportal.domain.texts import N_
from tipportal.reporting.words import Words
from tipportal.usecases import logexport

_FAULTS: Mapping[int, str] = {
    errno.ENOENT: N_("Den finns inte."),
    errno.ENOTDIR: N_("Den finns inte."),
    errno.EISDIR: N_("Det är en mapp. Ange en fil."),
    errno.EACCES: N_("Du har inte rätt till den, eller till mappen som den ligger i."),
    errno.EPERM: N_("Du har inte rätt till den, eller till mappen som den ligger i."),
    errno.EEXIST: N_("Den finns redan och skrivs inte över. Ange ett annat namn."),
    errno.ENOSPC: N_("Disken är full. Inget har sparats."),
    errno.EDQUOT: N_("Disken är full. Inget har sparats."),
    errno.EFBIG: N_("Filen blir för stor för disken. Inget har sparats."),
    errno.EROFS: N_("Där går det inte att skriva."),
    errno.ENAMETOOLONG: N_("Namnet är för långt."),
}

_NO_FOLDER = N_("Mappen finns inte.")


def read(path: Path, most: int, words: Words) -> bytes:
    """The file's bytes, one more than ``most`` of one that is larger. Exit 2 for what cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as fault:
        raise click.UsageError(_told(path, fault, words)) from None


@dataclass(slots=True)
class Lines:
    """The lines of a file, from the first one each time that it is called. ``number``: which was given last, from 1.

    A line that is longer than any of an export comes in pieces. Exit 2 for what cannot be read.
    """

    path: Path
    words: Words
    number: int = 0

    def __call__(self) -> Iterator[bytes]:
        """Give them."""
        try:
            with self.path.open("rb") as file:
                self.number = 0
                for line in iter(lambda: file.readline(logexport.MAX_LINE + 1), b""):
                    self.number += 1
                    yield line
        except OSError as fault:
            raise click.UsageError(_told(self.path, fault, self.words)) from None


def check_absent(path: Path, words: Words) -> None:
    """Say at once, before a minute of counting, that a file is there already."""
    if path.exists():
        raise click.ClickException(_told(path, OSError(errno.EEXIST, ""), words))


def write(data: bytes, path: Path | None, words: Words) -> None:
    """Write all of it to a file that is not there yet, or to the standard output. Of what fails nothing is left."""
    try:
        if path is None:
            click.echo(data, nl=False)
        else:
            _write_whole(data, path)
    except BrokenPipeError:
        # Whoever read it has read enough.
        raise
    except OSError as fault:
        if path is None:
            raise click.ClickException(_said(fault, words)) from None
        if fault.errno == errno.ENOENT:
            raise click.ClickException(f"{path}: {words.text(_NO_FOLDER)}") from None
        raise click.ClickException(_told(path, fault, words)) from None


def _write_whole(data: bytes, path: Path) -> None:
    with path.open("xb") as file:
        try:
            file.write(data)
            file.flush()
        except BaseException:
            # Ours since "x" made it, and half of a report is none.
            with contextlib.suppress(OSError):
                path.unlink()
            raise


def _told(path: Path, fault: OSError, words: Words) -> str:
    return f"{path}: {_said(fault, words)}"


def _said(fault: OSError, words: Words) -> str:
    said = _FAULTS.get(fault.errno or 0)
    return str(fault.strerror) if said is None else words.text(said)
