"""The daemon as a process, on a core of its own, and what the kernel tells of it."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.request import urlopen

from tests.e2e.process import CLEAN
from tests.waiting import wait_until

_SERVING = re.compile(rb"serving on http://(\S+)")
_START_SECONDS = 900.0
_STOP_SECONDS = 30.0
_PAGE_BYTES, _TICKS = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
#: Where /proc/PID/stat tells the ticks of user and system and the pages, behind the name.
_USER, _SYSTEM, _PAGES = 11, 12, 21
#: The columns of /proc/stat that are no work: idle and iowait.
_IDLE = (4, 5)


@dataclass(frozen=True, slots=True)
class Usage:
    """What the daemon uses at an instant.

    Attributes:
        at: Seconds of the steady clock.
        user_seconds: CPU in the program since its start.
        system_seconds: CPU in the kernel, for it.
        core_seconds: That its core was busy since the machine's start, for whomever.
        rss_bytes: Resident memory.
    """

    at: float
    user_seconds: float
    system_seconds: float
    core_seconds: float
    rss_bytes: int

    @property
    def cpu_seconds(self) -> float:
        """Both together."""
        return self.user_seconds + self.system_seconds


class Daemon:
    """`monitor run` on one core; the context ends when it has stopped in order.

    Args:
        folder: Holds `monitor.yaml`, and takes the log.
        database: The database's URL.
        core: Where it runs, all its threads; None leaves that open.

    Attributes:
        start_seconds: From the process's begin until it served.
    """

    def __init__(self, folder: Path, database: str, core: int | None) -> None:
        self._folder, self._database, self._core = folder, database, core
        self._log = folder / "monitor.log"
        self.start_seconds = 0.0

    def __enter__(self) -> Self:
        begin = time.monotonic()
        arguments = ("--config", "monitor.yaml", "--database", self._database)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "monitor", "run", *arguments, "--listen", "127.0.0.1:0"],
                cwd=self._folder,
                env=CLEAN | {"PYTHONPATH": str(Path(__file__).parents[2])},
                stdout=log,
                stderr=log,
            )
        if self._core is not None:  # before it has other threads, which inherit it
            os.sched_setaffinity(self._process.pid, {self._core})
        wait_until(lambda: self._address or self._process.poll() is not None, _START_SECONDS)
        assert self._address, self._log.read_text()
        self.start_seconds = time.monotonic() - begin
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        finally:
            self._process.kill()

    @property
    def _address(self) -> str:
        found = _SERVING.search(self._log.read_bytes())
        return found.group(1).decode() if found else ""

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://{self._address}"

    def metrics(self) -> bytes:
        """Scrape."""
        with urlopen(f"{self.url}/metrics", timeout=60) as answer:  # noqa: S310 - our own
            text: bytes = answer.read()
            return text

    def page(self, path: str) -> str:
        """Look at a page."""
        with urlopen(f"{self.url}{path}", timeout=60) as answer:  # noqa: S310 - our own
            text: bytes = answer.read()
            return text.decode()

    def usage(self) -> Usage:
        """Ask the kernel."""
        text = Path(f"/proc/{self._process.pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return Usage(
            at=time.monotonic(),
            user_seconds=int(fields[_USER]) / _TICKS,
            system_seconds=int(fields[_SYSTEM]) / _TICKS,
            core_seconds=_busy_seconds(self._core),
            rss_bytes=int(fields[_PAGES]) * _PAGE_BYTES,
        )

    def peak_bytes(self) -> int:
        """The most memory that it ever had."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found.group(1)) * 1024 if found else 0


def _busy_seconds(core: int | None) -> float:
    name = "cpu" if core is None else f"cpu{core}"
    for line in Path("/proc/stat").read_text().splitlines():
        columns = line.split()
        if columns[0] == name:
            # What guests took (the last two columns) is told among the first ones, too.
            idle = sum(int(columns[each]) for each in _IDLE)
            return (sum(map(int, columns[1:9])) - idle) / _TICKS
    return 0.0
