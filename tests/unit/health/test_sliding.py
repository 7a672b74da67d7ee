"""Windows that move: always what adding all their samples up anew would give, to the last bit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.health.ring import Ring
from monitor.health.stats import Sample, publish, summarize

WINDOWS = {"5m": 300.0, "30m": 1800.0, "1h": 3600.0, "24h": 86400.0}
MICRO = 1_000_000
START_US = 1_772_366_400 * MICRO
STEP_US = 150 * MICRO  # so that samples often lie on the border of a window

#: Mostly a few minutes, sometimes a day and more; often the same, and sometimes 1 µs beside.
SPANS_US = st.tuples(
    st.one_of(st.integers(0, 4), st.integers(0, 30), st.integers(0, 640)).map(
        lambda steps: steps * STEP_US
    ),
    st.sampled_from((0, 0, 1, -1)),
).map(sum)
TIMES_US = st.one_of(st.none(), st.sampled_from((0, 300_000, 300_001)), st.integers(0, 60 * MICRO))


@dataclass(frozen=True)
class Add:
    """A sample comes, late by so much, or early if that is negative."""

    late_us: int
    is_good: bool | None
    is_executed: bool
    openrouter_good: bool | None
    ttft_us: int | None
    duration_us: int | None


@dataclass(frozen=True)
class Move:
    """Time goes on by so much, or is set back."""

    by_us: int


@dataclass(frozen=True)
class Burst:
    """Samples come at regular intervals, while nobody looks."""

    count: int
    interval_us: int


ADDS = st.builds(
    Add,
    late_us=SPANS_US | SPANS_US.map(lambda span: -span),
    is_good=st.none() | st.booleans(),
    is_executed=st.booleans(),
    openrouter_good=st.none() | st.booleans(),
    ttft_us=TIMES_US,
    duration_us=TIMES_US,
)
MOVES = st.builds(Move, SPANS_US | SPANS_US | SPANS_US.map(lambda span: -span))
BURSTS = st.builds(Burst, st.integers(1, 100), st.sampled_from((MICRO, STEP_US, 4 * STEP_US)))


@dataclass
class Scene:
    """A ring, and beside it all that it was ever given."""

    ring: Ring = field(default_factory=lambda: Ring(WINDOWS))
    given: list[Sample] = field(default_factory=list)
    now_us: int = START_US
    latest_us: int = START_US

    def apply(self, step: Add | Move | Burst) -> None:
        if isinstance(step, Move):
            self.move(step.by_us)
        elif isinstance(step, Add):
            self.add(step)
        else:
            for n in range(step.count):
                self.now_us += step.interval_us
                self.add(Add(0, n % 7 > 0, True, n % 5 > 0, n % 11 * 1000 or None, n % 13 * 1000))

    def add(self, step: Add) -> None:
        sample = Sample(
            at=(self.now_us - step.late_us) / MICRO,
            is_good=step.is_good,
            is_executed=step.is_executed,
            openrouter_good=step.openrouter_good,
            ttft_seconds=None if step.ttft_us is None else step.ttft_us / MICRO,
            duration_seconds=None if step.duration_us is None else step.duration_us / MICRO,
        )
        self.ring.add(sample)
        self.given.append(sample)

    def move(self, by_us: int) -> None:
        self.now_us += by_us
        self.latest_us = max(self.latest_us, self.now_us)
        self.ring.move(self.now_us / MICRO)
        tallies = self.ring.tallies()
        for name, seconds in WINDOWS.items():
            begin_us = self.now_us - round(seconds * MICRO)
            cut = self.ring.cut(begin_us / MICRO, self.now_us / MICRO)
            held = [cut[place] for place in range(len(cut))]
            assert publish(tallies[name], 288) == summarize(held, 288)
            assert self.within(held, begin_us) == self.within(self.given, begin_us)

    def within(self, samples: Sequence[Sample], begin_us: int) -> Counter[Sample]:
        """Those of a window that the ring may not have forgotten."""
        begin_us = max(begin_us, self.latest_us - round(max(WINDOWS.values()) * MICRO))
        return Counter(each for each in samples if begin_us < round(each.at * MICRO) <= self.now_us)


@settings(deadline=None)
@given(st.lists(st.one_of(ADDS, ADDS, MOVES, BURSTS), max_size=25))
def test_each_window_is_what_its_samples_add_up_to(steps: list[Add | Move | Burst]) -> None:
    """Late, early and at equal instants; with long pauses, and with the clock set back."""
    scene = Scene()
    for step in steps:
        scene.apply(step)
        scene.move(0)


@settings(deadline=None)
@given(st.lists(st.one_of(ADDS, ADDS, MOVES, BURSTS), max_size=40), st.integers(0, 1000))
def test_it_does_not_matter_when_somebody_looked(
    steps: list[Add | Move | Burst], by_steps: int
) -> None:
    scene = Scene()
    for step in steps:
        scene.apply(step)
    scene.move(by_steps * STEP_US)
