"""What a family of per-target series is, and how each sort of family is put together."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, TypeVar

from monitor.model.health import State
from monitor.model.snapshot import DURATION_BUCKETS, Histogram, TargetView
from monitor.model.window import WindowStats

PREFIX = "llmprobe_"
#: The windows that have series; the API has the others too.
SHOWN_WINDOWS = frozenset({"5m", "1h", "24h", "30d"})
#: The labels that every per-target series has.
TARGET_LABELS = ("model", "provider", "target")

S = TypeVar("S")
K = TypeVar("K", bound=tuple[str, ...])

#: Tells the series of a target's family apart: what the sample's name ends in, then the values
#: of the family's labels.
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family(Generic[S]):
    """One name, and the series that a target has under it.

    Attributes:
        name: As OpenMetrics has it: with the prefix, without the endings of its samples.
        text: What it shows.
        type: As OpenMetrics has it.
        labels: The names of the labels beside the target's own.
        rows: Gives the series of one target with their numbers; what is unknown has none.
    """

    name: str
    text: str
    type: str
    labels: tuple[str, ...] = ()
    rows: Callable[[S], Iterable[tuple[Key, float]]]


def counter(
    name: str,
    text: str,
    labels: tuple[str, ...],
    counts: Callable[[TargetView], Mapping[K, float]],
) -> Family[TargetView]:
    """Make a counter; *counts* gives the numbers by the values of the labels."""

    def rows(view: TargetView) -> Iterable[tuple[Key, float]]:
        return [(("_total", *values), number) for values, number in sorted(counts(view).items())]

    return Family(name=PREFIX + name, text=text, type="counter", labels=labels, rows=rows)


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
            if window in SHOWN_WINDOWS and (number := value(stats)) is not None
        ]

    return Family(name=PREFIX + name, text=text, type="gauge", labels=("window",), rows=rows)


def uptimes(name: str, text: str) -> Family[TargetView]:
    """Make the gauge of the uptime by window and policy."""

    def rows(view: TargetView) -> Iterable[tuple[Key, float]]:
        return [
            (("", window, policy), ratio)
            for window, stats in view.windows.items()
            for policy, ratio in (
                ("openrouter", stats.openrouter_uptime_ratio),
                ("provider", stats.uptime_ratio),
            )
            if window in SHOWN_WINDOWS and ratio is not None
        ]

    labels = ("window", "policy")
    return Family(name=PREFIX + name, text=text, type="gauge", labels=labels, rows=rows)


def states(name: str, text: str) -> Family[TargetView]:
    """Make the gauge that shows the state of a target as a set of 0 and 1."""
    keys = [(state, ("", state.value)) for state in State]

    def rows(view: TargetView) -> Iterable[tuple[Key, float]]:
        current = view.health.state
        return [(key, 1 if state is current else 0) for state, key in keys]

    return Family(name=PREFIX + name, text=text, type="gauge", labels=("state",), rows=rows)


def histogram(name: str, text: str, value: Callable[[TargetView], Histogram]) -> Family[TargetView]:
    """Make a histogram with the buckets of the model."""
    ends = [("_bucket", end) for end in (*map(str, DURATION_BUCKETS), "+Inf")]

    def rows(view: TargetView) -> Iterable[tuple[Key, float]]:
        shown = value(view)
        totals = list(accumulate(shown.counts))
        of_all = (("_count",), totals[-1]), (("_sum",), shown.sum_seconds)
        return [*zip(ends, totals, strict=True), *of_all]

    return Family(name=PREFIX + name, text=text, type="histogram", labels=("le",), rows=rows)


def info(
    name: str, text: str, labels: tuple[str, ...], values: Callable[[TargetView], tuple[str, ...]]
) -> Family[TargetView]:
    """Make what describes a target and is no measure."""

    def rows(view: TargetView) -> Iterable[tuple[Key, float]]:
        return ((("_info", *values(view)), 1),)

    return Family(name=PREFIX + name, text=text, type="info", labels=labels, rows=rows)
