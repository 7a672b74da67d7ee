"""The levels that a setting can come from, and which of them wins."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from monitor.config.errors import Place
from monitor.config.fields import Grammar
from monitor.config.levels import Level
from monitor.model.target import Secret
from monitor.probes.dialect import merged

#: Depths in a chain. What is set from MODEL on is meant for that very model.
DEFAULTS, PROVIDER, MODEL, TARGET = range(4)

#: In these, `null` is a setting of its own: send none.
_NULLABLE = frozenset({"temperature", "reasoning_effort"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value that was set, where, and how near to the target."""

    value: T
    place: Place
    depth: int


@dataclass(frozen=True, slots=True)
class Chain:
    """The levels above one target, from `defaults` inwards, each with its place.

    Attributes:
        levels: One per depth; None where there is none.
    """

    levels: tuple[tuple[Place, Level | None], ...]

    def find(self, *path: str) -> Setting[object] | None:
        """Give the innermost setting of *path*, like `deadlines`, `total_seconds`."""
        return next(self._settings(path), None)

    def text(self, *path: str) -> Setting[str] | None:
        """Give the innermost setting of *path*, which the grammar knows to be text."""
        found = self.find(*path)
        return None if found is None else Setting(str(found.value), found.place, found.depth)

    def number(self, *path: str) -> Setting[float] | None:
        """Give the innermost setting of *path*, which the grammar knows to be a number."""
        found = self.find(*path)
        if found is None or not isinstance(found.value, int | float):
            return None
        return Setting(float(found.value), found.place, found.depth)

    def headers(self) -> dict[str, tuple[str, Secret]]:
        """Join the headers of all levels by their lower-case names; the innermost wins."""
        return {
            name.lower(): (name, Secret(value.get_secret_value()))
            for _, level in self.levels
            if level is not None
            for name, value in (level.headers or {}).items()
        }

    def query(self) -> dict[str, str]:
        """Join the queries of all levels; the innermost wins."""
        return {
            name: value
            for _, level in self.levels
            if level is not None
            for name, value in (level.query or {}).items()
        }

    def extra_body(self) -> dict[str, Any]:
        """Join the further members of the request of all levels; the innermost wins."""
        joined: dict[str, Any] = {}
        for _, level in self.levels:
            if level is not None and level.request is not None:
                joined = merged(joined, level.request.extra_body or {})
        return joined

    def _settings(self, path: tuple[str, ...]) -> Iterator[Setting[object]]:
        for depth in range(len(self.levels) - 1, -1, -1):
            place, level = self.levels[depth]
            is_set, value = _get(level, path)
            if is_set:
                yield Setting(value, (*place, *path), depth)


def _get(level: Grammar | None, path: tuple[str, ...]) -> tuple[bool, object]:
    part: object = level
    for name in path:
        if not isinstance(part, Grammar) or name not in part.model_fields_set:
            return False, None
        part = getattr(part, name)
    return part is not None or path[-1] in _NULLABLE, part
