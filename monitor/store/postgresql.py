"""What connections to PostgreSQL are set up with, and what to do when there is none."""

import re
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import URL, Connection, func, select, text

from monitor.store.errors import StoreError
from monitor.store.location import SECRETS, where


class Turn(Enum):
    """What one program does at a time; the numbers are those of our locks in the database."""

    MIGRATION = 0x6C6C6D70
    CONFIGURATION = 0x6C6C6D71
    FOLDING = 0x6C6C6D72
    PRUNING = 0x6C6C6D73


#: A server that is gone is known to be within half a minute: `connect_timeout` (seconds) bounds
#: the greeting, the others (seconds, and milliseconds) what a network that lost it may take.
_CONNECTING = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "fallback_application_name": "llm-provider-monitor",
}

#: So much patience has the server with us: a frozen monitor must not keep its rows locked.
_SESSION = {
    "timezone": "UTC",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
_WRITER = {"statement_timeout": "60s"}
_PATIENCES = ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")
_READER = {"statement_timeout": "10s", "default_transaction_read_only": "on"}

_REMEDIES = {
    r"too many clients|too many connections|remaining connection slots": (
        "Raise max_connections of the server, or let fewer programs connect"
    ),
    r"authentication failed|no password supplied|pg_hba\.conf|role .* does not exist": (
        "Check the user and the password, and what the server's pg_hba.conf allows"
    ),
    r"database .* does not exist": "Create it, with the encoding UTF8, or name another one",
    r"refused|timeout expired|timed out|resolve host|unreachable|No such file": (
        "Check that the server runs, and the host and the port in the URL"
    ),
    r"starting up|shutting down|closed the connection|terminating connection": (
        "Wait until the server runs, then start again"
    ),
    r"connection option|bad value|invalid .*value|could not parse|configuration parameter": (
        "Check the parameters of the URL, behind its question mark"
    ),
    r"permission denied": (
        "Give this user the database: ALTER DATABASE … OWNER TO …, or the rights it lacks"
    ),
}


def connecting(url: URL, *, reads: bool) -> tuple[URL, dict[str, Any]]:
    """Say how to connect; what the URL itself says wins.

    Args:
        url: Of the database.
        reads: The connections only read.

    Returns:
        The URL without what no message may show, and the arguments that go with it.
    """
    settings = _SESSION | (_READER if reads else _WRITER)
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    arguments: dict[str, Any] = {
        name: value for name, value in _CONNECTING.items() if name not in url.query
    }
    # The server takes the last of two that contradict each other.
    arguments["options"] = " ".join((options, *_values(url.query, "options")))
    arguments |= {name: url.query[name] for name in SECRETS if name in url.query}
    return url.difference_update_query(SECRETS), arguments


def send_lists_unescaped(connection: Any, _record: object) -> None:
    """Have lists sent in binary: in text, each quote is looked for and escaped."""
    from psycopg.types.array import ListBinaryDumper  # noqa: PLC0415 - the driver is optional

    connection.adapters.register_dumper(list, ListBinaryDumper)


def receive_binary(connection: Any, _record: object) -> None:
    """Have rows sent in binary: as text, sketches are twice as long and take a third more time.

    What is streamed comes by cursors of another kind, and stays text: it has no sketches.
    """
    connection.cursor_factory = _binary_cursor()


@cache
def _binary_cursor() -> type:
    from psycopg import Cursor  # noqa: PLC0415 - the driver is optional
    from psycopg.pq import Format  # noqa: PLC0415

    class BinaryCursor(Cursor[Any]):
        """Asks for binary unless told otherwise."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self.format = Format.BINARY

    return BinaryCursor


def take_turns(connection: Connection, purpose: Turn) -> None:
    """Wait until no other transaction serves a purpose, and keep others out until ours ends.

    In SQLite a transaction that writes is alone anyway, because it begins with BEGIN IMMEDIATE.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(purpose.value)))


def has_turn(connection: Connection, purpose: Turn) -> bool:
    """Take our turn as `take_turns` does, unless another transaction has its own just now."""
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.execute(select(func.pg_try_advisory_xact_lock(purpose.value))).scalar())


def unhurried(connection: Connection) -> None:
    """Let the statements of this transaction take as long as they take, and wait for any lock."""
    if connection.dialect.name == "postgresql":
        for patience in _PATIENCES:
            connection.execute(text(f"SET LOCAL {patience} = 0"))


def check_encoding(connection: Connection) -> None:
    """Check that the database can keep every text.

    Raises:
        StoreError: Its encoding is not UTF8, so that it would refuse some results for their words.
    """
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise StoreError(
            f"The database keeps text as {encoding}, in which some answers cannot be written",
            where=where(connection.engine.url),
            remedy="Create one with ENCODING 'UTF8' TEMPLATE template0",
        )


def remedy_for(trouble: str) -> str | None:
    """Say what to do about the words of the server or its driver; None where they are new."""
    return next((what for pattern, what in _REMEDIES.items() if re.search(pattern, trouble)), None)


def _values(query: Mapping[str, tuple[str, ...] | str], name: str) -> tuple[str, ...]:
    given = query.get(name, ())
    return (given,) if isinstance(given, str) else given
