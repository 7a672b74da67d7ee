"""A triple as one line of JSON, and back: what the spool is made of. Pure.

A line says its version. What is None is left out; what a newer version of the program added is
not read, and what an older one did not know yet has its default, so that a spool outlives an
upgrade and a step back.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, NamedTuple, get_args, get_type_hints

from monitor.model.triple import Triple

VERSION = 1


class LineError(ValueError):
    """A line that holds no triple: it was cut off, or something else wrote it."""


class _Field(NamedTuple):
    name: str
    kind: type[Any]
    is_optional: bool


def encode(triple: Triple) -> bytes:
    """Write a triple as a line, line break included."""
    return _encoder.encode({"v": VERSION, **_flat(triple)}).encode() + b"\n"


def decode(line: bytes) -> Triple:
    """Read the triple of a line.

    Raises:
        LineError: There is none, or none that this version can read.
    """
    try:
        triple: Triple = _build(Triple, _readable(json.loads(line)))
    except LineError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise LineError(f"not a triple: {error!r}") from error
    return triple


def _readable(told: dict[str, Any]) -> dict[str, Any]:
    if told["v"] != VERSION:
        raise LineError(f"version {told['v']!r} of a line is not known")
    return told


def _flat(value: object) -> dict[str, Any]:
    kind: Any = type(value)
    names = (field.name for field in _fields(kind))
    return {name: part for name in names if (part := getattr(value, name)) is not None}


def _plain(value: object) -> object:
    """Say what JSON does not know in words that it knows."""
    return value.isoformat() if isinstance(value, datetime) else _flat(value)


_encoder = json.JSONEncoder(separators=(",", ":"), default=_plain)


@cache
def _fields(kind: type[Any]) -> tuple[_Field, ...]:
    """List the fields of a dataclass, each with what it holds beside None."""
    hints = get_type_hints(kind)
    found = []
    for field in fields(kind):
        options = get_args(hints[field.name]) or (hints[field.name],)
        held = next(option for option in options if option is not NoneType)
        found.append(_Field(field.name, held, NoneType in options))
    return tuple(found)


def _build(kind: Any, told: Mapping[str, Any]) -> Any:
    given = {
        field.name: _value(field, told.get(field.name))
        for field in _fields(kind)
        if field.is_optional or field.name in told
    }
    return kind(**given)


def _value(field: _Field, told: Any) -> Any:
    if told is None and field.is_optional:
        return None
    if is_dataclass(field.kind):
        return _build(field.kind, told)
    if issubclass(field.kind, datetime):
        return _instant(told)
    if issubclass(field.kind, StrEnum):
        return field.kind(told)
    return _scalar(field, told)


def _instant(told: str) -> datetime:
    instant = datetime.fromisoformat(told)
    if instant.utcoffset() is None:
        raise LineError(f"{told!r} has no time zone")
    return instant


def _scalar(field: _Field, told: Any) -> Any:
    wanted = (int, float) if field.kind is float else field.kind
    if not isinstance(told, wanted) or (isinstance(told, bool) and field.kind is not bool):
        raise LineError(f"{field.name} is {told!r}")
    return told
