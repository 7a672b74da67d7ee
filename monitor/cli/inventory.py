"""`monitor db info` and `monitor db prune`: what a database holds, and what of it is too old."""

import contextlib
import json
import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict

import typer

from monitor.app.choose import choose_settings
from monitor.app.janitor import walk
from monitor.cli.options import ConfigOption, DatabaseOption, JsonOption, told
from monitor.cli.progress import Bar
from monitor.config.settings import DEFAULT_DATABASE
from monitor.model.clock import SystemClock
from monitor.model.retention import Retention
from monitor.store.engine import open_engine, open_reader
from monitor.store.inventory import Inventory, TableInfo, take_inventory
from monitor.store.retention import Pruned, empty_log, prune

_MEGA = 1e6


def info(
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Tell rows, bytes and the oldest row of each table."""
    with told(), contextlib.ExitStack() as opened:
        settings = None if database else choose_settings(config, os.environ)
        reader = open_reader(database or (settings.database if settings else DEFAULT_DATABASE))
        opened.callback(reader.dispose)
        inventory = take_inventory(reader)
    typer.echo(json.dumps(asdict(inventory), default=str) if as_json else _table(inventory))


def prune_database(
    config: ConfigOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Delete what is older than `retention` says, as the daemon does by itself each hour."""
    with told(), contextlib.ExitStack() as opened:
        settings = choose_settings(config, os.environ, database=database)
        url = database or (settings.database if settings else DEFAULT_DATABASE)
        open_reader(url).dispose()  # which makes no new database, and refuses an older one
        engine = open_engine(url)
        opened.callback(engine.dispose)
        retention = settings.retention if settings else Retention()
        with Bar("deleting old rows") as bar:
            steps = _told_to(bar, prune(engine, retention, SystemClock().now()))
            gone = walk(steps, threading.Event().wait)
        empty_log(engine)
    if as_json:
        typer.echo(json.dumps({"deleted": gone}, sort_keys=True))
        return
    for table, rows in sorted(gone.items()):
        typer.echo(f"{table}: {rows:,} rows deleted")
    if not gone:
        typer.echo("nothing is older than it may be")


def _told_to(bar: Bar, steps: Iterable[Pruned]) -> Iterator[Pruned]:
    for step in steps:
        bar.step(step.rows)
        yield step


def _table(inventory: Inventory) -> str:
    lines = [f"{'table':<14}{'rows':>14}{'MB':>12}  oldest"]
    lines += [_line(each) for each in inventory.tables]
    whole = f"{inventory.bytes / _MEGA:,.1f} MB on disk"
    if inventory.free_bytes is not None:
        whole += f", of which {inventory.free_bytes / _MEGA:,.1f} MB are free for new rows"
    return "\n".join((*lines, whole))


def _line(each: TableInfo) -> str:
    size = "?" if each.bytes is None else f"{each.bytes / _MEGA:,.1f}"
    oldest = each.oldest_at.isoformat(" ", "seconds") if each.oldest_at else "-"
    return f"{each.table:<14}{each.rows:>14,}{size:>12}  {oldest}"
