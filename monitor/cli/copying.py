"""`monitor db copy`: from one database to another, SQLite to PostgreSQL first of all."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Annotated

import typer

from monitor.cli.options import JsonOption, told
from monitor.cli.progress import Bar
from monitor.store.engine import open_engine, open_reader
from monitor.store.migrate import upgrade
from monitor.store.transfer import count_rows, transfer

Source = Annotated[str, typer.Argument(help="URL of the database to copy, of this version.")]
Destination = Annotated[str, typer.Argument(help="URL of the one to copy to, which is empty.")]


def copy_database(
    source: Source,
    destination: Destination,
    as_json: JsonOption = False,  # noqa: FBT002 - a flag of the command line
) -> None:
    """Copy all that one database keeps to another, whole or not at all."""
    copied: dict[str, int] = {}
    with told(), contextlib.ExitStack() as opened:
        reader = open_reader(source)
        opened.callback(reader.dispose)
        engine = open_engine(destination)
        opened.callback(engine.dispose)
        upgrade(engine)
        with Bar("copying rows", count_rows(reader)) as bar:
            transfer(reader, engine, copied.__setitem__, bar.step)
    typer.echo(json.dumps({"copied": copied}) if as_json else "\n".join(_lines(copied)))


def _lines(copied: Mapping[str, int]) -> Iterator[str]:
    for table, rows in copied.items():
        yield f"{table}: {rows:,} rows copied"
