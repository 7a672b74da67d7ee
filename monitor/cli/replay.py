"""`monitor replay`: what other settings of health would have done with what was recorded."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import typer

from monitor.app.choose import choose_settings
from monitor.app.replaying import Replayed, Wanted, replay_each, watched
from monitor.cli.comparing import notes, shape, table
from monitor.cli.consoles import console
from monitor.cli.durations import duration
from monitor.cli.options import BAD, USAGE, ConfigOption, DatabaseOption, JsonOption, told
from monitor.cli.progress import Bar
from monitor.config.settings import DEFAULT_DATABASE, Settings
from monitor.config.tuning import changes
from monitor.model.clock import SystemClock
from monitor.store.engine import Engine, open_reader


def replay(  # noqa: PLR0913 - one for each option
    *,
    since: Annotated[str, typer.Option(help="How far back: 7d, 12h, 90m.")] = "7d",
    target: Annotated[
        str | None, typer.Option(help="Key of the only target; all unless told.")
    ] = None,
    vantage: Annotated[
        str | None, typer.Option(help="The only vantage; each by itself unless told.")
    ] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting to try: failures=2, confirm_seconds=5,10."),
    ] = None,
    false_below: Annotated[
        str, typer.Option(help="A down whose outage was shorter counts as false.")
    ] = "2m",
    as_json: JsonOption = False,
) -> None:
    """Run the recorded results through the health machine again, with other settings."""
    with told():
        wanted = Wanted(
            since=SystemClock().now() - _duration("--since", since),
            target=target,
            vantage=vantage,
            changes=changes(settings or ()),
            false_below_seconds=_duration("--false-below", false_below).total_seconds(),
        )
        chosen = choose_settings(config, os.environ, database=database)
        reader = open_reader(database or (chosen.database if chosen else DEFAULT_DATABASE))
        try:
            _tell(_replayed(reader, chosen, wanted), wanted, as_json=as_json)
        finally:
            reader.dispose()


def _duration(option: str, text: str) -> timedelta:
    try:
        return duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _replayed(reader: Engine, settings: Settings | None, wanted: Wanted) -> list[Replayed]:
    known = watched(reader, wanted)
    if not known and (wanted.target or wanted.vantage):
        everything = watched(reader, replace(wanted, target=None, vantage=None))
        seen = "\n".join(f"  {each.target} from {each.vantage}" for each in everything)
        typer.echo(f"nothing of that name was recorded; there are:\n{seen or '  none'}", err=True)
        raise typer.Exit(USAGE)
    with Bar("replaying", len(known)) as bar:
        return list(bar.through(replay_each(reader, settings, wanted)))


def _tell(replayed: list[Replayed], wanted: Wanted, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(shape(replayed, wanted), indent=2))
    elif replayed:
        console().print(table(replayed))
        for line in notes(replayed, wanted):
            typer.echo(line)
    if not replayed:
        typer.echo(f"no run was recorded since {wanted.since:%Y-%m-%d %H:%M} UTC", err=True)
        raise typer.Exit(BAD)
