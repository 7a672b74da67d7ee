"""Where the database is: reads its URL, and checks the file before SQLite does."""

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from monitor.store.errors import StoreError

_EXAMPLES = "sqlite:///monitor.db or postgresql://user@host/name"
_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}

#: Parameters of a URL that no message may show.
SECRETS = ("sslpassword",)


def parse_url(url: str) -> URL:
    """Read a database URL and name the driver that we use for it.

    Raises:
        StoreError: It is no URL, names another kind of database, or SQLite without a file.
    """
    try:
        parsed = make_url(url)
        parsed = _tidy(parsed.set(drivername=_DRIVERS[parsed.drivername]))
    except (ArgumentError, ValueError, KeyError):
        # The text itself stays untold: it may hold a password.
        raise StoreError(
            "The database URL is none that can be used",
            where="option `database`",
            remedy=f"Write it like {_EXAMPLES}",
        ) from None
    if parsed.drivername == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise StoreError(
            "A SQLite database in memory would be another one for each thread",
            where=url,
            remedy="Name a file, like sqlite:///monitor.db",
        )
    return parsed


def _tidy(url: URL) -> URL:
    """Put a password given as a parameter where every rendering hides it."""
    given = url.query.get("password")
    if not isinstance(given, str) or url.drivername == "sqlite":
        return url
    return url.difference_update_query(["password"]).set(password=given)


def check_file(url: URL, *, create: bool = True) -> None:
    """Check that SQLite could use the file, because its own words leave open what is wrong.

    Args:
        url: Of a SQLite database.
        create: The file may be missing, if it can be created.

    Raises:
        StoreError: It is missing, or cannot be written.
    """
    path = Path(url.database or "").absolute()
    try:
        trouble = _trouble(path, create)
    except OSError as error:
        trouble = (
            f"The database cannot be reached: {error.strerror}",
            "Check the folders above it",
        )
    if trouble:
        what, remedy = trouble
        raise StoreError(what, where=str(path), remedy=remedy)


def _trouble(path: Path, create: bool) -> tuple[str, str] | None:  # noqa: FBT001
    if not path.parent.is_dir():
        return "The folder of the database does not exist", "Create it, or name another one"
    if not create and not path.exists():
        return "There is no such database", _others(path)
    is_writable = all(os.access(part, os.W_OK) for part in (path, path.parent) if part.exists())
    if path.is_dir() or not is_writable:
        remedy = "Give this user the right to write the file and its folder, or name another one"
        return "The database cannot be written", remedy
    return None


def _others(path: Path) -> str:
    """Say which databases lie beside one that is missing."""
    remedy = "Start the monitor first, or name the one that it uses"
    found = sorted(each for each in path.parent.glob("*.db") if each.is_file())
    is_here = path.parent == Path.cwd()
    named = (f"sqlite:///{each.name if is_here else each}" for each in found)
    return f"{remedy}: here is {', '.join(named)}" if found else remedy


def where(url: URL) -> str:
    """Name a database for the reader of a message; passwords stay untold."""
    if url.drivername == "sqlite":
        return str(Path(url.database or "").absolute())
    return url.difference_update_query(SECRETS).render_as_string(hide_password=True)
