"""Limits on signing in: the cost falls on whoever guesses, never on the other accounts, and not on the owner.

A limit on failures per account alone would be a way to lock its owner out: anybody can fail on purpose. So failures are
counted apart for browsers that have signed in to the account before and for all others (OWASP's device cookies):

- a browser that carries the account's device mark has its own budget, which nobody else can spend;
- all browsers without one share the account's budget for strangers. Somebody who guesses meets it after ten failures an
  hour, for this one account. The owner's usual browser does not notice.

An address that has no account has the same budgets and gets the same answers, so nothing shows which ones exist. Keys
are keyed digests: no e-mail address reaches the store of limits. The rest is bounded by the KDF pool, and by what has
to be guessed: a password of at least 15 characters and, in the same attempt, a one-time code.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field

from limits import RateLimitItemPerHour

from tipportal.usecases.context import Context

from .limits import WAIT, Limits, TooManyRequests

STRANGERS = RateLimitItemPerHour(10)
KNOWN_DEVICE = RateLimitItemPerHour(20)
_ID = 16
_TAG = 32


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in: which budget its failure is taken from."""

    budget: RateLimitItemPerHour
    key: str = field(repr=False)


class SignInLimits:
    """Judges attempts by e-mail address and device mark, both as the browser gave them."""

    def __init__(self, context: Context, limits: Limits) -> None:
        self._context = context
        self._limits = limits

    def begin(self, email: str, device: str | None) -> Attempt:
        """Call before the password is checked. ``email`` in its normal form. Raises TooManyRequests."""
        identifier = self._genuine(email, device)
        if identifier is None:
            attempt = Attempt(STRANGERS, self._context.keyed("sign-in/strangers", email.encode()).hex())
        else:
            attempt = Attempt(KNOWN_DEVICE, self._context.keyed("sign-in/device", identifier).hex())
        if not self._limits.room(attempt.budget, "sign-in", attempt.key):
            raise TooManyRequests(WAIT)
        return attempt

    def failed(self, attempt: Attempt) -> None:
        """Call after a refusal, whatever its reason."""
        self._limits.count(attempt.budget, "sign-in", attempt.key)

    def device_mark(self, email: str) -> str:
        """A new mark for a browser that has just signed in: the value of a cookie, for this account only."""
        identifier = self._context.random(_ID)
        return base64.urlsafe_b64encode(identifier + self._tag(email, identifier)).decode()

    def _genuine(self, email: str, device: str | None) -> bytes | None:
        try:
            raw = base64.b64decode((device or "").encode("ascii"), b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error):
            return None
        identifier, tag = raw[:_ID], raw[_ID:]
        whole = len(raw) == _ID + _TAG and hmac.compare_digest(tag, self._tag(email, identifier))
        return identifier if whole else None

    def _tag(self, email: str, identifier: bytes) -> bytes:
        return self._context.keyed("sign-in/mark", email.encode(), identifier)
