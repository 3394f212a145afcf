"""Passwords and passphrases that cost little: what is slow on purpose, tests do many hundred times.

Processes that tests start have the real cost, and so has what is enrolled in a browser.
"""

from __future__ import annotations

from argon2 import PasswordHasher

from tipportal.cli import demo_staffing
from tipportal.usecases import enrol, sign_in, ways

REAL = sign_in.HASHER
"""What an installation has."""


def cost_little() -> None:
    """Let this process hash passwords and seal the identities of made-up people at the least cost from now on."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    sign_in.HASHER = quick
    for module in (enrol, ways):
        vars(module)["HASHER"] = quick
    demo_staffing.WORK_FACTOR = 1
