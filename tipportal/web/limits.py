"""Limits. Their keys are never addresses (all users of Tor share a few) and never derived from case codes.

What is limited, and against whom:

- *Creating cases*: one budget for everybody together. It protects the handlers and the disk. A flood can use it up, so
  it is generous, and only what becomes a case is counted; a source who meets it keeps the text, and tries again.
- *A form token*: how often one page may be sent. A token costs one cheap request, so this only stops a page that
  repeats itself by mistake; it needs no more, because what a token leads to is idempotent and bounded by other means.
- *Sign-in*: see ``sign_in_limits``.
"""

from __future__ import annotations

import hashlib

from flask import Flask
from flask_limiter import Limiter
from limits import RateLimitItem, RateLimitItemPerMinute

from tipportal.domain.errors import Refusal
from tipportal.domain.texts import N_

from .hit_memory import HitMemory

IN_MEMORY = "memory://"
PER_TOKEN = RateLimitItemPerMinute(30)
WAIT = N_("Just nu kommer det in för mycket på en gång. Inget har gått förlorat: vänta en stund och försök igen.")


class TooManyRequests(Refusal):
    """A budget is used up. Nothing was done and nothing is lost."""

    code = "too_many_requests"
    status = 429


def _no_default_key() -> str:
    # Flask-Limiter's customary key is the network address. Here every limit names its own key.
    raise RuntimeError("a limit without a key")


class Limits:
    """The budgets of one process, or of all that share a Redis."""

    def __init__(self, storage_url: str, submissions_per_minute: int) -> None:
        self._limiter = Limiter(
            _no_default_key,
            # Beside the portal, not on it: no route has a limit of its own, views spend from budgets. On it, the
            # library would look limits up before and after every request.
            app=Flask("tipportal.limits"),
            storage_uri=HitMemory.ADDRESS if storage_url == IN_MEMORY else storage_url,
            strategy="moving-window",
            headers_enabled=False,
        )
        self._submissions = RateLimitItemPerMinute(submissions_per_minute)

    def spend_submission(self) -> None:
        """Count one case about to be created. Raises TooManyRequests when everybody's budget is used up."""
        self._spend(self._submissions, "submissions", "all")

    def spend_token(self, use: str, nonce: str) -> None:
        """Count one use of a form token by its nonce. Raises TooManyRequests."""
        self._spend(PER_TOKEN, use, hashlib.sha256(nonce.encode()).hexdigest())

    def room(self, item: RateLimitItem, use: str, key: str) -> bool:
        """Whether a budget has room, without spending."""
        return self._limiter.limiter.test(item, use, key)

    def count(self, item: RateLimitItem, use: str, key: str) -> bool:
        """Spend from a budget; False when it is used up."""
        return self._limiter.limiter.hit(item, use, key)

    def _spend(self, item: RateLimitItem, use: str, key: str) -> None:
        if not self.count(item, use, key):
            raise TooManyRequests(WAIT)
