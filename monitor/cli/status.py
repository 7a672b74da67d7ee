"""`monitor status`: how all targets stand now."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from monitor.app.choose import DEFAULT_FILE, choose_settings
from monitor.app.remote import Remote, UnansweredError
from monitor.cli.asking import ask, read, standing_shape
from monitor.cli.board import Board, brief
from monitor.cli.consoles import console
from monitor.cli.inert import inert
from monitor.cli.options import BAD, ConfigOption, DatabaseOption, JsonOption, VantageOption, told
from monitor.cli.standing import Standing
from monitor.cli.watching import watch as watch_live
from monitor.config.settings import DEFAULT_DATABASE, DEFAULT_LISTEN, Settings
from monitor.model.clock import SystemClock
from monitor.model.target import Secret
from monitor.store.engine import open_reader
from monitor.store.location import where

_ADVICE = "start one with `monitor run`, name its --url, or name a --database to read"
_ANYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - as it listens
_CLOCK = SystemClock()


def status(
    *,
    url: Annotated[
        str | None,
        typer.Option(help="Of the daemon; where the configuration listens unless told."),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Draw anew until Ctrl-C.")] = False,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    vantage: VantageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show state, cause, uptime and latency of each target; exits 1 if one is down.

    A running daemon is asked. Where none answers, the database of the configuration is read, and
    what it says is as old as it says; --database alone reads that database and asks nobody.
    """
    screen = console()
    if watch and (as_json or not screen.is_terminal):
        raise typer.BadParameter("--watch wants a terminal, and no --json")
    with told():
        asked = _asked(url, config, database, vantage)
        standing = _find(asked)
        if mismatch := _mismatch(standing, asked.settings):
            typer.echo(mismatch, err=True)
        if watch:
            standing = _watch(asked, standing, screen)
    if as_json:
        typer.echo(json.dumps(standing_shape(standing), indent=2))
    elif not watch:
        screen.print(Board(brief(standing)))
    if standing.is_bad:
        raise typer.Exit(BAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Who is asked.

    Attributes:
        remote: A daemon; None where only a database was named.
        database: What is read where no daemon answers; None if nothing names one.
        settings: What is configured, if that is known.
        vantage: Where the runs were seen from, if that was said.
    """

    remote: Remote | None
    database: str | None
    settings: Settings | None
    vantage: str | None


def _asked(
    url: str | None, config: Path | None, database: str | None, vantage: str | None
) -> _Asked:
    has_file = config is not None or DEFAULT_FILE.is_file()
    # Who names an address needs no configuration, and none of its keys.
    is_known = config is not None or (url is None and has_file)
    settings = choose_settings(config, os.environ, database=database) if is_known else None
    is_alone = database is not None and url is None and config is None
    kept = settings.database if settings else None
    return _Asked(
        remote=None if is_alone else Remote(url or _url(settings), _token(settings)),
        database=database or kept,
        settings=settings,
        vantage=vantage,
    )


def _find(asked: _Asked) -> Standing:
    """Ask the daemon; where none answers, read the database, if one is known."""
    if asked.remote is None:
        return _read(asked)
    try:
        return ask(asked.remote, _CLOCK)
    except UnansweredError as error:
        if asked.database is None:
            raise UnansweredError(f"{error}; {_ADVICE}") from error
        typer.echo(f"{error}: the database is read", err=True)
        return _read(asked)


def _read(asked: _Asked) -> Standing:
    url = asked.database or DEFAULT_DATABASE
    reader = open_reader(url)
    try:
        name = where(reader.url)
        return read(reader, asked.settings, asked.vantage, _CLOCK, name)
    finally:
        reader.dispose()


def _watch(asked: _Asked, standing: Standing, screen: Console) -> Standing:
    remote = asked.remote
    if remote is None or not standing.is_live:
        raise UnansweredError(f"--watch wants a daemon that answers; {_ADVICE}")
    return watch_live(brief(standing), lambda: brief(ask(remote, _CLOCK)), remote, screen)


def _mismatch(standing: Standing, settings: Settings | None) -> str | None:
    """Say that a monitor that answers runs another configuration than the one that is here."""
    if settings is None or not standing.is_live:
        return None
    seen, own = standing.told["vantage"], {each.target.key for each in settings.probes}
    probed = {each["key"] for each in standing.targets}
    if seen != settings.vantage:
        why = f"its vantage is {inert(seen)}, not {settings.vantage}"
    elif own and probed and not own & probed:
        why = "it probes none of its targets"
    else:
        return None
    file = settings.source.removeprefix("file ")
    return (
        f"warning: the monitor that answers does not run {file}: {why}; name the right "
        "one with --url, or give this one a `listen` of its own"
    )


def _url(settings: Settings | None) -> str:
    host, _, port = (settings.listen if settings else DEFAULT_LISTEN).rpartition(":")
    reached = _ANYWHERE.get(host.strip("[]"), host.strip("[]"))
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def _token(settings: Settings | None) -> Secret | None:
    if settings and settings.token:
        return settings.token
    given = os.environ.get("MONITOR_TOKEN")
    return Secret(given) if given else None
