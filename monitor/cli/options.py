"""Options that several verbs share, and how their errors are told."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from monitor.app.archive import NothingRecordedError
from monitor.app.remote import UnansweredError
from monitor.config.errors import ConfigError
from monitor.export.server import ServerError
from monitor.store.errors import StoreError

_TOLD = (ConfigError, StoreError, ServerError, UnansweredError, NothingRecordedError)

BAD = 1
USAGE = 2

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Configuration file; monitor.yaml if it is there."),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option("--database", help="SQLAlchemy URL; sqlite:///monitor.db unless told."),
]
ListenOption = Annotated[
    str | None, typer.Option("--listen", help="HOST:PORT to serve on; 127.0.0.1:9464 unless told.")
]
DemoOption = Annotated[bool, typer.Option("--demo", help="Probe the simulated fleet.")]
VantageOption = Annotated[
    str | None, typer.Option(help="The only vantage; each by itself unless told.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object instead of text.")]


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Tell the operator's errors in words and end with exit code 2."""
    try:
        yield
    except _TOLD as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(USAGE) from error
