"""Pure: what a replay counts, by which terms, and how that is added up."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from monitor.model.target import Deadlines


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By what a replay counts.

    Attributes:
        false_below_seconds: A target was falsely down if its outage was shorter.
        patience_seconds: A state is believed for so long after a run: three intervals.
        deadlines: Of the probe; they tell when a run ended that was cut.
    """

    false_below_seconds: float = 120.0
    patience_seconds: float = 180.0
    deadlines: Deadlines = field(default_factory=Deadlines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a replay comes to.

    Attributes:
        results: Completion runs that it saw.
        transitions: Changes of state.
        downs: Changes to `down`.
        relapses: Those of them from `recovering`.
        false_downs: Those of them whose outage was short: from its first failing run to the
            first success after its last.
        down_seconds: Time in `down`, in which routers would have left the target out.
        degraded_seconds: Time in `degraded`.
        detection_seconds: How often it took so long from the first failing run of a streak to
            `down`, by tenths of a second. Relapses and flapping are left out, where the last streak
            did not lead to it alone.
        unmade: Confirm runs that the settings would have asked for and that were not made.
        unasked: Confirm runs that were made and that the settings would not have asked for.
    """

    results: int = 0
    transitions: int = 0
    downs: int = 0
    relapses: int = 0
    false_downs: int = 0
    down_seconds: float = 0.0
    degraded_seconds: float = 0.0
    detection_seconds: Mapping[float, int] = field(default_factory=dict)
    unmade: int = 0
    unasked: int = 0

    @property
    def detection_median_seconds(self) -> float | None:
        """The lower median of the detection delays; None without any."""
        rank = (sum(self.detection_seconds.values()) + 1) // 2
        for seconds in sorted(self.detection_seconds):
            rank -= self.detection_seconds[seconds]
            if rank <= 0:
                return seconds
        return None

    @property
    def detection_worst_seconds(self) -> float | None:
        """The longest detection delay; None without any."""
        return max(self.detection_seconds, default=None)


def total(parts: Iterable[Figures]) -> Figures:
    """Add figures up."""
    known = list(parts)
    names = ("results", "transitions", "downs", "relapses", "false_downs", "unmade", "unasked")
    times = ("down_seconds", "degraded_seconds")
    detections: Counter[float] = Counter()
    for each in known:
        detections.update(each.detection_seconds)
    return Figures(
        **{name: sum(getattr(each, name) for each in known) for name in (*names, *times)},
        detection_seconds=dict(detections),
    )
