"""Which functions receive a case, by name: what its source may know of those who read it."""

from __future__ import annotations

from tipportal.domain.cases import Case, GrantKind

from .context import Context

_READERS = (GrantKind.PANEL, GrantKind.STANDBY)


def function_names(ctx: Context, case: Case) -> dict[str, str]:
    """The name of every function whose people have had a key to the case, by id."""
    with ctx.storage.read() as uow:
        ids = {grant.function_id for grant in uow.cases.grants(case.id) if grant.kind in _READERS}
        found = [uow.register.function(function_id) for function_id in sorted(ids)]
    return {function.id: function.name for function in found if function is not None}
