"""What the last 24 hours of a target cost: to keep, to add to, and to draw."""

import random
import time
import tracemalloc
from collections.abc import Callable
from datetime import timedelta

from monitor.health.coverage import Span
from monitor.health.ring import Ring
from monitor.health.stats import Sample, publish, sample, summarize
from monitor.model.health import Health
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.window import EXACT_WINDOWS, WindowStats
from monitor.recorder.memory import TargetMemory
from monitor.recorder.recorder import Recorder
from monitor.scheduling.grid import Grid
from tests.benchmarks.server import show
from tests.factories import make_probe, make_result
from tests.fakes import START, FakeClock, ListSink

SAMPLES = 1440
DAY_SECONDS = 86400.0
DRAW_SECONDS = 15.0
ROUNDS, DRAWS = 7, 200
#: Rings of 2,000 targets have to fit beside a daemon of 110 MB in 300 MB.
MOST_BYTES = 64_000
LEAST_RATIO = 5.0
TARGETS, RESULTS_PER_SECOND = 10_000, 167


def _results() -> list[Result]:
    chance = random.Random(1)  # noqa: S311 - repeatable
    return [
        make_result(
            Outcome.TIMEOUT if chance.randrange(50) == 0 else Outcome.OK,
            minute=minute,
            ttft_seconds=chance.lognormvariate(-1, 0.4),
            duration_seconds=chance.lognormvariate(0, 0.4),
        )
        for minute in range(SAMPLES)
    ]


def _memory(key: str = "acme/large") -> TargetMemory:
    probe = make_probe(key)
    grid = Grid.of(probe.key, probe.interval_seconds, 6.0)
    span = Span(
        begin_at=0.0,
        end_at=None,
        count=lambda begin, end: grid.latest(int(end * 1e6)) - grid.latest(int(begin * 1e6)),
    )
    return TargetMemory(probe=probe, health=Health(), spans=(span,), begun_at=START)


def _plain(samples: list[Sample], now: float) -> dict[str, WindowStats]:
    """All windows, each added up from all samples."""
    return {
        name: summarize([each for each in samples if now - seconds < each.at <= now], SAMPLES)
        for name, seconds in EXACT_WINDOWS.items()
    }


def _moved(ring: Ring, now: float) -> dict[str, WindowStats]:
    """All windows, moved on by what came and went."""
    ring.move(now)
    return {name: publish(tally, SAMPLES) for name, tally in ring.tallies().items()}


def _us(work: Callable[[], object], times: int = 1) -> float:
    """Microseconds of CPU that one of *times* costs, in the best of some rounds."""
    costs = []
    for _ in range(ROUNDS):
        begin = time.process_time_ns()
        work()
        costs.append(time.process_time_ns() - begin)
    return min(costs) / times / 1e3


def test_a_window_costs_what_came_and_went_and_not_all_it_holds() -> None:
    samples = [sample(each) for each in _results()]
    ring = Ring()
    for each in samples:
        ring.add(each)
    full = START.timestamp() + DAY_SECONDS - 60
    ring.move(full)
    instants = [full + DRAW_SECONDS * n for n in range(DRAWS)]
    held = ring.cut(0, full)
    assert _moved(ring, full) == _plain([held[n] for n in range(SAMPLES)], full)

    # Each round ends an hour after its begin, so the next one fills all windows anew: included.
    plain = _us(lambda: [_plain(samples, each) for each in instants[::20]], DRAWS // 20)
    moved = _us(lambda: [_moved(ring, each) for each in instants], DRAWS)
    show(
        f"{len(EXACT_WINDOWS)} windows over {SAMPLES} samples, side by side",
        {"added up us": plain, "moved us": moved, "ratio": plain / moved},
    )
    assert plain / moved >= LEAST_RATIO


def test_2000_targets_of_24_hours_fit_into_the_memory() -> None:
    results = _results()
    tracemalloc.start()
    memories = [_memory(f"acme/m{number}") for number in range(10)]
    bare = tracemalloc.get_traced_memory()[0]
    for memory in memories:
        for each in results:
            memory.recall([sample(each)], each, each)
        memory.view(START + timedelta(days=1))
    each_bytes = (tracemalloc.get_traced_memory()[0] - bare) / len(memories)
    tracemalloc.stop()

    show(
        f"memory of {SAMPLES} samples and their windows",
        {"bytes per target": each_bytes, "bytes per sample": each_bytes / SAMPLES},
    )
    assert each_bytes <= MOST_BYTES


def test_what_a_target_costs_the_probing_loop_and_the_snapshot() -> None:
    results = _results()
    memory = _memory()
    for each in results:
        memory.recall([sample(each)], each, each)
    day = START + timedelta(days=1)
    later = [make_result(minute=SAMPLES + n, ttft_seconds=0.3) for n in range(DRAWS)]

    def warm() -> None:
        cold = _memory()
        for each in results:
            cold.recall([sample(each)], each, each)

    def first_view() -> None:
        memory.view(day - timedelta(seconds=1))
        memory.view(day - timedelta(seconds=2))

    show(
        "one target",
        {
            "warmed with one stored result us": _us(warm, SAMPLES),
            "first view us": _us(first_view, 2),
            "view us": _us(lambda: [memory.view(day) for _ in range(DRAWS)], DRAWS),
            "one result taken us": _us(
                lambda: [memory.take(each, each.slot_at) for each in later], DRAWS
            ),
        },
    )


def test_what_the_picture_costs_each_second() -> None:
    clock = FakeClock()
    memories = {f"acme/m{number}": _memory(f"acme/m{number}") for number in range(TARGETS)}
    recorder = Recorder(memories, ListSink(), clock, "here")
    costs, keys = [], list(memories)
    for second in range(1, 61):
        clock.advance(1)
        for key in keys[second % 60 :: 60]:
            recorder.record(make_result(target=key, minute=second / 60, ttft_seconds=0.3))
        begin = time.process_time_ns()
        recorder.refresh()
        costs.append((time.process_time_ns() - begin) / 1e6)

    show(
        f"{TARGETS} targets, {RESULTS_PER_SECOND} results a second",
        {
            "mean refresh ms": sum(costs) / len(costs),
            "longest refresh ms": max(costs),
            "refresh where nothing moved ms": _us(recorder.refresh) / 1e3,
        },
    )
