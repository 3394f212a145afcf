"""Commands about setting up. What changes anything is done in the browser, by two administrators."""

from __future__ import annotations

import click

from tipportal.domain.organisations import Channel
from tipportal.usecases import checklist

from .surroundings import handler_context

# Swedish, as the checklist that it prints and the pages that do what is missing.
_CHANNELS = {Channel.TIP: "tips", Channel.REPORT: "rapporter"}


@click.group()
def channels() -> None:
    """Channels for tips and reports."""


@channels.command("check")
def channels_check() -> None:
    """Which channels are open, and what each still lacks. Exit 1 when an open channel lacks something."""
    with handler_context() as ctx:
        found = checklist.channels(ctx)
    for status in found:
        state = "öppen för provärende" if status.trial else "öppen" if status.open else "stängd"
        click.echo(f"{status.organisation.slug}, {_CHANNELS[status.channel]}: {state}")
        for line in status.lines:
            click.echo(f"  {'klart ' if line.done else 'saknas'} {line.what if line.done else line.to_do}")
    if any(status.open and not status.ready for status in found):
        raise click.exceptions.Exit(1)
