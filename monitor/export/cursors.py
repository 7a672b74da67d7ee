"""Cursors: where a page ends, as text that nobody needs to understand."""

import base64
import json
from datetime import datetime
from typing import Any

from monitor.export.problems import UnusableError
from monitor.export.queries import to_utc
from monitor.model.target import Kind
from monitor.store.pages import Place

_LARGEST_ID = 2**63
_LARGEST_CONFIRM = 2**31


def cursor_of(place: Place) -> str:
    """Write the cursor of a result."""
    return _write(place.slot_at.isoformat(), place.kind, place.confirm)


def cursor_of_id(number: int) -> str:
    """Write the cursor of an incident."""
    return _write(number)


def read_place(cursor: str | None) -> Place | None:
    """Read the cursor of a result; None without one.

    Raises:
        UnusableError: It is none.
    """
    if cursor is None:
        return None
    try:
        at, kind, confirm = _read(cursor)
        place = Place(to_utc(datetime.fromisoformat(at)), Kind(kind), int(confirm))
    except (ValueError, TypeError, OverflowError) as error:
        raise _no_cursor() from error
    if not 0 <= place.confirm < _LARGEST_CONFIRM:
        raise _no_cursor()
    return place


def read_id(cursor: str | None) -> int | None:
    """Read the cursor of an incident; None without one.

    Raises:
        UnusableError: It is none.
    """
    if cursor is None:
        return None
    try:
        (number,) = map(int, _read(cursor))
    except (ValueError, TypeError, OverflowError) as error:
        raise _no_cursor() from error
    if not 0 < number < _LARGEST_ID:
        raise _no_cursor()
    return number


def _write(*parts: str | int) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _read(cursor: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


def _no_cursor() -> UnusableError:
    return UnusableError("cursor", "is none that was given out here")
