"""The truth server in a process and on a core of its own, and how a benchmark shows its figures."""

import contextlib
import json
import math
import multiprocessing
import ssl
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import pytest
import trustme

from tests.benchmarks.cores import allowed_cores, pin
from tests.benchmarks.script import Script
from tests.benchmarks.truth import Told
from tests.benchmarks.truth_server import TruthServer

#: The server takes the first core, we the second; on a machine of one they share it.
_CORES = allowed_cores()


@dataclass(frozen=True)
class Server:
    """Where the truth server listens, and how to ask it.

    Attributes:
        plain_port: For HTTP.
        tls_port: For HTTPS.
        authority: The certificate (PEM) to trust.
        pipe: To the server's process.
    """

    plain_port: int
    tls_port: int
    authority: str
    pipe: Connection

    def origin(self, script: str, *, tls: bool = False) -> str:
        """Where the paths of a script begin, without the version."""
        scheme, port = ("https", self.tls_port) if tls else ("http", self.plain_port)
        return f"{scheme}://127.0.0.1:{port}/{script}"

    def base_url(self, script: str, *, tls: bool = False) -> str:
        """Where the paths of the API begin."""
        return f"{self.origin(script, tls=tls)}/v1"

    def trust(self) -> ssl.SSLContext:
        """Make a context that trusts the server."""
        return ssl.create_default_context(cadata=self.authority)

    def told(self) -> Told:
        """Ask what happened since this was last asked."""
        self.pipe.send("told")
        told = self.pipe.recv()
        assert isinstance(told, Told)
        return told


def _serve(scripts: Mapping[str, Script], pipe: Connection) -> None:
    pin(_CORES[:1])
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = TruthServer(scripts, pipe)
    pem = authority.cert_pem.bytes().decode()
    pipe.send((server.listen(), server.listen(context), pem))
    server.serve()


@contextlib.contextmanager
def truth_server(**scripts: Script) -> Iterator[Server]:
    """Run a truth server with these scripts on the first core, with this process on the second."""
    if sys.platform != "linux":
        pytest.skip("the truth needs the receive stamps of Linux")
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(scripts, theirs), daemon=True)
    process.start()
    theirs.close()
    pin(_CORES[1:2])
    try:
        plain_port, tls_port, authority = ours.recv()
        yield Server(plain_port, tls_port, authority, ours)
    finally:
        pin(_CORES)
        with contextlib.suppress(OSError):
            ours.send("stop")
        process.join(timeout=10)


Row = Mapping[str, Any]


def show(title: str, figures: Row | Sequence[Row]) -> None:
    """Print a table for people and a line of JSON for programs.

    Args:
        title: What was measured.
        figures: One column of names and values, or rows that all have the same columns.
    """
    print(f"\n{title}")  # noqa: T201 - what a benchmark is for
    if isinstance(figures, Mapping):
        width = max(map(len, figures))
        for name, value in figures.items():
            print(f"  {name:<{width}}  {_text(value)}")  # noqa: T201
        print(json.dumps({"benchmark": title, **_plain(figures)}))  # noqa: T201
        return
    _print_rows(figures)
    rows = [_plain(row) for row in figures]
    print(json.dumps({"benchmark": title, "rows": rows}))  # noqa: T201


def _print_rows(rows: Sequence[Row]) -> None:
    table = [list(rows[0]), *([_text(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        cells = (f"{cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True))
        print(f"  {line[0]:<{widths[0]}}  {'  '.join(cells)}")  # noqa: T201


def _plain(row: Row) -> dict[str, Any]:
    """Rounded, and null where JSON has no word for a number."""
    return {name: _json_value(value) for name, value in row.items()}


def _json_value(value: object) -> object:
    if not isinstance(value, float):
        return value
    return round(value, 4) if math.isfinite(value) else None


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,.3f}" if isinstance(value, float) else str(value)
