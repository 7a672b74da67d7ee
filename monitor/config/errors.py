"""What can be wrong with a configuration, said so that it can be put right at once."""

from collections.abc import Iterable
from dataclasses import dataclass

#: Where something stands in the configuration: keys and list indices from the top.
Place = tuple[str | int, ...]

_LONGEST_KEY = 80


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a place, before its line is known.

    Attributes:
        place: Where in the configuration.
        message: What is wrong; never a value from the file.
        hint: What to do about it.
        line: Its line, where that is not the line of what stands at the place.
    """

    place: Place
    message: str
    hint: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, with its line.

    Attributes:
        path: Where, like `providers.openai.interval_seconds`; empty for the file as a whole.
        line: 1-based; None if it has none.
        message: What is wrong; never a value from the file.
        hint: What to do about it.
    """

    path: str
    line: int | None
    message: str
    hint: str | None = None

    def text(self, source: str) -> str:
        """Write it on one line.

        >>> Problem("listen", 3, "must be HOST:PORT").text("monitor.yaml")
        'monitor.yaml:3: listen: must be HOST:PORT'
        """
        where = source if self.line is None else f"{source}:{self.line}"
        parts = (where, self.path, self.message)
        said = ": ".join(part for part in parts if part)
        return f"{said}; {self.hint}" if self.hint else said


class ConfigError(Exception):
    """The configuration cannot be used.

    Attributes:
        source: Where it came from: the file's path, or `environment`.
        problems: All that is wrong with it, in the order of the file.
    """

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.source = source
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__(source, self.problems)

    def __str__(self) -> str:
        return "\n".join(problem.text(self.source) for problem in self.problems)


def show(place: Place) -> str:
    """Write a place as a path, control characters escaped.

    >>> show(("providers", "a", "models", "m", "targets", 0, "name"))
    'providers.a.models.m.targets[0].name'
    """
    written = "".join(
        f"[{part}]" if isinstance(part, int) else f".{_printable(part)}" for part in place
    )
    return written.removeprefix(".")


def _printable(key: str) -> str:
    if not key:
        return '""'
    shown = key if key.isprintable() else key.encode("unicode_escape", "replace").decode("ascii")
    return shown if len(shown) <= _LONGEST_KEY else f"{shown[:_LONGEST_KEY]}..."
