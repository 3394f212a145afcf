"""What acts by two do when they take effect: one entry for each kind, and no other way to do any of it."""

from __future__ import annotations

from tipportal.domain.approvals import ActKind
from tipportal.domain.errors import Invalid
from tipportal.domain.texts import N_

from .effect import Effect
from .export import EFFECTS as EXPORT
from .hand_over import EFFECTS as HAND_OVER
from .identity import EFFECTS as IDENTITY
from .members import EFFECTS as MEMBERS
from .outcome import EFFECTS as OUTCOME
from .reclassify import EFFECTS as RECLASSIFY
from .reopen import EFFECTS as REOPEN
from .restrictions import EFFECTS as RESTRICTIONS
from .retain import EFFECTS as RETAIN

EFFECTS: dict[ActKind, Effect] = {
    effect.kind: effect
    for effect in (*OUTCOME, *MEMBERS, *IDENTITY, *RESTRICTIONS, *HAND_OVER, *REOPEN, *RECLASSIFY, *RETAIN, *EXPORT)
}


def effect_of(kind: ActKind) -> Effect:
    """The effect of a kind. Raises Invalid for one that this version cannot do."""
    effect = EFFECTS.get(kind)
    if effect is None:
        raise Invalid(N_("Förslaget har fel form."), field="act")
    return effect
