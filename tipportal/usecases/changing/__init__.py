"""What each kind of change does. A room that takes part adds its effect to ``EFFECTS``."""

from __future__ import annotations

from collections.abc import Mapping

from tipportal.domain.changes.change import ChangeKind

from . import channel, clock, decision, policy, register
from .effect import Effect

EFFECTS: Mapping[ChangeKind, Effect] = {
    effect.kind: effect
    for effect in (
        register.EFFECT,
        policy.EFFECT,
        channel.EFFECT,
        decision.EFFECT,
        clock.EFFECT,
    )
}
