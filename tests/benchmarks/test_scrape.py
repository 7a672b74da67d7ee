"""What a scrape costs, and how long it keeps the GIL from the probing loop."""

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.export.metrics import Metrics
from monitor.model.snapshot import Snapshot
from tests.benchmarks.server import show
from tests.factories import make_target
from tests.unit.export.library import by_the_library
from tests.unit.export.pictures import PRICES, make_snapshot, make_view
from tests.unit.export.test_metrics import make_metrics

REPEATS = 9
LIBRARY_REPEATS = 3
MIN_RATIO = 10


def _fleet(targets: int) -> Snapshot:
    lived = make_view(prices=PRICES, region="eu")
    return make_snapshot(
        *(
            replace(lived, target=make_target(f"provider-{n % 40}/author/model-{n}", prices=PRICES))
            for n in range(targets)
        )
    )


def _scrape(metrics: Metrics) -> int:
    """Write the text as the server does, which keeps no piece; give its length."""
    return sum(map(len, metrics.stream("")[0]))


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


@pytest.mark.parametrize(("targets", "limit_ms"), [(2_000, 50), (10_000, 250)])
def test_a_scrape_is_a_join(targets: int, limit_ms: float) -> None:
    snapshot = _fleet(targets)
    metrics = make_metrics(snapshot)
    drawn = _ms(metrics.prepare, 1)
    text = metrics.render("")[0]
    assert text.endswith(by_the_library(snapshot.targets))
    ours = _ms(lambda: _scrape(metrics), REPEATS)
    theirs = _ms(lambda: by_the_library(snapshot.targets), LIBRARY_REPEATS)
    show(
        f"A scrape of {targets:,} targets",
        {
            "series": sum(line[:1] != b"#" for line in text.splitlines()),
            "bytes": len(text),
            "join, median ms": ours,
            "prometheus-client, median ms": theirs,
            "ratio": theirs / ours,
            "longest stall of another thread in a join, ms": statistics.median(
                _longest_stall_ms(lambda: _scrape(metrics)) for _ in range(REPEATS)
            ),
            "the same, prometheus-client, ms": _longest_stall_ms(
                lambda: by_the_library(snapshot.targets)
            ),
            "drawing a target anew, us": drawn / targets * 1e3,
            "looking for new views, none new, ms": _ms(metrics.prepare, REPEATS),
        },
    )

    assert ours <= limit_ms
    assert theirs / ours >= MIN_RATIO
