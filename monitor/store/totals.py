"""Pure: the totals of a target as the text that is kept of them.

The text grows by a run without becoming `Totals` in between, which would take three times as long:
each batch does it for each of its runs.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from pydantic_core import from_json, to_json

from monitor.health.totals import growth_of, more_observed, more_usd
from monitor.model.result import Result
from monitor.model.snapshot import BUCKETS, Histogram, Totals

#: The fields of `Totals` by their names, and each histogram by its own. Keys of two parts are
#: nested, and those of three a list of rows.
_Known: TypeAlias = dict[str, Any]

#: The upper ends of the buckets, as they are written down.
_ENDS = {name: (*map(str, ends), "inf") for name, ends in BUCKETS.items()}
_PLACES = {name: {end: place for place, end in enumerate(ends)} for name, ends in _ENDS.items()}


def grown(text: str | None, results: Iterable[Result]) -> str:
    """Take runs into the totals that a text tells; None tells of none."""
    known: _Known = from_json(text) if text else _empty()
    for result in results:
        _grow(known, result)
    return to_json(known).decode()


def to_totals(text: str) -> Totals:
    """Read the totals from their text."""
    known: _Known = from_json(text)
    return Totals(
        valid=known["valid"],
        failures=_flat(known["failures"]),
        excluded=_flat(known["excluded"]),
        causes={tuple(cause): count for *cause, count in known.get("causes", ())},
        confirms=known["confirms"],
        tokens=known["tokens"],
        cost_usd=known["cost_usd"],
        histograms={name: _to_histogram(name, known[name]) for name in BUCKETS if name in known},
    )


def _empty() -> _Known:
    maps = ("valid", "failures", "excluded", "confirms", "tokens")
    return {**{name: {} for name in maps}, "causes": [], "cost_usd": 0.0}


def _grow(known: _Known, result: Result) -> None:
    more = growth_of(result)
    if more.valid:
        _count(known["valid"], more.valid)
    if more.failure:
        _count_nested(known["failures"], more.failure)
    if more.excluded:
        _count_nested(known["excluded"], more.excluded)
    if more.cause:
        _count_row(known.setdefault("causes", []), more.cause)
    if more.confirm:
        _count(known["confirms"], more.confirm)
    for name, count in more.tokens:
        _count(known["tokens"], name, count)
    known["cost_usd"] = more_usd(known["cost_usd"], more.cost_usd)
    for name, value in more.observed.items():
        _observe(known, name, value)


def _count(counts: dict[str, int], which: str, by: int = 1) -> None:
    counts[which] = counts.get(which, 0) + by


def _count_nested(counts: dict[str, dict[str, int]], which: tuple[str, str]) -> None:
    kind, outcome = which
    _count(counts.setdefault(kind, {}), outcome)


def _count_row(rows: list[list[Any]], which: tuple[str, ...]) -> None:
    key = [*which]
    for row in rows:
        if row[:-1] == key:
            row[-1] += 1
            return
    rows.append([*key, 1])


def _observe(known: _Known, name: str, value: float) -> None:
    # Only what is not 0 is there: most buckets of a target stay empty for ever.
    histogram = known.get(name)
    if histogram is None:
        histogram = known[name] = {"sum": 0.0}
    _count(histogram, _ENDS[name][bisect_left(BUCKETS[name], value)])
    histogram["sum"] = more_observed(histogram["sum"], value)


def _flat(nested: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, str], int]:
    return {(kind, name): count for kind, of in nested.items() for name, count in of.items()}


def _to_histogram(name: str, known: dict[str, Any]) -> Histogram:
    # By their ends, so that they find their place though the buckets are others than they were.
    total, places = known.pop("sum"), _PLACES[name]
    counts = [0] * len(places)
    for end, count in known.items():
        place = places.get(end)
        counts[bisect_left(BUCKETS[name], float(end)) if place is None else place] += count
    return Histogram(counts=tuple(counts), total=total)
