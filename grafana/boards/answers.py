"""What Prometheus answers to the queries of the dashboards' files, without Grafana."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

_FOLDER = Path(__file__).parents[1] / "dashboards"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series of an answer.

    Attributes:
        labels: Its labels.
        points: Instants, in seconds since the epoch, with what was so then.
    """

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time shown: seconds since the epoch, and from one point to the next."""

    start: float
    end: float
    step: int


def panel_of(board: str, title: str) -> dict[str, Any]:
    """Read a panel from a dashboard's file.

    Raises:
        StopIteration: There is none of that title.
    """
    drawn = json.loads((_FOLDER / f"{board}.json").read_text())
    found: dict[str, Any] = next(
        each for each in drawn["panels"] if each["title"] == title and each["type"] != "row"
    )
    return found


def filled(expr: str, values: Mapping[str, str]) -> str:
    """Put values in the places of a query's variables.

    Raises:
        KeyError: A variable has no value.
    """
    return re.sub(r"\$(\w+)", lambda found: values[found[1]], expr)


def asked_over(origin: str, expr: str, span: Span) -> list[Series]:
    """Ask for each step of a span.

    Raises:
        OSError: Prometheus does not answer, or does not understand the query.
    """
    words = {"query": expr, "start": span.start, "end": span.end, "step": span.step}
    return [_series(each, each["values"]) for each in _asked(origin, "query_range", words)]


def asked_at(origin: str, expr: str, at: float | None = None) -> list[Series]:
    """Ask for one instant, in seconds since the epoch; without one for now.

    Raises:
        OSError: As `asked_over`.
    """
    found = _asked(origin, "query", {"query": expr} | ({"time": at} if at else {}))
    return [_series(each, [each["value"]]) for each in found]


def cells(buckets: Sequence[Series]) -> dict[str, dict[float, float]]:
    """Take cumulative buckets apart: of each upper end, how many there were at each instant."""
    apart: dict[str, dict[float, float]] = {}
    below: dict[float, float] = {}
    for bucket in sorted(buckets, key=lambda each: float(each.labels["le"])):
        here = dict(bucket.points)
        apart[bucket.labels["le"]] = {at: max(n - below.get(at, 0.0), 0) for at, n in here.items()}
        below = here
    return apart


def _series(told: Mapping[str, Any], points: Iterable[tuple[float, str]]) -> Series:
    return Series(labels=told["metric"], points=tuple((at, float(value)) for at, value in points))


def _asked(origin: str, path: str, words: Mapping[str, object]) -> list[dict[str, Any]]:
    with urlopen(f"{origin}/api/v1/{path}?{urlencode(words)}", timeout=60) as answer:  # noqa: S310 - the operator's own address
        found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
        return found
