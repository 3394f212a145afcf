"""Commands about setting up. What changes anything is done in the browser, by two administrators."""

from __future__ import annotations

import click

from tipportal.usecases import checklist

from .surroundings import handler_context


@click.group()
def channels() -> None:
    """Channels for tips and reports."""


@channels.command("check")
def channels_check() -> None:
    """Which channels are open, and what each still lacks. Exit 1 when an open channel lacks something."""
    with handler_context() as ctx:
        found = checklist.channels(ctx)
    for status in found:
        state = "trial" if status.trial else "open" if status.open else "closed"
        click.echo(f"{status.organisation.slug} {status.channel.value}: {state}")
        for line in status.lines:
            click.echo(f"  {'done   ' if line.done else 'missing'} {line.what if line.done else line.to_do}")
    if any(status.open and not status.ready for status in found):
        raise click.exceptions.Exit(1)
