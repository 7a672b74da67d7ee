"""What the long windows of a fleet cost a daemon: CPU, memory, and the interpreter."""

import gc
import random
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.app import historian as module
from monitor.app.historian import Historian, reading
from monitor.health.buckets import DAY
from monitor.health.coverage import Span
from monitor.health.stats import Sample
from monitor.model.health import Health
from monitor.model.window import LONG_WINDOWS
from monitor.recorder.memory import TargetMemory
from monitor.recorder.recorder import Recorder
from monitor.scheduling.grid import Grid
from monitor.store.engine import open_reader
from tests.benchmarks.effort import effort
from tests.benchmarks.pasts import INTERVAL, NOW, VANTAGE, Past
from tests.benchmarks.server import show
from tests.benchmarks.stores import store
from tests.databases import KINDS
from tests.factories import make_probe
from tests.fakes import FakeClock, ListSink

pytestmark = pytest.mark.timeout(1800)

PAST = Past(targets=effort(200, 20), raw_days=1, days=effort(90, 3))
#: What the figures are told for.
TARGETS = 2000
ROUND_SECONDS, READ_ROUNDS = 60.0, 10
MOST_SHARE, MOST_BYTES = 0.03, 10_000_000
TICK_SECONDS = 0.001


def _memory(key: str) -> TargetMemory:
    """A target with a day in memory."""
    probe, chance = make_probe(key), random.Random(key)  # noqa: S311 - repeatable
    grid = Grid.of(probe.key, probe.interval_seconds, 6.0)
    span = Span(
        begin_at=PAST.begin_at.timestamp(),
        end_at=None,
        count=lambda begin, end: grid.latest(int(end * 1e6)) - grid.latest(int(begin * 1e6)),
    )
    memory = TargetMemory(probe=probe, health=Health(), spans=(span,), begun_at=NOW)
    samples = (
        Sample(
            at=(NOW - number * INTERVAL).timestamp(),
            is_good=True,
            is_executed=True,
            openrouter_good=True,
            ttft_seconds=chance.lognormvariate(-1, 0.4),
            duration_seconds=chance.lognormvariate(0, 0.4),
        )
        for number in range(DAY // INTERVAL, -1, -1)
    )
    memory.recall(samples, None, None)
    return memory


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    memories = {key: _memory(key) for key in PAST.keys}
    return Recorder(memories, ListSink(), FakeClock(NOW), VANTAGE)


@pytest.fixture(scope="module")
def seed() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield PAST.seed(Path(folder) / "seed")


@pytest.fixture(params=KINDS)
def historian(
    request: pytest.FixtureRequest, seed: str, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Historian]:
    monkeypatch.setattr(module, "_PAUSE_SECONDS", 0.0)
    errors: list[Exception] = []
    with tempfile.TemporaryDirectory() as folder, store(request.param, Path(folder)) as url:
        PAST.fill(url, seed)
        archive = open_reader(url)
        yield Historian(reading(archive, VANTAGE), recorder, FakeClock(NOW), errors.append)
        archive.dispose()
    assert errors == []


def _ms(work: Callable[[], object]) -> float:
    """Milliseconds of CPU."""
    begin = time.process_time_ns()
    work()
    return (time.process_time_ns() - begin) / 1e6


@contextmanager
def _late_ms() -> Iterator[list[float]]:
    """Watch how late a thread is that wants the interpreter each millisecond."""
    late: list[float] = []
    stopped = threading.Event()

    def tick() -> None:
        while not stopped.is_set():
            due = time.perf_counter() + TICK_SECONDS
            stopped.wait(TICK_SECONDS)
            late.append((time.perf_counter() - due) * 1e3)

    thread = threading.Thread(target=tick)
    thread.start()
    yield late
    stopped.set()
    thread.join()


def test_long_windows_cost_little(historian: Historian, recorder: Recorder) -> None:
    historian.go_round()  # statements are compiled now
    historian._asked.clear()
    whole_ms = _ms(historian.go_round)
    rounds_ms = sum(_ms(historian.go_round) for _ in range(READ_ROUNDS))
    # In these rounds all is read once more.
    reckoning_ms = (rounds_ms - whole_ms) / (READ_ROUNDS - 1)
    reading_ms = whole_ms - reckoning_ms
    scale = TARGETS / PAST.targets
    share = scale * (reckoning_ms + reading_ms / READ_ROUNDS) / (ROUND_SECONDS * 1e3)

    historian._asked.clear()
    with _late_ms() as late:
        historian.go_round()
    late.sort()
    show(
        f"long windows of {PAST.targets} targets over {PAST.days} days",
        {
            "reading, ms a target": reading_ms / PAST.targets,
            "reckoning, ms a target": reckoning_ms / PAST.targets,
            f"share of a core at {TARGETS}": share,
            "a neighbour is late, median ms": late[len(late) // 2],
            "p99 ms": late[int(len(late) * 0.99)],
            "at worst ms": late[-1],
        },
    )
    view = recorder._memories[PAST.keys[0]].view(NOW)
    assert view.windows.keys() >= LONG_WINDOWS.keys()
    assert view.windows["30d"].valid >= min(30, PAST.days) * 1300
    assert share <= MOST_SHARE


def test_long_windows_take_little_memory(historian: Historian, recorder: Recorder) -> None:
    historian.go_round()
    historian._pasts.clear()
    historian._asked.clear()
    recorder.replace({})
    memories = {key: recorder._memories[key] for key in PAST.keys}
    recorder.replace(memories)

    tracemalloc.start()
    historian.go_round()
    gc.collect()  # what waits for it is not held
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    scale = TARGETS / PAST.targets
    show(
        f"memory of the long windows of {PAST.targets} targets",
        {
            "bytes a target": held / PAST.targets,
            f"MB at {TARGETS}": held * scale / 1e6,
            "MB more while some are read": (peak - held) / 1e6,
        },
    )
    assert held * scale + (peak - held) <= MOST_BYTES
