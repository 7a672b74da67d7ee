"""A daemon at work for some minutes: scraped, and asked for what it uses, all the while."""

import statistics
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime

from monitor.model.clock import SystemClock
from tests.benchmarks.daemon import Daemon, Usage
from tests.benchmarks.exposition import Buckets, missed
from tests.benchmarks.server import Row, Server
from tests.benchmarks.truth import Truth

SCRAPE_SECONDS = 15.0
_LOOK_SECONDS = 1.0
_GRACE_SECONDS = 2.0
_MB = 1e6


@dataclass
class Watched:
    """What was seen of a daemon at work.

    Attributes:
        begin_at: When the watching began.
        end_at: When it ended.
        usages: Second by second.
        scrapes_ms: How long each scrape took.
        scrape_bytes: Of the newest.
        first: The first exposition.
        last: The last one.
        peak_bytes: The most memory that it ever had, its start included.
        truths: What the server told of each answer, by request.
    """

    begin_at: datetime
    end_at: datetime
    usages: list[Usage] = field(default_factory=list)
    scrapes_ms: list[float] = field(default_factory=list)
    first: bytes = b""
    last: bytes = b""
    peak_bytes: int = 0
    truths: dict[str, Truth] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long it was watched."""
        return self.usages[-1].at - self.usages[0].at

    @property
    def cpu_seconds(self) -> float:
        """What the daemon used meanwhile."""
        return self.usages[-1].cpu_seconds - self.usages[0].cpu_seconds

    @property
    def system_share(self) -> float:
        """The share of that which the kernel took."""
        system = self.usages[-1].system_seconds - self.usages[0].system_seconds
        return system / self.cpu_seconds

    @property
    def neighbours(self) -> float:
        """The share of its core that others used meanwhile."""
        busy = self.usages[-1].core_seconds - self.usages[0].core_seconds
        return max(busy - self.cpu_seconds, 0.0) / self.seconds

    def rss_bytes(self, begin: float, end: float) -> float:
        """The mean resident memory between two moments, in shares of the time."""
        first = self.usages[0].at
        least, most = first + begin * self.seconds, first + end * self.seconds
        return statistics.mean(each.rss_bytes for each in self.usages if least <= each.at <= most)

    def row(self, runs: int) -> Row:
        """The columns of a table, for so many runs."""
        delay = self._buckets("schedule_delay_seconds")
        lag = self._buckets("event_loop_lag_seconds")
        return {
            "CPU, share of the core": self.cpu_seconds / self.seconds,
            "CPU a run ms": self.cpu_seconds * 1e3 / runs,
            "the kernel's share of it": self.system_share,
            "neighbours on the core": self.neighbours,
            "peak RSS MB": self.peak_bytes / _MB,
            "scrape MB": len(self.last) / _MB,
            "scrape median ms": statistics.median(self.scrapes_ms),
            "schedule delay p99, of /metrics, at most ms": delay.at_most_ms(0.99),
            "loop lag of a second, median at most ms": lag.at_most_ms(0.5),
            "loop lag of a second, p99 at most ms": lag.at_most_ms(0.99),
            "missed, of /metrics": missed(self.last),
        }

    def _buckets(self, name: str) -> Buckets:
        return Buckets.read(self.last, name).since(Buckets.read(self.first, name))


def watch(daemon: Daemon, server: Server, seconds: float) -> Watched:
    """Watch for so long."""
    clock, never = SystemClock(), threading.Event()
    watched = Watched(begin_at=clock.now(), end_at=clock.now(), first=daemon.metrics())
    begin = time.monotonic()
    next_scrape = begin
    while (now := time.monotonic()) < begin + seconds:
        watched.usages.append(daemon.usage())
        if now >= next_scrape:
            next_scrape += SCRAPE_SECONDS
            _scrape(watched, daemon)
            watched.truths |= server.told().by_request
        never.wait(_LOOK_SECONDS)
    watched.usages.append(daemon.usage())
    watched.last = daemon.metrics()
    watched.truths |= server.told().by_request
    watched.end_at, watched.peak_bytes = clock.now(), daemon.peak_bytes()
    never.wait(_GRACE_SECONDS)  # so that the last slots are run before the daemon is stopped
    return watched


def _scrape(watched: Watched, daemon: Daemon) -> None:
    begin = time.monotonic()
    watched.last = daemon.metrics()
    watched.scrapes_ms.append((time.monotonic() - begin) * 1e3)
