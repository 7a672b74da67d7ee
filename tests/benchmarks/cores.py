"""Which cores a benchmark has, and who else is using them."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

_STAT = Path("/proc/stat")
#: The columns of /proc/stat that are no work: idle and iowait.
_IDLE_COLUMNS = (3, 4)
_COLUMNS = 8


def allowed_cores() -> list[int]:
    """The cores that this process may use; none are told where the platform knows of no such."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def pin(cores: Iterable[int]) -> None:
    """Let this process run on these cores only, as far as there are any."""
    wanted = set(cores)
    if wanted:
        os.sched_setaffinity(0, wanted)


class Neighbours:
    """How much of this process's cores others used since it was made."""

    def __init__(self) -> None:
        self._begin = (_busy_seconds(), time.process_time(), time.perf_counter())

    def share(self) -> float:
        """The share of the cores' time that was neither idle nor ours; what is not theirs is 0."""
        busy, own, wall = self._begin
        theirs = (_busy_seconds() - busy) - (time.process_time() - own)
        cores = max(len(allowed_cores()), 1)
        return max(theirs / (time.perf_counter() - wall) / cores, 0.0)


def _busy_seconds() -> float:
    if not _STAT.exists():
        return time.process_time()
    names = {f"cpu{core}" for core in allowed_cores()}
    ticks = 0
    for line in _STAT.read_text().splitlines():
        name, *columns = line.split()
        if name in names:
            counts = [int(each) for each in columns[:_COLUMNS]]
            ticks += sum(counts) - sum(counts[each] for each in _IDLE_COLUMNS)
    return ticks / os.sysconf("SC_CLK_TCK")
