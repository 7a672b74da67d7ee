"""`monitor run`: the daemon."""

import asyncio
import os
import sys
from typing import Annotated

import structlog
import typer

from monitor import log
from monitor.app.choose import choose_settings
from monitor.app.daemon import Daemon
from monitor.app.demo import demo_settings, start_demo
from monitor.cli.options import ConfigOption, DatabaseOption, DemoOption, ListenOption, told
from monitor.config.settings import Settings

_BANNER = """\
──────────────────────────────────────────────────────────────────────
 SIMULATED FLEET: {why}, so built-in
 providers on this machine are probed. Their figures say nothing of
 the world. To probe real ones, set a key such as OPENAI_API_KEY, or
 write a monitor.yaml (see `monitor config schema`).
──────────────────────────────────────────────────────────────────────"""


def run(
    config: ConfigOption = None,
    database: DatabaseOption = None,
    listen: ListenOption = None,
    demo: DemoOption = False,  # noqa: FBT002 - a flag of the command line
    log_json: Annotated[
        bool | None, typer.Option("--log-json/--log-text", help="Log format; text on a terminal.")
    ] = None,
) -> None:
    """Probe all targets until stopped; serve metrics and the API."""
    as_json = not sys.stderr.isatty() if log_json is None else log_json
    with told():
        settings = None
        if not demo:
            settings = choose_settings(config, os.environ, database=database, listen=listen)
        if settings:
            _run(settings, as_json=as_json)
            return
        why = "--demo was given" if demo else "no configuration and no API keys were found"
        typer.echo(_BANNER.format(why=why), err=True)
        with start_demo() as simulator:
            _run(demo_settings(simulator, database=database, listen=listen), as_json=as_json)


def _run(settings: Settings, *, as_json: bool) -> None:
    lines = log.set_up(settings.secrets, as_json=as_json)
    try:
        for warning in settings.warnings:
            structlog.get_logger().warning("config", detail=warning)
        asyncio.run(_serve(settings, lines))
    finally:
        lines.close()


async def _serve(settings: Settings, lines: log.LineWriter) -> None:
    await Daemon(settings).run(lambda address: lines.write(f"serving on http://{address}\n"))
