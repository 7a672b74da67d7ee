"""Pure: what a run is evidence of, and what the runs of the last hour say together."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import Enum, auto
from statistics import median
from typing import NamedTuple

from monitor.model.outcome import Fault, Outcome
from monitor.model.result import Result
from monitor.model.target import Kind

#: Runs older than this are no evidence of what a target is like now.
HORIZON_SECONDS = 3600.0

#: What seems to come later than this is of a clock that was ahead and was set right since.
AHEAD_SECONDS = 300.0

#: A run counts so much if it is younger than so many seconds (LLMGateway's decay).
_DECAY = ((60.0, 10.0), (300.0, 3.0), (HORIZON_SECONDS, 1.0))

#: Beta(9.5, 0.5): what is believed of a target before its first run counts as ten runs at 95 %.
_PRIOR_GOOD, _PRIOR_ALL = 9.5, 10.0

_BLOCKED = frozenset(
    {
        Outcome.QUOTA_EXHAUSTED,
        Outcome.UNAUTHORIZED,
        Outcome.FORBIDDEN,
        Outcome.MODEL_UNAVAILABLE,
    }
)


class Evidence(Enum):
    """What a run says of its target."""

    SUCCESS = auto()
    FAILURE = auto()
    THROTTLED = auto()
    BLOCKED = auto()
    NONE = auto()


def evidence(result: Result) -> Evidence:
    """Say what a run is evidence of; only completion runs are of any."""
    verdict = result.verdict
    if result.kind is not Kind.COMPLETION:
        return Evidence.NONE
    if verdict.is_valid:
        return Evidence.SUCCESS if verdict.is_good else Evidence.FAILURE
    if verdict.outcome is Outcome.RATE_LIMITED:
        return Evidence.THROTTLED
    if verdict.outcome in _BLOCKED and verdict.fault is Fault.ACCOUNT:
        return Evidence.BLOCKED
    return Evidence.NONE


class Trace(NamedTuple):
    """What is remembered for an hour of a valid completion run, scheduled or confirm.

    Attributes:
        at: Seconds since the epoch.
        is_good: Success or failure.
        ttft_seconds: Of an untainted run that ended in `ok`; None otherwise.
    """

    at: float
    is_good: bool
    ttft_seconds: float | None = None


def trace(result: Result) -> Trace | None:
    """Take from a result what is remembered; None if it is neither success nor failure."""
    if evidence(result) not in (Evidence.SUCCESS, Evidence.FAILURE):
        return None
    is_timed = result.verdict.outcome is Outcome.OK and not result.tainted
    return Trace(
        result.at.timestamp(),
        result.verdict.is_good,
        result.measurement.ttft_seconds if is_timed else None,
    )


def since(traces: Iterable[Trace], begin_at: datetime | None, now: datetime) -> list[Trace]:
    """Give the traces from an instant on; all of them for None.

    What lies more than `AHEAD_SECONDS` after *now* is no evidence, and no beginning either.
    """
    end = now.timestamp() + AHEAD_SECONDS
    begin = begin_at.timestamp() if begin_at else -math.inf
    begin = -math.inf if begin > end else begin
    return [each for each in traces if begin <= each.at <= end]


def decayed_ratio(traces: Iterable[Trace], now: float) -> float:
    """Give the share of successes, in which the last minutes weigh most.

    A run counts 10 in its first minute, 3 up to the fifth and 1 up to the sixtieth, as in
    LLMGateway's routing; a Beta(9.5, 0.5) prior keeps a single failure among few runs from
    being the end.

    Args:
        traces: In any order.
        now: Seconds since the epoch. What seems to lie after it, because the clock was set back,
            counts as of now.
    """
    good, valid = _PRIOR_GOOD, _PRIOR_ALL
    for each in traces:
        counted = _count(now - each.at)
        valid += counted
        good += counted if each.is_good else 0.0
    return good / valid


def success_ratio(traces: Iterable[Trace], begin: float, least: int) -> float | None:
    """Give the plain share of successes from an instant on; None for fewer than *least* runs."""
    found = [each.is_good for each in traces if each.at >= begin]
    return sum(found) / len(found) if len(found) >= least else None


def median_ttft(traces: Sequence[Trace], least: int, begin: float | None = None) -> float | None:
    """Give the median TTFT of runs in seconds; None for fewer than *least* with a TTFT.

    Args:
        traces: Oldest first.
        least: So many it takes.
        begin: From when on; without it only the last *least* count.
    """
    times = [each.ttft_seconds for each in traces if each.ttft_seconds is not None]
    if begin is not None:
        recent = (each for each in traces if each.at >= begin)
        times = [each.ttft_seconds for each in recent if each.ttft_seconds is not None]
    elif len(times) > least:
        times = times[-least:]
    return median(times) if len(times) >= least else None


def _count(age_seconds: float) -> float:
    return next((count for bound, count in _DECAY if age_seconds < bound), 0.0)
