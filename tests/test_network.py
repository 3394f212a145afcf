from __future__ import annotations

import socket

import pytest


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_tests_cannot_leave_the_machine(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as outward:
        outward.settimeout(1)
        with pytest.raises(PermissionError, match="this machine only"):
            outward.connect((address, 9))


def test_tests_reach_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname()) as out:
        out.sendall(b"x")
        taken, _ = listening.accept()
        with taken:
            assert taken.recv(1) == b"x"
