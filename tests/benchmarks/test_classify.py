"""What it costs to classify one answer that failed, by what its body looks like."""

import statistics
import time
from collections import defaultdict

from monitor.health.stats import quantile
from monitor.probes.classify import classify
from monitor.probes.exchange import Exchange, Read
from monitor.probes.reading import Reading
from tests.benchmarks.server import show
from tests.unit.probes.rules.test_table import EXAMPLES, exchange_of
from tests.unit.probes.test_exchanges import PATHS, load

MEDIAN_US = 200.0
REPEATS = 25
#: An exchange, what its dialect read of it, and who answered.
Work = tuple[Exchange, Reading | None, str | None]


def _recorded() -> list[Work]:
    work: list[Work] = []
    for path in PATHS:
        case = load(path)
        reads = (Read(1, case.body),) if case.body else ()
        exchange = Exchange(status=case.status, headers=case.headers, reads=reads)
        reading = case.read(reads).reading(exchange)
        if not classify(exchange, reading).is_good:
            work.append((exchange, reading, None))
    return work


def _examples() -> list[Work]:
    return [
        (
            exchange_of(example),
            Reading(malformed="strange", events=1) if example["status"] == 200 else None,
            example.get("provider"),
        )
        for example in EXAMPLES
    ]


def _form(exchange: Exchange) -> str:
    start = exchange.body.lstrip()[:6]
    if not start:
        return "empty"
    if start[:1] in b"{[":
        return "json"
    if start[:1] == b"<":
        return "page"
    return "events" if start.startswith((b"data:", b"event:")) else "text or frames"


def _cost_us(work: Work) -> float:
    exchange, reading, provider = work
    costs = []
    for _ in range(REPEATS):
        begin = time.perf_counter_ns()
        classify(exchange, reading, provider=provider)
        costs.append(time.perf_counter_ns() - begin)
    return statistics.median(costs) / 1e3


def test_a_failure_is_classified_in_less_than_200_microseconds() -> None:
    costs: defaultdict[str, list[float]] = defaultdict(list)
    for work in (*_recorded(), *_examples()):
        cost = _cost_us(work)
        costs[_form(work[0])].append(cost)
        costs["all"].append(cost)
    figures: dict[str, float | int | None] = {}
    for form, each in sorted(costs.items()):
        figures[f"{form}: answers"] = len(each)
        figures[f"{form}: median us"] = statistics.median(each)
        figures[f"{form}: p95 us"] = quantile(sorted(each), 0.95, 1)
    show("classifying one failure", figures)

    assert statistics.median(costs["all"]) <= MEDIAN_US
