"""`monitor report`: what to send to a provider about its service levels."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from monitor.app.choose import choose_settings
from monitor.app.report import Report, Wanted
from monitor.app.reporting import Source, make_report, watched
from monitor.cli.consoles import console
from monitor.cli.durations import duration
from monitor.cli.options import (
    BAD,
    USAGE,
    ConfigOption,
    DatabaseOption,
    JsonOption,
    VantageOption,
    told,
)
from monitor.cli.progress import Bar
from monitor.cli.reports.shape import report_shape
from monitor.cli.reports.sheet import spreadsheet
from monitor.cli.reports.terminal import terminal
from monitor.cli.reports.text import document, page
from monitor.config.settings import DEFAULT_DATABASE
from monitor.export.problems import UnusableError
from monitor.export.queries import to_utc
from monitor.health.buckets import window_begin
from monitor.model.clock import SystemClock
from monitor.store.engine import open_reader


class Format(StrEnum):
    """How a report is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    MD = "md"
    HTML = "html"


#: The formats that are text of their own; a table depends on where it is shown.
_WRITE: Mapping[Format, Callable[[Report], str]] = {
    Format.CSV: spreadsheet,
    Format.JSON: lambda report: json.dumps(report_shape(report), indent=2) + "\n",
    Format.MD: lambda report: document(report) + "\n",
    Format.HTML: page,
}


def report(  # noqa: PLR0913 - one for each option
    *,
    window: Annotated[str, typer.Option(help="How far back: 30d, 24h.")] = "30d",
    begin: Annotated[
        str | None, typer.Option("--from", help="The begin instead (ISO 8601; UTC unless it says).")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="The end; now unless told.")] = None,
    group: Annotated[str | None, typer.Option(help="The only group.")] = None,
    target: Annotated[str | None, typer.Option(help="Key of the only target.")] = None,
    provider: Annotated[str | None, typer.Option(help="The only provider.")] = None,
    vantage: VantageOption = None,
    form: Annotated[Format, typer.Option("--format", help="How it is written.")] = Format.TABLE,
    output: Annotated[Path | None, typer.Option(help="The file to write it to.")] = None,
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report uptime, incidents with their evidence, latency and cost; needs no running daemon."""
    now = SystemClock().now()
    end_at = min(_instant("--to", end) or now, now)
    wanted = Wanted(
        begin_at=_instant("--from", begin) or _begin(window, end_at),
        end_at=end_at,
        vantage=vantage,
        target=target,
        group=group,
        provider=provider,
    )
    with told():
        made = _make(wanted, now, config, database)
        _write(made, Format.JSON if as_json else form, output)
    if not made.targets:
        typer.echo("nothing was recorded in that time", err=True)
        raise typer.Exit(BAD)


def _make(wanted: Wanted, now: datetime, config: Path | None, database: str | None) -> Report:
    settings = choose_settings(config, os.environ, database=database)
    reader = open_reader(database or (settings.database if settings else DEFAULT_DATABASE))
    try:
        about = watched(reader, wanted)
        if not about:
            everything = watched(reader, Wanted(begin_at=wanted.begin_at, end_at=wanted.end_at))
            known = "\n".join(f"  {each.key} ({each.group}) from {v}" for each, v in everything)
            typer.echo(f"no such target was ever probed; there are:\n{known or '  none'}", err=True)
            raise typer.Exit(USAGE)
        source = Source(reader=reader, settings=settings, now=now)
        with Bar("reading", len(about)) as bar:
            return make_report(source, wanted, about, bar.step)
    except UnusableError as error:
        typer.echo(f"--{error.parameter}: {error}", err=True)
        raise typer.Exit(USAGE) from error
    finally:
        reader.dispose()


def _write(made: Report, form: Format, output: Path | None) -> None:
    if output is None:
        _print(made, form)
        return
    try:
        with output.open("w", encoding="utf-8", newline="") as file:
            if form is Format.TABLE:
                console(file).print(terminal(made))
            else:
                file.write(_WRITE[form](made))
    except OSError as error:
        typer.echo(f"--output: cannot write {output}: {error.strerror}", err=True)
        raise typer.Exit(USAGE) from error
    typer.echo(f"{output} is written", err=True)


def _print(made: Report, form: Format) -> None:
    if form is Format.TABLE:
        console().print(terminal(made))
    else:
        sys.stdout.write(_WRITE[form](made))


def _begin(window: str, end_at: datetime) -> datetime:
    try:
        length = duration(window)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--window") from None
    # As the windows of the API: those longer than a day begin on a whole hour.
    if length > timedelta(days=1):
        return window_begin(end_at, length.total_seconds())
    return end_at - length


def _instant(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return to_utc(datetime.fromisoformat(text))
    except ValueError as error:
        raise typer.BadParameter(f"{error}; write 2026-03-01T12:00", param_hint=option) from None
