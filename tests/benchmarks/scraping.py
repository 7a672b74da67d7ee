"""A scraper in a process and on a core of its own."""

import contextlib
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from urllib.request import urlopen

from tests.benchmarks.cores import pin


@dataclass(frozen=True, slots=True)
class Scrape:
    """One look at /metrics.

    Attributes:
        seconds: How long it took.
        size: Bytes of the text.
    """

    seconds: float
    size: int


@dataclass(frozen=True)
class Scraper:
    """Scrapes only while it is told to.

    Attributes:
        pipe: To its process.
    """

    pipe: Connection

    @contextlib.contextmanager
    def at_work(self) -> Iterator[list[Scrape]]:
        """Scrape during the block; the list is filled when it ends."""
        scrapes: list[Scrape] = []
        self.pipe.send("go")
        yield scrapes
        self.pipe.send("rest")
        scrapes.extend(self.pipe.recv())


@contextlib.contextmanager
def scraper(url: str, every_seconds: float, cores: Sequence[int]) -> Iterator[Scraper]:
    """Start a process that is ready to scrape a URL at an interval."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    arguments = (url, every_seconds, tuple(cores), theirs)
    process = context.Process(target=_serve, args=arguments, daemon=True)
    process.start()
    theirs.close()
    try:
        assert ours.recv() == "ready"
        yield Scraper(ours)
    finally:
        with contextlib.suppress(OSError):
            ours.send("stop")
        process.join(timeout=10)


def _serve(url: str, every_seconds: float, cores: Sequence[int], pipe: Connection) -> None:
    pin(cores)
    pipe.send("ready")
    while pipe.recv() == "go":
        scrapes = []
        while not pipe.poll(0):
            begin = time.monotonic()
            with urlopen(url, timeout=60) as answer:  # noqa: S310 - our own
                size = len(answer.read())
            took = time.monotonic() - begin
            scrapes.append(Scrape(took, size))
            pipe.poll(max(every_seconds - took, 0.0))
        pipe.recv()
        pipe.send(scrapes)
