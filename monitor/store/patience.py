"""How long the store may take to answer a reader, and what sees to it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, text

from monitor.model.clock import Clock

_NS = 1_000_000_000
#: SQLite looks at the time after so many of its steps, which is each millisecond or so.
_STEPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long, and for how much, the store is asked.

    Attributes:
        fresh_seconds: An answer this young is given without asking again.
        retry_seconds: After a failure the question rests for so long.
        wait_seconds: Who asks what was never answered waits for so long.
        newer_seconds: Who finds the last answer too old waits for so long for a newer one.
        statement_seconds: The longest that a statement may take.
        workers: So many questions are asked at once; no more than the engine has connections.
        queued: So many may wait for a worker; beyond that nothing is fetched.
        remembered: So many answers are kept; the one not asked for longest goes first.
        remembered_bytes: As *remembered*, of those answers that say what they weigh.
    """

    fresh_seconds: float = 15.0
    retry_seconds: float = 5.0
    wait_seconds: float = 3.0
    newer_seconds: float = 1.0
    statement_seconds: float = 5.0
    workers: int = 4
    queued: int = 64
    remembered: int = 1000
    remembered_bytes: int = 16 << 20


@contextmanager
def limited(connection: Connection, seconds: float, clock: Clock) -> Iterator[None]:
    """Let statements take so long: each of them in PostgreSQL, all together in SQLite."""
    raw: object = connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        connection.execute(text(f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}"))
        yield
        return
    end_ns = clock.monotonic_ns() + int(seconds * _NS)
    raw.set_progress_handler(lambda: clock.monotonic_ns() > end_ns, _STEPS)
    try:
        yield
    finally:
        raw.set_progress_handler(None, 0)
