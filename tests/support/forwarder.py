"""The network between a source's browser and the server: connections from an address of their own, and mishaps."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

SOURCE_ADDRESS = "127.83.5.9"
"""Where every source's connection comes from: an address that stands in no file unless a server wrote it down."""
_CHUNK = 65536
_CUT_AFTER = 512 * 1024


class Forwarder:
    """Passes connections on to a server on this machine. One kind of request at a time can be made to fail.

    ``refuse`` and ``swallow`` name a request by the beginning of its first line, such as ``b"POST /api/cases "``;
    what is encrypted on its way cannot be told apart, so mishaps need plain HTTP.
    """

    def __init__(self, to: int) -> None:
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self.refuse: bytes | None = None
        """A request that never reaches the server."""
        self.swallow: bytes | None = None
        """A request that the server takes and answers, but whose answer is lost."""
        self.cut: bytes | None = None
        """A request whose line breaks when half a megabyte of it has reached the server."""
        self.mishaps = 0
        self._recorded: bytearray | None = None

    @contextmanager
    def recording(self) -> Iterator[bytearray]:
        """Everything that browsers send meanwhile, byte by byte as it goes over the wire."""
        self._recorded = recorded = bytearray()
        try:
            yield recorded
        finally:
            self._recorded = None

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        # Closing the listener ends the thread.
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            server = socket.create_connection(("127.0.0.1", self._to), source_address=(SOURCE_ADDRESS, 0))
            with server:
                lost = threading.Event()
                back = threading.Thread(target=self._answers, args=(server, client, lost), daemon=True)
                back.start()
                self._requests(client, server, lost)
                back.join()

    def _requests(self, client: socket.socket, server: socket.socket, lost: threading.Event) -> None:
        left: int | None = None
        while chunk := client.recv(_CHUNK):
            if self._recorded is not None:
                self._recorded += chunk
            if self.refuse is not None and chunk.startswith(self.refuse):
                self.mishaps += 1
                client.shutdown(socket.SHUT_RDWR)
                break
            if self.cut is not None and chunk.startswith(self.cut):
                self.mishaps += 1
                left = _CUT_AFTER
            if left is not None:
                server.sendall(chunk[:left])
                left -= len(chunk)
                if left <= 0:
                    client.shutdown(socket.SHUT_RDWR)
                    break
                continue
            if self.swallow is not None and chunk.startswith(self.swallow):
                self.mishaps += 1
                lost.set()
            server.sendall(chunk)
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _answers(self, server: socket.socket, client: socket.socket, lost: threading.Event) -> None:
        with suppress(OSError):
            while chunk := server.recv(_CHUNK):
                if lost.is_set():
                    # The server has done its part; now the line breaks.
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(chunk)
            client.shutdown(socket.SHUT_WR)
