"""What the page of a large fleet costs: to draw, to send, and to ask the store for."""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert

from monitor.export.pages.asking import Chronicle
from monitor.export.pages.drawing import Drawing, Sources
from monitor.export.pages.past import Past
from monitor.export.pages.rendering import Templates
from monitor.export.pages.replies import Body
from monitor.export.pages.strips import DAYS
from monitor.health.buckets import DAY, Resolution
from monitor.health.columns import Columns
from monitor.model.snapshot import TargetView
from monitor.store import tables
from monitor.store.engine import open_engine, open_reader
from monitor.store.migrate import upgrade
from monitor.store.patience import Patience
from monitor.store.reader import Answers
from monitor.store.targets import sync_targets
from tests.benchmarks.effort import effort
from tests.benchmarks.server import show
from tests.factories import make_result, make_target
from tests.fakes import FakeClock
from tests.unit.export.pages.test_asking import Memory
from tests.unit.export.pictures import LATER, PRICES, make_snapshot, make_view
from tests.unit.export.scene import KEY

TARGETS = 500
GROUPS = 60
VIEWERS = 200
REPEATS = effort(9, 3)
#: What a viewer waits for: most targets stand as they were drawn a second ago.
MOST_MS, MOST_BYTES = 50.0, 100_000
#: Nobody looked for a while, and every target has moved: once.
MOST_ALL_MS = 100.0
#: The days of all targets are asked for each half minute at most.
MOST_QUESTION_MS = 3000.0
#: Of 500 targets that are drawn anew after 15 seconds, or with a run a minute.
A_SECOND = 42
BAD_DAYS = 0.1
_RANDOM = Random(7)  # noqa: S311 - the same fleet each time


def _fleet() -> tuple[TargetView, ...]:
    lived = make_view(prices=PRICES, region="eu")
    targets = (
        make_target(f"provider-{n % 40}/author/model-{n}", group=f"author/model-{n % GROUPS}")
        for n in range(TARGETS)
    )
    return tuple(replace(lived, target=each, tokens_per_second=80.0) for each in targets)


class _Day(Memory):
    """The last day of every target, a run a minute."""

    def samples(self, target: str, begin: float, end: float) -> Columns:
        del target
        return super().samples(KEY, begin, end)


def _store(folder: Path, views: Sequence[TargetView]) -> str:
    """Fill a store with the folded days of all targets; each tenth has trouble."""
    url = f"sqlite:///{folder}/pages.db"
    engine = open_engine(url)
    upgrade(engine)
    today = Resolution.DAY.begin_of(LATER)
    with engine.begin() as connection:
        ids = sync_targets(connection, [each.target for each in views], LATER - DAYS * DAY)
        for number in ids.values():
            rows = [_row(number, today - n * DAY) for n in range(1, DAYS)]
            connection.execute(insert(tables.rollup), rows)
    engine.dispose()
    return url


def _row(target_id: int, day_at: datetime) -> dict[str, Any]:
    good = 1440 if _RANDOM.random() > BAD_DAYS else _RANDOM.randrange(1200, 1440)
    counts = {"samples": 1440, "good": good, "valid": 1440, "executed": 1440}
    policy = {"openrouter_good": good, "openrouter_valid": 1440}
    place = {"target_id": target_id, "kind": "completion", "vantage": "here"}
    times = {"available_seconds": 86_400.0 - 1440 + good, "unavailable_seconds": 1440.0 - good}
    spent = {"cost_usd": 0.1, "outcomes": {}, "confirms": {}}
    where = {"resolution": Resolution.DAY.value, "bucket_at": day_at}
    return place | where | counts | policy | times | spent


def _ms(work: Callable[[], object]) -> float:
    # Of this thread alone: other work on the machine is none of the page's.
    begin = time.thread_time()
    work()
    return (time.thread_time() - begin) * 1e3


class Fleet:
    """The page of a large fleet; the picture changes when a benchmark says so."""

    def __init__(self, folder: Path) -> None:
        self.views = list(_fleet())
        self.clock = FakeClock(at=LATER)
        url = _store(folder, self.views)
        minutes = [
            make_result(slot_at=LATER - n * DAY / 1440, ttft_seconds=0.3) for n in range(1440)
        ]
        self.chronicle = Chronicle("here", self.clock, _Day(*minutes))
        self.reader = open_reader(url)
        self.answers = Answers(self.reader, self.clock, Patience(wait_seconds=60.0))
        keys = [each.target.key for each in self.views]
        past = Past(self.answers, self.chronicle, lambda: keys)
        self.snapshot = make_snapshot(*self.views)
        sources = Sources(snapshot=lambda: self.snapshot, clock=self.clock, past=past)
        self.drawing = Drawing(sources, Templates())

    def move(self, count: int) -> None:
        """Have so many targets change, as a second does it."""
        for number in _RANDOM.sample(range(TARGETS), count):
            self.views[number] = replace(self.views[number])
        self.snapshot = make_snapshot(*self.views)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    made = Fleet(tmp_path_factory.mktemp("pages"))
    yield made
    made.reader.dispose()


def test_a_large_fleet_is_drawn_in_time_and_sent_in_few_bytes(fleet: Fleet) -> None:
    loop = asyncio.new_event_loop()
    asked = _question_ms(fleet)

    def draw() -> None:
        bodies.append(loop.run_until_complete(fleet.drawing.fleet()))

    bodies: list[Body] = []
    draw()  # asks the store
    figures: dict[str, float] = {}
    for name, count in (
        ("all targets moved", TARGETS),
        ("a second went by", A_SECOND),
        ("none", 0),
    ):
        costs = []
        for _ in range(REPEATS):
            fleet.move(count) if name != "none" else None
            costs.append(_ms(draw))
        figures[f"{name}, median CPU ms"] = statistics.median(costs)
    begin = time.perf_counter()
    for _ in range(VIEWERS):
        draw()
    figures["200 viewers of one picture, ms"] = (time.perf_counter() - begin) * 1e3
    body = bodies[-1]
    figures |= {"gzip bytes": len(body.packed), "bytes": len(body.plain), "question, CPU ms": asked}
    show(f"The page of {TARGETS} targets", figures)
    loop.close()

    assert figures["all targets moved, median CPU ms"] <= MOST_ALL_MS
    assert figures["a second went by, median CPU ms"] <= MOST_MS
    assert len(body.packed) <= MOST_BYTES
    assert asked <= MOST_QUESTION_MS


def _question_ms(fleet: Fleet) -> float:
    keys = [each.target.key for each in fleet.views]
    with fleet.reader.connect() as connection:
        return _ms(lambda: fleet.chronicle.fleet(connection, keys))
