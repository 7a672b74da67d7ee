"""What a scrape costs, and how long it keeps the GIL from the probing loop."""

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.export.compress import gzipped
from monitor.export.metrics import Metrics
from monitor.model.detail import Detail
from monitor.model.snapshot import Snapshot
from tests.benchmarks.server import show
from tests.factories import make_target
from tests.unit.export.library import by_the_library
from tests.unit.export.pictures import PRICES, lively, make_snapshot, make_view
from tests.unit.export.test_metrics import OPEN_METRICS, make_metrics

REPEATS = 9
LIBRARY_REPEATS = 3
MIN_RATIO = 10
#: What the default set of so many targets may have, compressed.
SMALL, MOST_BYTES = 2_000, 3_000_000


def _fleet(targets: int) -> Snapshot:
    lived = lively(make_view(prices=PRICES, region="eu"))
    return make_snapshot(
        *(
            replace(lived, target=make_target(f"provider-{n % 40}/author/model-{n}", prices=PRICES))
            for n in range(targets)
        )
    )


def _scrape(metrics: Metrics, accept: str = OPEN_METRICS) -> int:
    """Write the text as the server does, which keeps no piece; give its length."""
    return sum(map(len, metrics.stream(accept)[0]))


def _packed(metrics: Metrics) -> int:
    """As `_scrape`, compressed."""
    return sum(map(len, gzipped(metrics.stream(OPEN_METRICS)[0])))


def _ms(work: Callable[[], object], repeats: int) -> float:
    costs = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        costs.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(costs)


def _longest_stall_ms(work: Callable[[], object]) -> float:
    """How late a thread that wants to wake up each millisecond does so while another works."""
    thread, never = threading.Thread(target=work), threading.Event()
    worst = 0.0
    thread.start()
    while thread.is_alive():
        begin = time.perf_counter()
        never.wait(0.001)
        worst = max(worst, time.perf_counter() - begin - 0.001)
    thread.join()
    return worst * 1e3


def _stall(work: Callable[[], object]) -> float:
    return statistics.median(_longest_stall_ms(work) for _ in range(REPEATS))


@pytest.mark.parametrize(
    ("targets", "detail", "limit_ms"),
    [(2_000, Detail.DEFAULT, 50), (2_000, Detail.FULL, None), (10_000, Detail.DEFAULT, 250)],
)
def test_a_scrape_is_a_join(targets: int, detail: Detail, limit_ms: float | None) -> None:
    snapshot = _fleet(targets)
    metrics = make_metrics(snapshot, detail)
    drawn = _ms(metrics.prepare, 1)
    text = metrics.render("")[0]
    assert by_the_library(snapshot.targets, detail=detail) in text
    ours = _ms(lambda: _scrape(metrics), REPEATS)
    theirs = _ms(lambda: by_the_library(snapshot.targets, detail=detail), LIBRARY_REPEATS)
    packed = _packed(metrics)
    show(
        f"A scrape of {targets:,} targets, {detail}",
        {
            "series": sum(line[:1] != b"#" for line in text.splitlines()),
            "series a target": text.count(b'target="') / targets,
            "bytes": len(text),
            "bytes, gzip": packed,
            "join, OpenMetrics with exemplars, median ms": ours,
            "join, text, median ms": _ms(lambda: _scrape(metrics, ""), REPEATS),
            "join and gzip, median ms": _ms(lambda: _packed(metrics), LIBRARY_REPEATS),
            "prometheus-client, median ms": theirs,
            "ratio": theirs / ours,
            "longest stall of another thread in a join, ms": _stall(lambda: _scrape(metrics)),
            "the same, with gzip, ms": _stall(lambda: _packed(metrics)),
            "the same, prometheus-client, ms": _longest_stall_ms(
                lambda: by_the_library(snapshot.targets, detail=detail)
            ),
            "drawing a target anew, us": drawn / targets * 1e3,
            "looking for new views, none new, ms": _ms(metrics.prepare, REPEATS),
        },
    )

    assert theirs / ours >= MIN_RATIO
    assert limit_ms is None or ours <= limit_ms
    assert targets > SMALL or detail is Detail.FULL or packed <= MOST_BYTES
