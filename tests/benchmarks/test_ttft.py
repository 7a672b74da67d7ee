"""How near the measured TTFT is to the truth, beside what httpx alone would tell."""

from collections.abc import Iterator

import pytest

from tests.benchmarks.clients import PROBER, ByHttpx, ByProber, Client
from tests.benchmarks.effort import REPETITIONS, effort
from tests.benchmarks.errors import Conditions, Errors, by_client
from tests.benchmarks.load import Closed, Load, Open, play
from tests.benchmarks.script import Script
from tests.benchmarks.server import Row, Server, show, truth_server

pytestmark = pytest.mark.timeout(1800)

SCRIPT = Script()
MEDIAN_MS, P99_MS = 0.1, 1.0
#: Streams at a time, and how many runs each of them makes.
CLOSED = ((1, effort(10, 3)), (20, effort(4)), (100, effort(2)), (400, effort(2)))
OPEN = Open(per_second=100, seconds=effort(8, 2))
#: At 400 streams the loop of one core is full, whoever reads them; the figure is shown only.
BOUND_STREAMS = 100


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with truth_server(llm=SCRIPT) as running:
        yield running


def _clients(server: Server, *, tls: bool) -> tuple[Client, ...]:
    return ByProber(server, "llm", tls=tls), ByHttpx(server, "llm", tls=tls)


def _compare(server: Server, load: Load, *, tls: bool) -> tuple[list[Row], Errors]:
    """Let the clients take turns under a load; give a row for each, and our errors."""
    errors: dict[str, Errors] = {}
    conditions = Conditions()
    server.told()
    for _ in range(REPETITIONS):
        for client in _clients(server, tls=tls):
            played = play(client, load)
            told = server.told()
            conditions.take(told, played)
            for name, timed in by_client(played.timed).items():
                errors.setdefault(name, Errors()).take(timed, told.by_request)
    what = f"{load}, {'TLS' if tls else 'plain'}"
    rows: list[Row] = [
        {"load": what, "client": name, **each.row(), **conditions.row()}
        for name, each in errors.items()
    ]
    return rows, errors[PROBER]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_ttft_of_many_streams_at_a_time_is_the_truth(server: Server, tls: bool) -> None:
    rows, medians = [], {}
    for streams, runs_each in CLOSED:
        load = Closed(streams, runs_each, spread_seconds=SCRIPT.seconds)
        told, ours = _compare(server, load, tls=tls)
        rows += told
        medians[streams] = ours.at(0.5)
    show("error of TTFT by streams at a time", rows)

    bound = {streams: each for streams, each in medians.items() if streams <= BOUND_STREAMS}
    assert max(bound.values()) <= MEDIAN_MS, bound


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_ttft_of_100_runs_a_second_is_the_truth(server: Server, tls: bool) -> None:
    rows, ours = _compare(server, OPEN, tls=tls)
    show("error of TTFT at a rate", rows)

    assert ours.failed == 0
    assert ours.at(0.5) <= MEDIAN_MS
    assert ours.at(0.99) <= P99_MS
