"""Commands that set up organisations, units, functions, designations and channels."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from tipportal.domain.organisations import Channel, Ground, OrganisationKind
from tipportal.usecases import administer

from .surroundings import handler_context


@click.group()
def organisation() -> None:
    """Organisations."""


@organisation.command("add")
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--kind", type=click.Choice([kind.value for kind in OrganisationKind]), required=True)
@click.option("--listed/--unlisted", default=True, help="Whether sources can choose it.")
def organisation_add(slug: str, name: str, kind: str, *, listed: bool) -> None:
    """Add an organisation."""
    with handler_context() as ctx:
        added = administer.add_organisation(ctx, slug=slug, name=name, kind=OrganisationKind(kind), listed=listed)
    click.echo(f"organisation {added.id}")


@click.group()
def unit() -> None:
    """Units of an organisation."""


@unit.command("add")
@click.argument("organisation_slug", metavar="ORGANISATION")
@click.option("--name", required=True)
@click.option("--external", is_flag=True, help="An external party is a unit of its own.")
def unit_add(organisation_slug: str, name: str, *, external: bool) -> None:
    """Add a unit."""
    with handler_context() as ctx:
        added = administer.add_unit(ctx, organisation=organisation_slug, name=name, external=external)
    click.echo(f"unit {added.id}")


@click.group()
def function() -> None:
    """Functions: groups that may receive cases."""


@function.command("add")
@click.argument("organisation_slug", metavar="ORGANISATION")
@click.option("--name", required=True)
def function_add(organisation_slug: str, name: str) -> None:
    """Add a function."""
    with handler_context() as ctx:
        added = administer.add_function(ctx, organisation=organisation_slug, name=name)
    click.echo(f"function {added.id}")


@click.command()
@click.argument("function_id", metavar="FUNCTION")
@click.argument("account_id", metavar="ACCOUNT")
@click.option("--decision", required=True, help="The decision's registry number.")
@click.option("--decided-on", type=click.DateTime(["%Y-%m-%d"]), required=True)
@click.option(
    "--from", "valid_from", type=click.DateTime(["%Y-%m-%d"]), default=None, help="First day; today if left out."
)
@click.option(
    "--to",
    "valid_to",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="Last day; until further notice if left out.",
)
@click.option("--ground", type=click.Choice([ground.value for ground in Ground]), default=Ground.EMPLOYMENT.value)
@click.option("--rank", type=click.IntRange(1, 99), default=1, help="Lower is asked first.")
def designate(
    function_id: str,
    account_id: str,
    *,
    decision: str,
    decided_on: datetime,
    valid_from: datetime | None,
    valid_to: datetime | None,
    ground: str,
    rank: int,
) -> None:
    """Make a handler a member of a function by a decision."""
    with handler_context() as ctx:
        made = administer.designate(
            ctx,
            function_id=function_id,
            account_id=account_id,
            ground=Ground(ground),
            decision_number=decision,
            decided_on=_date(decided_on) or ctx.today(),
            valid_from=_date(valid_from) or ctx.today(),
            valid_to=_date(valid_to),
            rank=rank,
        )
    click.echo(f"designation {made.id}")


@click.group()
def channels() -> None:
    """Channels for tips and reports."""


@channels.command("open")
@click.argument("organisation_slug", metavar="ORGANISATION")
@click.option("--tip", default=None, metavar="FUNCTION", help="The function that receives public tips.")
@click.option("--report", default=None, metavar="FUNCTION", help="The function that receives whistleblowing reports.")
@click.option(
    "--authority",
    default=None,
    metavar="ORGANISATION",
    help="The receiving authority; the organisation itself if left out.",
)
def channels_open(organisation_slug: str, tip: str | None, report: str | None, authority: str | None) -> None:
    """Open channels. Refused, with the reasons, when a function cannot form a panel."""
    chosen = {Channel.TIP: tip, Channel.REPORT: report}
    routes = {
        channel: (function_id, authority or organisation_slug) for channel, function_id in chosen.items() if function_id
    }
    if not routes:
        raise click.UsageError("Give --tip, --report or both.")
    with handler_context() as ctx:
        # A channel that is not named stays as it is: opening one never closes the other.
        routes = {**administer.present_routes(ctx, organisation_slug), **routes}
        policy = administer.open_channels(ctx, organisation=organisation_slug, routes=routes)
    click.echo(f"policy version {policy.version}: {', '.join(sorted(channel.value for channel in routes))}")


@channels.command("check")
def channels_check() -> None:
    """Which channels are open, and what is wrong with each. Exit 1 when an open channel cannot form a panel."""
    with handler_context() as ctx:
        lines = administer.checklist(ctx)
    for line in lines:
        state = "open" if line.open else "closed"
        click.echo(
            f"{line.organisation.slug} {line.channel.value}: {state}{''.join(f' – {fault}' for fault in line.faults)}"
        )
    if any(line.open and line.faults for line in lines):
        raise click.exceptions.Exit(1)


def _date(value: datetime | None) -> date | None:
    return None if value is None else value.replace(tzinfo=UTC).date()
