"""Pure: samples packed into columns of machine numbers, in the order of their instants.

A `Sample` costs about 160 bytes as an object and 17 in columns; a thousand targets have millions.
"""

from array import array
from bisect import bisect_right
from typing import Self

from monitor.health.stats import Sample

MICRO = 1_000_000
#: Stands in a column of times where there is none.
ABSENT = 0xFFFF_FFFF

VALID, GOOD, EXECUTED, OPENROUTER_VALID, OPENROUTER_GOOD, TOOK_PLACE = (
    1 << bit for bit in range(6)
)


def micros(seconds: float) -> int:
    """Give an instant or a span in whole microseconds."""
    return round(seconds * MICRO)


class Columns:
    """Samples by instant; equal instants stay in the order in which they came.

    Attributes:
        at_us: Microseconds since the epoch, ascending.
        flags: What the sample was: `VALID`, `GOOD` and so on, or-ed.
        ttfts_us: Microseconds, or `ABSENT`.
        durations_us: As `ttfts_us`.
    """

    __slots__ = ("at_us", "durations_us", "flags", "ttfts_us")

    def __init__(self) -> None:
        self.at_us = array("q")
        self.flags = array("B")
        self.ttfts_us = array("I")
        self.durations_us = array("I")

    def insert(self, sample: Sample) -> int:
        """Take in a sample where its instant belongs, mostly at the end; give its place."""
        at_us = micros(sample.at)
        is_newest = not self.at_us or self.at_us[-1] <= at_us
        place = len(self.at_us) if is_newest else bisect_right(self.at_us, at_us)
        self.at_us.insert(place, at_us)
        self.flags.insert(place, _flags(sample))
        self.ttfts_us.insert(place, _time_us(sample.ttft_seconds))
        self.durations_us.insert(place, _time_us(sample.duration_seconds))
        return place

    def after(self, at_us: int) -> int:
        """Give the place of the first sample after an instant."""
        return bisect_right(self.at_us, at_us)

    def drop(self, count: int) -> None:
        """Let go of the oldest samples."""
        for column in (self.at_us, self.flags, self.ttfts_us, self.durations_us):
            del column[:count]

    def cut(self, first: int, last: int) -> Self:
        """Copy the samples from one place up to before another; takes some microseconds."""
        cut = type(self)()
        for name in self.__slots__:
            setattr(cut, name, getattr(self, name)[first:last])
        return cut

    def __getitem__(self, place: int) -> Sample:
        flags = self.flags[place]
        return Sample(
            at=self.at_us[place] / MICRO,
            is_good=bool(flags & GOOD) if flags & VALID else None,
            is_executed=bool(flags & EXECUTED),
            openrouter_good=bool(flags & OPENROUTER_GOOD) if flags & OPENROUTER_VALID else None,
            ttft_seconds=_seconds(self.ttfts_us[place]),
            duration_seconds=_seconds(self.durations_us[place]),
            took_place=bool(flags & TOOK_PLACE),
        )

    def __len__(self) -> int:
        return len(self.at_us)


def _flags(sample: Sample) -> int:
    flags = EXECUTED if sample.is_executed else 0
    flags |= TOOK_PLACE if sample.took_place else 0
    if sample.is_good is not None:
        flags |= VALID | GOOD if sample.is_good else VALID
    if sample.openrouter_good is not None:
        flags |= OPENROUTER_VALID | (OPENROUTER_GOOD if sample.openrouter_good else 0)
    return flags


def _time_us(seconds: float | None) -> int:
    # Four bytes hold 71 minutes; no run lasts as long.
    return ABSENT if seconds is None else min(max(micros(seconds), 0), ABSENT - 1)


def _seconds(time_us: int) -> float | None:
    return None if time_us == ABSENT else time_us / MICRO
