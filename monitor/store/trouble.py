"""What kind of trouble a failing store has, so that an alert can say it."""

import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


class Trouble(StrEnum):
    """Why the store did not do what it was asked."""

    CONNECTIONS = "connections"
    FULL = "full"
    IO = "io"
    LOCKED = "locked"
    READ_ONLY = "read_only"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    OTHER = "other"


#: SQLite's primary result codes.
_SQLITE = {
    sqlite3.SQLITE_BUSY: Trouble.LOCKED,
    sqlite3.SQLITE_LOCKED: Trouble.LOCKED,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.READ_ONLY,
    sqlite3.SQLITE_IOERR: Trouble.IO,
    sqlite3.SQLITE_CANTOPEN: Trouble.UNREACHABLE,
}
_PRIMARY = 0xFF

#: PostgreSQL's SQLSTATEs, or the class that their first two characters name.
_POSTGRESQL = {
    "53300": Trouble.CONNECTIONS,
    "53100": Trouble.FULL,
    "57014": Trouble.TIMEOUT,
    "25P03": Trouble.TIMEOUT,
    "25006": Trouble.READ_ONLY,
    "55P03": Trouble.LOCKED,
    "40P01": Trouble.LOCKED,
    "57P01": Trouble.UNREACHABLE,
    "57P02": Trouble.UNREACHABLE,
    "57P03": Trouble.UNREACHABLE,
    "08": Trouble.UNREACHABLE,
    "58": Trouble.IO,
}
#: A connection that is refused has no SQLSTATE in the driver's error, only the server's words.
_NO_ROOM = ("too many clients", "too many connections", "connection slots")


def trouble_of(error: BaseException) -> Trouble:
    """Say what kind of trouble an error tells of, or the one that it was raised from."""
    if isinstance(error, PoolTimeoutError):
        return Trouble.CONNECTIONS
    if isinstance(error, DBAPIError) and error.orig is not None:
        return _of_driver(error.orig)
    if error.__cause__ is not None:
        return trouble_of(error.__cause__)
    return Trouble.OTHER


def _of_driver(error: BaseException) -> Trouble:
    if isinstance(error, sqlite3.Error):
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & _PRIMARY, Trouble.OTHER)
    state = getattr(error, "sqlstate", None)
    if state:
        return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2], Trouble.OTHER)
    if any(words in str(error) for words in _NO_ROOM):
        return Trouble.CONNECTIONS
    is_connection = type(error).__name__ == "OperationalError"
    return Trouble.UNREACHABLE if is_connection else Trouble.OTHER
