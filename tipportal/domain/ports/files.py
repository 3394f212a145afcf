"""What keeps sealed files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import BinaryIO, Protocol

from tipportal.domain.cases import Stream
from tipportal.domain.files import AttachedFile


class Attachments(Protocol):
    """Which sealed files hang on which record."""

    def add(self, files: Sequence[tuple[AttachedFile, str]]) -> None:
        """Keep files, each with the id of the upload that it was, all or none.

        From here on the transaction owns the blobs: when it is rolled back they go. Raises UploadUnknown for an upload
        that has been handed in before.
        """

    def of_case(self, case_id: str, streams: Sequence[Stream]) -> Sequence[AttachedFile]:
        """A case's files, by stream, seq, position."""

    def one(self, case_id: str, stream: Stream, seq: int, position: int) -> AttachedFile | None: ...
    def kept_bytes(self, case_id: str) -> int:
        """Sealed bytes of all files of a case."""


class WaitingFile(Protocol):
    """A new upload that the server itself seals, piece by piece."""

    @property
    def upload(self) -> str:
        """The upload's id."""

    def write(self, content: bytes, /) -> object:
        """Append sealed bytes. Raises StorageFull, after which only ``discard`` makes sense."""

    def keep(self) -> int:
        """Finish: from now on it waits as any upload does. Gives its size in bytes."""

    def discard(self) -> None:
        """Leave nothing behind, whether it was kept or not. Again does nothing."""


class Uploads(Protocol):
    """Sealed files that wait for the record that will name them. Ids are 32 hex digits that only the sender knows."""

    def received(self, upload: str) -> int:
        """Bytes so far, 0 for one that is not there."""

    def append(
        self, upload: str, offset: int, length: int, read: Callable[[int], bytes], on: date, *, quota: int
    ) -> int:
        """Take ``length`` bytes from ``offset`` on by ``read`` (at most so many bytes; empty: the end); the new total.

        What was received before is compared, not written again. A part that fails or ends short leaves what stood
        before. ``quota`` bounds what waits altogether, in bytes.
        Raises PartMissing, PartDiffers, StorageFull, Invalid for a part that ends short; errors of ``read`` pass.
        """

    def remove(self, upload: str) -> None:
        """Remove an upload; one that is not there is no error."""

    def begin(self, on: date, *, quota: int) -> WaitingFile:
        """A new upload for the server's own sealing."""

    def take(self, upload: str, on: date) -> str:
        """Make an upload a blob, durable when this returns, and give the blob's id. Call it before the transaction.

        The upload stays until ``remove``, and nothing can be appended to it any more. Raises UploadUnknown.
        """

    def release(self, blob_id: str) -> None:
        """Remove a blob that was taken and that no transaction named."""

    def open(self, blob_id: str) -> BinaryIO:
        """A blob's sealed bytes. Raises FileNotFoundError when it is gone."""

    def sweep(self) -> int:
        """Remove what has not been touched for a day; how many."""
