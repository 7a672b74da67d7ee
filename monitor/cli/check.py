"""`monitor check-config`: is the configuration sound, and what would it do?"""

import os

import typer
from rich.console import Console
from rich.table import Table

from monitor.app.choose import choose_settings
from monitor.cli.options import USAGE, ConfigOption, told
from monitor.config.settings import Settings

_DAY_SECONDS = 86400


def check_config(config: ConfigOption = None) -> None:
    """Check the configuration and list what it probes; tells every error at once."""
    with told():
        settings = choose_settings(config, os.environ)
    if settings is None:
        typer.echo("no monitor.yaml and no known API key in the environment", err=True)
        raise typer.Exit(USAGE)
    for warning in settings.warnings:
        typer.echo(f"warning: {warning}", err=True)
    Console(width=None if os.isatty(1) else 160).print(_table(settings))
    tokens = sum(
        _DAY_SECONDS / probe.interval_seconds * probe.request.max_output_tokens
        for probe in settings.probes
    )
    typer.echo(
        f"{settings.source} is sound: {len(settings.probes)} probes, "
        f"at most {tokens:,.0f} output tokens a day"
    )


def _table(settings: Settings) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("TARGET", "GROUP", "DIALECT", "HOST", "EVERY", "FIRST TOKEN", "TOTAL"):
        table.add_column(title, overflow="fold")
    for probe in settings.probes:
        target, deadlines = probe.target, probe.deadlines
        table.add_row(
            target.key,
            target.group,
            target.dialect,
            target.host,
            f"{probe.interval_seconds:g} s",
            f"{deadlines.first_token_seconds:g} s",
            f"{deadlines.total_seconds:g} s",
        )
    return table
