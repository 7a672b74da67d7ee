"""How often a probe runs and how long it may take, from what was set and what was not.

What was not set is fitted to what was: by itself no deadline reaches the interval. What was set
and does not fit is told, because bending it in silence would measure something else.
"""

from dataclasses import dataclass

from monitor.config.chain import MODEL, Chain, Setting
from monitor.config.errors import Finding, show
from monitor.model.target import Deadlines

_INTERVAL = 60.0
_REASONING_FIRST_TOKEN = 45.0
#: Of the interval, for the total deadline where none is set: 50 s of 60 s.
_SHARE = 5 / 6
_JITTER_SHARE = 1 / 10
_FITTING = Deadlines()


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


def timing(chain: Chain, *, is_reasoning: bool) -> Timing:
    """Work out the timing of the target at the end of *chain*."""
    interval = chain.number("interval_seconds")
    interval_seconds = interval.value if interval else _INTERVAL
    jitter = chain.number("jitter_seconds")
    parts = _Parts.of(chain, is_reasoning=is_reasoning)
    deadlines = parts.fit(interval_seconds)
    findings = (
        _exceeds(parts.total, _Limit(interval_seconds, "the interval", interval), may_equal=False),
        _exceeds(
            jitter,
            _Limit(interval_seconds / 2, "half of the interval", interval),
            may_equal=False,
        ),
        *parts.exceeding(deadlines.total_seconds),
    )
    return Timing(
        interval_seconds=interval_seconds,
        jitter_seconds=jitter.value if jitter else interval_seconds * _JITTER_SHARE,
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
    default_first_token: float

    @classmethod
    def of(cls, chain: Chain, *, is_reasoning: bool) -> "_Parts":
        first_token = chain.number("deadlines", "first_token_seconds")
        default = _FITTING.first_token_seconds
        if is_reasoning:
            default = _REASONING_FIRST_TOKEN
            if first_token and first_token.depth < MODEL:
                # What was set for all models was not meant for one that thinks first.
                default, first_token = max(default, first_token.value), None
        return cls(
            connect=chain.number("deadlines", "connect_seconds"),
            first_token=first_token,
            stall=chain.number("deadlines", "stall_seconds"),
            total=chain.number("deadlines", "total_seconds"),
            default_first_token=default,
        )

    def fit(self, interval_seconds: float) -> Deadlines:
        """Fill in what was not set so that it fits what was."""
        longest = max((part.value for part in (self.first_token, self.stall) if part), default=0.0)
        by_default = min(max(_FITTING.total_seconds, longest), interval_seconds * _SHARE)
        total = self.total.value if self.total else by_default
        return Deadlines(
            connect_seconds=_or(self.connect, min(_FITTING.connect_seconds, total / 2)),
            first_token_seconds=_or(self.first_token, min(self.default_first_token, total)),
            stall_seconds=_or(self.stall, min(_FITTING.stall_seconds, total)),
            total_seconds=total,
        )

    def exceeding(self, total_seconds: float) -> tuple[Finding | None, ...]:
        """Hold the parts of a run against the whole."""
        limit = _Limit(total_seconds, "the total deadline", self.total)
        return (
            _exceeds(self.connect, limit, may_equal=False),
            _exceeds(self.first_token, limit, may_equal=True),
            _exceeds(self.stall, limit, may_equal=True),
        )


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
