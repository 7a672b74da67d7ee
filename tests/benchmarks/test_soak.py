"""Scrapes beside runs: 2,000 targets at a minute, all series, a scrape each second.

Turns of 10 s with scrapes and without take each other's place, so that what else the machine does
falls on both. With the kernel's stamps no wait of ours is in any time; how long reads waited is
told as observation delay. Without them it is in the TTFT, and so would a scrape's be.
"""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from monitor.probes.network.arrival import Arrivals
from tests.benchmarks.cores import allowed_cores
from tests.benchmarks.effort import REPETITIONS, effort
from tests.benchmarks.errors import Errors, spread
from tests.benchmarks.load import Open, play
from tests.benchmarks.scraping import Scrape, Scraper, scraper
from tests.benchmarks.script import Script
from tests.benchmarks.server import Row, Server, show, truth_server
from tests.benchmarks.surfaces import Recording, Surfaces, surfaces

pytestmark = pytest.mark.timeout(1800)

SCRIPT = Script(sends=(1,) * 16)
CORES = allowed_cores()
TARGETS = effort(2_000, 200)
SCRAPE_EVERY_SECONDS = 1.0
LOAD = Open(per_second=TARGETS / 60, seconds=effort(10, 5))
MAX_MOVE_MS = 2.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with truth_server(llm=SCRIPT) as running:
        yield running


@pytest.fixture(scope="module")
def shown(server: Server) -> Iterator[Surfaces]:
    with surfaces(TARGETS, server.base_url("llm")) as ready:
        yield ready


@pytest.fixture(scope="module")
def scraping(shown: Surfaces) -> Iterator[Scraper]:
    with scraper(shown.url, SCRAPE_EVERY_SECONDS, CORES[:1]) as ready:
        yield ready


@dataclass
class Turns:
    """What the turns of one sort showed.

    Attributes:
        errors: Of the TTFT.
        waits_ms: Observation delays, turn by turn.
        scrapes: Of all turns.
        neighbours: The share of our core that others used, turn by turn.
    """

    errors: Errors = field(default_factory=Errors)
    waits_ms: list[list[float]] = field(default_factory=list)
    scrapes: list[Scrape] = field(default_factory=list)
    neighbours: list[float] = field(default_factory=list)

    def take(self, server: Server, shown: Surfaces, *, is_stamped: bool) -> None:
        """Take one turn."""
        client = Recording(shown, Arrivals(is_wanted=is_stamped))
        server.told()
        played = play(client, LOAD)
        self.errors.take(played.timed, server.told().by_request)
        delays = (each.observation_delay_seconds for each in client.results)
        self.waits_ms.append([delay * 1e3 for delay in delays if delay is not None])
        self.neighbours.append(played.neighbours)

    def waited_ms(self, q: float) -> float | None:
        """The *q* quantile of the observation delays: the median of the turns."""
        return statistics.median(spread(self.waits_ms, q)) if all(self.waits_ms) else None

    def row(self) -> Row:
        """The columns of a table."""
        told = self.errors.row()
        return {
            "runs": told["runs"],
            "failed": told["failed"],
            "tainted": told["tainted"],
            "scrapes": len(self.scrapes),
            "scrape MB": max((each.size for each in self.scrapes), default=0) / 1e6,
            "scrape median ms": statistics.median(each.seconds * 1e3 for each in self.scrapes)
            if self.scrapes
            else None,
            "observation delay median ms": self.waited_ms(0.5),
            "observation delay p99 ms": self.waited_ms(0.99),
            "TTFT error median ms": told["median ms"],
            "TTFT error p99 ms": told["p99 ms"],
            "p99 least": told["p99 least"],
            "p99 most": told["p99 most"],
            "p99 untainted": told["p99 untainted"],
            "neighbours": max(self.neighbours),
        }


def _compare(
    server: Server, shown: Surfaces, scraping: Scraper, *, is_stamped: bool
) -> tuple[Turns, Turns]:
    """Take turns without and with scrapes."""
    quiet, scraped = Turns(), Turns()
    for _ in range(REPETITIONS):
        quiet.take(server, shown, is_stamped=is_stamped)
        with scraping.at_work() as scrapes:
            scraped.take(server, shown, is_stamped=is_stamped)
        scraped.scrapes += scrapes
    stamps = "kernel stamps" if is_stamped else "no stamps"
    show(
        f"{TARGETS:,} targets, a scrape each {SCRAPE_EVERY_SECONDS:.0f} s, {stamps}",
        [{"turns": "quiet", **quiet.row()}, {"turns": "scraped", **scraped.row()}],
    )
    return quiet, scraped


def test_with_kernel_stamps_scrapes_hardly_delay_our_reading(
    server: Server, shown: Surfaces, scraping: Scraper
) -> None:
    quiet, scraped = _compare(server, shown, scraping, is_stamped=True)

    assert scraped.errors.failed == 0
    before, beside = quiet.waited_ms(0.99), scraped.waited_ms(0.99)
    assert before is not None
    assert beside is not None
    assert beside - before <= MAX_MOVE_MS


def test_without_stamps_scrapes_hardly_move_the_ttft(
    server: Server, shown: Surfaces, scraping: Scraper
) -> None:
    quiet, scraped = _compare(server, shown, scraping, is_stamped=False)

    assert scraped.errors.failed == 0
    assert scraped.errors.at(0.99) - quiet.errors.at(0.99) <= MAX_MOVE_MS
