"""The command itself: what each of its commands needs is loaded when that one is asked for."""

from __future__ import annotations

import importlib

import click

from tipportal import __version__

_ALONE = {"report": "report"}
"""Commands that need little, by their modules here: they begin in half the time."""


class Commands(click.Group):
    """Commands by name. All but those of ``_ALONE`` are loaded together."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, for the help."""
        self._load()
        return sorted({*super().list_commands(ctx), *_ALONE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One command, None where there is none of the name."""
        if cmd_name in _ALONE:
            found = getattr(importlib.import_module(f"{__package__}.{_ALONE[cmd_name]}"), cmd_name)
            return found if isinstance(found, click.Command) else None
        self._load()
        return super().get_command(ctx, cmd_name)

    @staticmethod
    def _load() -> None:
        importlib.import_module(f"{__package__}.commands")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Anonymous whistleblowing and tip portal for Swedish municipalities."""
