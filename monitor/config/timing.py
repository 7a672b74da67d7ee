"""How often a probe runs and how long it may take, from what was set and what was not.

What was not set is fitted to what was: by itself no deadline reaches the interval. What was set
and does not fit is told, because bending it in silence would measure something else.
"""

import math
from dataclasses import dataclass, replace

from monitor.config.chain import MODEL, Chain, Setting
from monitor.config.errors import Finding, show
from monitor.model.target import Deadlines, Kind

_REASONING_FIRST_TOKEN = 45.0
#: Of the interval, for the total deadline where none is set: 50 s of 60 s.
_SHARE = 5 / 6
_JITTER_SHARE = 1 / 10
#: Of the shortest time between two slots, where the jitter is large.
_GAP_SHARE = 0.95
_FITTING = Deadlines()


@dataclass(frozen=True, slots=True)
class _Habit:
    """What holds for a kind of probe where nothing is set.

    Attributes:
        path: Where on each level its settings stand.
        interval_seconds: Between two runs.
        total_seconds: The longest that the total deadline is by itself.
    """

    path: tuple[str, ...]
    interval_seconds: float
    total_seconds: float


_HABITS = {
    Kind.COMPLETION: _Habit((), 60.0, _FITTING.total_seconds),
    Kind.THROUGHPUT: _Habit(("throughput",), 900.0, 120.0),
    Kind.MODELS: _Habit(("listing",), 300.0, 30.0),
}


@dataclass(frozen=True, slots=True)
class Timing:
    """Interval, jitter and deadlines of a probe, and what does not fit among them."""

    interval_seconds: float
    jitter_seconds: float
    deadlines: Deadlines
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Limit:
    """What a setting is held against: a value, its name, and where it was set, if it was."""

    value: float
    name: str
    setting: Setting[float] | None


def timing(chain: Chain, *, is_reasoning: bool, kind: Kind = Kind.COMPLETION) -> Timing:
    """Work out the timing of the probe of *kind* of the target at the end of *chain*.

    The kinds beside `completion` have its deadlines where they have none of their own, but for
    the total; these bend to fit, because they were set for something shorter.
    """
    habit = _HABITS[kind]
    interval = chain.number(*habit.path, "interval_seconds")
    interval_seconds = interval.value if interval else habit.interval_seconds
    jitter = chain.number(*habit.path, "jitter_seconds")
    parts = _Parts.of(chain, kind, is_reasoning=is_reasoning)
    jitter_seconds = _or(jitter, parts.jitter_beside(interval_seconds))
    # Two slots may be this near; a run that hangs longer would cost the next one its slot.
    gap = interval_seconds - jitter_seconds
    deadlines = parts.fit(min(interval_seconds * _SHARE, gap * _GAP_SHARE), habit.total_seconds)
    half = _Limit(interval_seconds / 2, "half of the interval", interval)
    between = _Limit(
        gap if jitter else interval_seconds,
        "the interval minus its jitter" if jitter else "the interval",
        interval,
    )
    findings = (
        _exceeds(parts.total, between, may_equal=False),
        _exceeds(jitter, half, may_equal=False),
        *parts.exceeding(deadlines.total_seconds),
    )
    return Timing(
        interval_seconds=interval_seconds,
        jitter_seconds=jitter_seconds,
        deadlines=deadlines,
        findings=tuple(finding for finding in findings if finding),
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """The deadlines as they were set; None where they were not."""

    connect: Setting[float] | None
    first_token: Setting[float] | None
    stall: Setting[float] | None
    total: Setting[float] | None
    fallback: Deadlines

    @classmethod
    def of(cls, chain: Chain, kind: Kind, *, is_reasoning: bool) -> "_Parts":
        path = (*_HABITS[kind].path, "deadlines")
        waits = _waits_for_all(chain, kind)
        first_token = chain.number(*path, "first_token_seconds")
        fallback = _FITTING if kind is Kind.COMPLETION else _of_completion(chain, is_reasoning)
        default = fallback.first_token_seconds
        if is_reasoning or waits:
            default = math.inf if waits else max(default, _REASONING_FIRST_TOKEN)
            if first_token and first_token.depth < MODEL:
                # What was set for all models was not meant for one that says nothing for long.
                default, first_token = max(default, first_token.value), None
        return cls(
            connect=chain.number(*path, "connect_seconds"),
            first_token=first_token,
            stall=chain.number(*path, "stall_seconds"),
            total=chain.number(*path, "total_seconds"),
            fallback=replace(fallback, first_token_seconds=default),
        )

    def fit(self, room_seconds: float, longest_by_itself: float) -> Deadlines:
        """Fill in what was not set so that it fits what was."""
        longest = max((part.value for part in (self.first_token, self.stall) if part), default=0.0)
        by_default = min(max(longest_by_itself, longest), room_seconds)
        total = self.total.value if self.total else by_default
        fallback = self.fallback
        return Deadlines(
            connect_seconds=_or(self.connect, min(fallback.connect_seconds, total / 2)),
            first_token_seconds=_or(self.first_token, min(fallback.first_token_seconds, total)),
            stall_seconds=_or(self.stall, min(fallback.stall_seconds, total)),
            total_seconds=total,
        )

    def jitter_beside(self, interval_seconds: float) -> float:
        """The jitter that is not set: small, and within what a total that is set leaves."""
        room = interval_seconds - self.total.value if self.total else interval_seconds
        return min(interval_seconds * _JITTER_SHARE, max(room, 0.0) / 2)

    def exceeding(self, total_seconds: float) -> tuple[Finding | None, ...]:
        """Hold the parts of a run against the whole."""
        limit = _Limit(total_seconds, "the total deadline", self.total)
        return (
            _exceeds(self.connect, limit, may_equal=False),
            _exceeds(self.first_token, limit, may_equal=True),
            _exceeds(self.stall, limit, may_equal=True),
        )


def _waits_for_all(chain: Chain, kind: Kind) -> bool:
    """The first token comes with the last one, or there are none."""
    streams = chain.find("streams")
    return kind is Kind.MODELS or (streams is not None and streams.value is False)


def _of_completion(chain: Chain, is_reasoning: bool) -> Deadlines:  # noqa: FBT001 - handed on
    return timing(chain, is_reasoning=is_reasoning).deadlines


def _or(setting: Setting[float] | None, default: float) -> float:
    return setting.value if setting else default


def _exceeds(setting: Setting[float] | None, limit: _Limit, *, may_equal: bool) -> Finding | None:
    """Tell that *setting* is beyond *limit*, at the place of the one that was set further in."""
    if setting is None or setting.value < limit.value:
        return None
    if may_equal and setting.value == limit.value:
        return None
    rule = f"must be {'at most' if may_equal else 'less than'} {limit.name} ({limit.value:g} s)"
    if limit.setting and limit.setting.depth > setting.depth:
        where = show(setting.place)
        return Finding(limit.setting.place, f"does not fit {where} ({setting.value:g} s): {rule}")
    return Finding(setting.place, rule)
