"""How long the benchmarks take: minutes, or seconds with `BENCH_EFFORT=small` to try them out."""

import os

#: The figures of a small effort show that a benchmark works, and nothing more.
IS_SMALL = os.environ.get("BENCH_EFFORT") == "small"
REPETITIONS = 1 if IS_SMALL else 3


def effort(whole: int, small: int = 1) -> int:
    """Give a number of runs or seconds, by the effort that was asked for."""
    return small if IS_SMALL else whole
