"""What a family of per-target series is, and how each sort of family is put together."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, NamedTuple, TypeVar

from monitor.health.totals import observations
from monitor.model.detail import Detail
from monitor.model.health import State
from monitor.model.snapshot import BUCKETS, TargetView
from monitor.model.window import WindowStats

PREFIX = "llmprobe_"
#: The windows that have series in the default detail; the API has the others too.
SHOWN_WINDOWS = frozenset({"5m", "1h", "24h", "30d"})
#: The ends of the buckets of times that have series in the default detail, in seconds.
SHOWN_ENDS = (0.1, 0.2, 0.3, 0.5, 0.8, 1.3, 2.0, 3.2, 5.0, 8.0, 13.0, 20.0, 45.0)
#: The labels that every per-target series has.
TARGET_LABELS = ("model", "provider", "target")
_LAST_END = "+Inf"
_SHOWN_ENDS = frozenset({*map(str, SHOWN_ENDS), _LAST_END})

S = TypeVar("S")
K = TypeVar("K", bound=tuple[str, ...])

#: Tells the series of a target's family apart: what the sample's name ends in, then the values
#: of the family's labels.
Key = tuple[str, ...]


class Exemplar(NamedTuple):
    """A run that a histogram counted.

    Attributes:
        value: What was observed, in the unit of the histogram.
        result_id: The run's id, as the API has it.
        at: When it began, in seconds since the epoch.
    """

    value: float
    result_id: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Family(Generic[S]):
    """One name, and the series that a target has under it.

    Attributes:
        name: As OpenMetrics has it: with the prefix, without the endings of its samples.
        text: What it shows.
        type: As OpenMetrics has it.
        labels: The names of the labels beside the target's own.
        rows: Gives the series of one target with their numbers; what is unknown has none.
        is_full: Only the full detail has it.
        is_shown: Says which of its series the default detail has; without it, all.
        exemplar: Gives the newest run that it counted, of a histogram.
    """

    name: str
    text: str
    type: str
    labels: tuple[str, ...] = ()
    rows: Callable[[S], Iterable[tuple[Key, float]]]
    is_full: bool = False
    is_shown: Callable[[Key], bool] | None = None
    exemplar: Callable[[S], Exemplar | None] | None = None

    def has(self, key: Key, detail: Detail) -> bool:
        """Say whether a detail has one of the series."""
        return detail is Detail.FULL or self.is_shown is None or self.is_shown(key)


def counter(
    name: str,
    text: str,
    labels: tuple[str, ...],
    counts: Callable[[TargetView], Mapping[K, float]],
    *,
    is_full: bool = False,
) -> Family[TargetView]:
    """Make a counter; *counts* gives the numbers by the values of the labels."""

    def rows(view: TargetView) -> Iterable[tuple[Key, float]]:
        return [(("_total", *values), number) for values, number in sorted(counts(view).items())]

    return Family(
        name=PREFIX + name, text=text, type="counter", labels=labels, rows=rows, is_full=is_full
    )


def gauge(name: str, text: str, value: Callable[[S], float | None]) -> Family[S]:
    """Make a gauge of one series; a target whose value is None has none."""

    def rows(source: S) -> Iterable[tuple[Key, float]]:
        number = value(source)
        return () if number is None else ((("",), number),)

    return Family(name=PREFIX + name, text=text, type="gauge", rows=rows)


def windowed(
    name: str, text: str, value: Callable[[WindowStats], float | None]
) -> Family[TargetView]:
    """Make a gauge with a series for each window; None is no series."""

    def rows(view: TargetView) -> Iterable[tuple[Key, float]]:
        return [
            (("", window), number)
            for window, stats in view.windows.items()
            if (number := value(stats)) is not None
        ]

    labels = ("window",)
    return Family(
        name=PREFIX + name,
        text=text,
        type="gauge",
        labels=labels,
        rows=rows,
        is_shown=_is_of_shown_window,
    )


def uptimes(name: str, text: str) -> Family[TargetView]:
    """Make the gauge of the uptime by window and policy."""

    def rows(view: TargetView) -> Iterable[tuple[Key, float]]:
        return [
            (("", window, policy), ratio)
            for window, stats in view.windows.items()
            for policy, ratio in (
                ("openrouter", stats.openrouter_uptime_ratio),
                ("provider", stats.uptime_ratio),
                ("outside_maintenance", view.outside_maintenance.get(window)),
            )
            if ratio is not None
        ]

    labels = ("window", "policy")
    return Family(
        name=PREFIX + name,
        text=text,
        type="gauge",
        labels=labels,
        rows=rows,
        is_shown=_is_of_shown_window,
    )


def states(name: str, text: str) -> Family[TargetView]:
    """Make the gauge that shows the state of a target as a set of 0 and 1."""
    keys = [(state, ("", state.value)) for state in State]

    def rows(view: TargetView) -> Iterable[tuple[Key, float]]:
        current = view.health.state
        return [(key, 1 if state is current else 0) for state, key in keys]

    return Family(name=PREFIX + name, text=text, type="gauge", labels=("state",), rows=rows)


def histogram(name: str, text: str, observed: str, *, is_full: bool = False) -> Family[TargetView]:
    """Make a histogram; *observed* is its name in `BUCKETS`."""
    keys = _histogram_keys(observed)

    def rows(view: TargetView) -> Iterable[tuple[Key, float]]:
        shown = view.totals.histogram(observed)
        totals = list(accumulate(shown.counts))
        return zip(keys, (*totals, totals[-1], shown.total), strict=True)

    def exemplar(view: TargetView) -> Exemplar | None:
        newest = view.last_result
        value = observations(newest).get(observed) if newest else None
        if newest is None or value is None:
            return None
        return Exemplar(value, newest.id, newest.at.timestamp())

    return Family(
        name=PREFIX + name,
        text=text,
        type="histogram",
        labels=("le",),
        rows=rows,
        is_full=is_full,
        is_shown=_is_of_shown_end,
        exemplar=exemplar,
    )


def phases(name: str, text: str, observed: Mapping[str, str]) -> Family[TargetView]:
    """Make the histogram of the full detail whose label `phase` tells several in `BUCKETS` apart.

    Args:
        name: Of the family.
        text: What it shows.
        observed: Their names there, by the label's value.
    """
    keys = {
        of: [(suffix, phase, *end) for suffix, *end in _histogram_keys(of)]
        for phase, of in observed.items()
    }

    def rows(view: TargetView) -> Iterable[tuple[Key, float]]:
        for of, its_keys in keys.items():
            shown = view.totals.histogram(of)
            totals = list(accumulate(shown.counts))
            yield from zip(its_keys, (*totals, totals[-1], shown.total), strict=True)

    labels = ("phase", "le")
    return Family(
        name=PREFIX + name, text=text, type="histogram", labels=labels, rows=rows, is_full=True
    )


def info(
    name: str, text: str, labels: tuple[str, ...], values: Callable[[TargetView], tuple[str, ...]]
) -> Family[TargetView]:
    """Make what describes a target and is no measure."""

    def rows(view: TargetView) -> Iterable[tuple[Key, float]]:
        return ((("_info", *values(view)), 1),)

    return Family(name=PREFIX + name, text=text, type="info", labels=labels, rows=rows)


def _histogram_keys(observed: str) -> list[Key]:
    ends = (*map(str, BUCKETS[observed]), _LAST_END)
    return [*(("_bucket", end) for end in ends), ("_count",), ("_sum",)]


def _is_of_shown_window(key: Key) -> bool:
    return key[1] in SHOWN_WINDOWS


def _is_of_shown_end(key: Key) -> bool:
    return key[0] != "_bucket" or key[1] in _SHOWN_ENDS
