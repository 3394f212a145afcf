"""What each kind of change does. A room that takes part adds its effect to ``EFFECTS``."""

from __future__ import annotations

from collections.abc import Mapping

from tipportal.domain.changes.change import ChangeKind

from . import (
    account,
    ceremony,
    channel,
    clock,
    decision,
    directory,
    invite,
    keys,
    policy,
    publish,
    recover_case,
    register,
    restore,
    trustees,
)
from .effect import Effect

EFFECTS: Mapping[ChangeKind, Effect] = {
    effect.kind: effect
    for effect in (
        register.EFFECT,
        policy.EFFECT,
        channel.EFFECT,
        decision.EFFECT,
        directory.EFFECT,
        clock.EFFECT,
        invite.EFFECT,
        keys.EFFECT,
        account.EFFECT,
        restore.EFFECT,
        trustees.EFFECT,
        ceremony.EFFECT,
        recover_case.EFFECT,
        publish.EFFECT,
    )
}
