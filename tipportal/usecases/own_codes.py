"""A source without JavaScript takes a code of their own in place of the one that staff made and have seen (07).

The new code comes from the form that shows it, so that the same form sent again leads to the same code, also when the
answer to the first was lost. It takes the other's place only when the source has said that it is written down.
"""

from __future__ import annotations

from tipportal.domain.errors import CaseNotFound, CaseUnreadable, EpochExists, GrantsMismatch, SequenceConflict
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError
from tipportal.envelope.casecode import CaseCode, SourceKeys, form_code
from tipportal.envelope.grants import seal_grant

from . import dialogue, source_session
from .context import Context
from .epochs import OwnCode, begin_epoch_as_source
from .source_epochs import make_epoch
from .source_reading import genesis_of, past_of, read_view
from .source_session import ATTEMPTS, Entered, Visitor


def code_of(ctx: Context, form_secret: bytes) -> CaseCode:
    """The code that a form with this secret shows: nothing is derived from it before its reader has written it down."""
    return form_code(form_secret, ctx.face_secret)


def take_own_code(ctx: Context, visitor: Visitor, own: SourceKeys) -> Entered:
    """Let the case be found by the new code alone, and go on in a session of its own. Twice is as once.

    Raises CaseNotFound, also where the code cannot be replaced now, CaseLocked, CaseUnreadable, EpochClosed, and
    EpochExists, GrantsMismatch or SequenceConflict where others kept being first.
    """
    for left in reversed(range(ATTEMPTS)):
        try:
            _replace(ctx, visitor.keys, own)
        except CaseNotFound:
            # The answer to the first request was lost: then the new code already leads there, and else neither does.
            break
        except (EpochExists, GrantsMismatch, SequenceConflict):
            if left == 0:
                raise
        else:
            break
    return source_session.enter(ctx, own)


def _replace(ctx: Context, keys: SourceKeys, own: SourceKeys) -> None:
    view = dialogue.open_by_token(ctx, keys.lookup_token)
    reading = read_view(view, keys)
    if view.replacing is None:
        return
    try:
        new = make_epoch(ctx, view, view.replacing, keys, genesis_of(view, keys), reading, own=own)
        past = seal_grant(past_of(view, keys).seed, own.identity.recipient, random=ctx.random)
    except EnvelopeError:
        raise CaseUnreadable(
            N_("Ärendet går inte att läsa: det som servern har sparat har ändrats eller skadats.")
        ) from None
    code = OwnCode(
        bytes.fromhex(own.lookup_digest), own.identity.recipient.raw, own.signing_key.verification_key.raw, past
    )
    begin_epoch_as_source(ctx, keys.lookup_token, new, sealed_by_server=True, own=code)
