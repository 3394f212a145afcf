"""The form without JavaScript, checked and sent, against the rate that its key derivation alone allows."""

from __future__ import annotations

import http.client
import os
import re
import secrets
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from tipportal.envelope.casecode import CaseCode, derive_root

from .installation import ORGANISATION, TEXT, environment
from .served import served

ROUNDS = 5
PER_ROUND = 60
CLIENTS = 4
ADDRESS = f"/{ORGANISATION}/tips/utan-javascript"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def main() -> None:
    """Measure in turns and print the median of each, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        _, variables = environment(Path(folder))
        with served("tipportal.app:serve_app()", variables) as (port, _):
            ours, alone = [], []
            for _ in range(ROUNDS):
                tokens = _tokens(port)
                ours.append(_rate(partial(_send, port, tokens)))
                alone.append(_derivations())
    rate, bound = statistics.median(ours), statistics.median(alone)
    print(f"sent {rate:.1f}/s, derivation alone {bound:.1f}/s: {rate / bound:.0%}")


def _tokens(port: int) -> list[str]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    tokens = []
    for _ in range(PER_ROUND):
        connection.request("GET", ADDRESS)
        found = _TOKEN.search(connection.getresponse().read().decode())
        if found is None:
            raise RuntimeError(ADDRESS)
        tokens.append(found[1])
    return tokens


def _send(port: int, tokens: list[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    while tokens:
        try:
            token = tokens.pop()
        except IndexError:
            return
        fields = {"csrf_token": token, "form_secret": secrets.token_hex(16), "what_happened": TEXT}
        for step in ("check", "send"):
            connection.request("POST", ADDRESS, urlencode({**fields, "step": step}), FORM)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != http.HTTPStatus.OK or (step == "send") != (b'id="case-code"' in body):
                raise RuntimeError(f"{step}: {answer.status}")


def _rate(client: Callable[[], None]) -> float:
    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(client) for _ in range(CLIENTS)]:
            done.result()
    return PER_ROUND / (time.perf_counter() - started)


def _derivations() -> float:
    """Derivations a second with one thread a core and nothing else."""
    codes = [CaseCode.from_entropy(secrets.token_bytes(16)) for _ in range(PER_ROUND)]
    lock = threading.Lock()

    def derive() -> None:
        while True:
            with lock:
                if not codes:
                    return
                code = codes.pop()
            derive_root(code, bytes(16))

    cores = len(os.sched_getaffinity(0))
    started = time.perf_counter()
    with ThreadPoolExecutor(cores) as pool:
        for done in [pool.submit(derive) for _ in range(cores)]:
            done.result()
    return PER_ROUND / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
