"""`monitor db copy`: from one database to another, SQLite to PostgreSQL first of all."""

import contextlib
from typing import Annotated

import typer

from monitor.cli.options import told
from monitor.store.engine import open_engine, open_reader
from monitor.store.migrate import upgrade
from monitor.store.transfer import transfer

Source = Annotated[str, typer.Argument(help="URL of the database to copy, of this version.")]
Destination = Annotated[str, typer.Argument(help="URL of the one to copy to, which is empty.")]


def copy_database(source: Source, destination: Destination) -> None:
    """Copy all that one database keeps to another, whole or not at all."""
    with told(), contextlib.ExitStack() as opened:
        reader = open_reader(source)
        opened.callback(reader.dispose)
        engine = open_engine(destination)
        opened.callback(engine.dispose)
        upgrade(engine)
        transfer(reader, engine, _tell)


def _tell(table: str, rows: int) -> None:
    typer.echo(f"{table}: {rows:,} rows copied")
