"""`monitor run`: the daemon."""

import asyncio
import gc
import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import structlog
import typer

from monitor import log
from monitor.app.choose import choose_settings, choose_source
from monitor.app.daemon import Daemon
from monitor.app.demo import demo_settings, start_demo
from monitor.app.interpreter import keep_one_heap, share_in_short_turns, spare_what_stands
from monitor.cli.options import ConfigOption, DatabaseOption, DemoOption, ListenOption, told
from monitor.config.settings import Settings
from monitor.config.source import Source

_BANNER = """\
──────────────────────────────────────────────────────────────────────
 SIMULATED FLEET: {why}, so built-in
 providers on this machine are probed. Their figures say nothing of
 the world. To probe real ones, set a key such as OPENAI_API_KEY, or
 write a monitor.yaml (see `monitor config schema`).
──────────────────────────────────────────────────────────────────────"""


class LogLevel(StrEnum):
    """How much is logged."""

    INFO = "info"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How it is logged."""

    as_json: bool
    level: LogLevel


def run(
    config: ConfigOption = None,
    database: DatabaseOption = None,
    listen: ListenOption = None,
    demo: DemoOption = False,  # noqa: FBT002 - a flag of the command line
    log_json: Annotated[
        bool | None, typer.Option("--log-json/--log-text", help="Log format; text on a terminal.")
    ] = None,
    log_level: Annotated[
        LogLevel, typer.Option(help="'warning' tells only failed runs and changes for the worse.")
    ] = LogLevel.INFO,
) -> None:
    """Probe all targets until stopped; serve metrics and the API."""
    style = Style(
        as_json=not sys.stderr.isatty() if log_json is None else log_json, level=log_level
    )
    if demo and config:
        raise typer.BadParameter("--demo probes the simulated fleet and reads no --config")
    with told():
        settings, watched = None, None
        if not demo:
            source = choose_source(config, os.environ, database=database, listen=listen)
            # Before it is read, so that no change is overlooked.
            watched = (source, source.look()) if source else None
            settings = choose_settings(config, os.environ, database=database, listen=listen)
        if settings:
            _run(settings, style, watched)
            return
        why = "--demo was given" if demo else "no configuration and no API keys were found"
        typer.echo(_BANNER.format(why=why), err=True)
        with start_demo() as simulator:
            settings = demo_settings(simulator, os.environ, database=database, listen=listen)
            _run(settings, style)


def _run(settings: Settings, style: Style, source: tuple[Source, bytes] | None = None) -> None:
    keep_one_heap()
    lines = log.set_up(settings.secrets, as_json=style.as_json, level=style.level)
    try:
        for warning in settings.warnings:
            structlog.get_logger().warning("config", detail=warning)
        asyncio.run(_serve(settings, lines, source))
    finally:
        lines.close()


async def _serve(
    settings: Settings, lines: log.LineWriter, source: tuple[Source, bytes] | None = None
) -> None:
    share_in_short_turns()
    daemon = Daemon(settings, source=source)
    gc.collect()

    def serving(url: str) -> None:
        spare_what_stands()
        lines.write(f"serving on {url}\n")

    await daemon.run(serving)
