"""Pure: how often values of about the same size came up; quantiles from it err by 1 % at most.

Value v is counted in the lane i for which 1.02^(i-1) < v <= 1.02^i, and every value of a lane is
told as 2 * 1.02^i / 2.02, which is within 0.99 % of each (Masson, Rim, Lee, "DDSketch", VLDB 2019).
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from struct import Struct, pack, unpack
from typing import overload

#: No value is told wrong by a greater share of it.
RELATIVE_ERROR = 0.01
_GAMMA = 1.02
_LOG_GAMMA = math.log(_GAMMA)
#: Lanes beyond these, of values below a billionth or above a billion, are counted as these.
_FURTHEST_LANE = 1047

#: The first lane, the bytes of a lane, and how many values there are.
_HEAD = Struct("<hBI")
_LETTERS = {1: "B", 2: "H", 4: "I"}


@dataclass(frozen=True, slots=True)
class Sketch:
    """Counts of values by lane, as the bytes that are stored.

    The same values always make the same bytes, in whatever order and by whatever merges they
    came together.

    Attributes:
        data: A head, and the count of each lane from the lowest to the highest that has any, in
            as few bytes each as the largest needs; empty without values.
    """

    data: bytes = b""

    @classmethod
    def of(cls, values: Iterable[float]) -> "Sketch":
        """Count values; those that are not positive and finite have no lane and are left out."""
        lanes = Counter(_lane(value) for value in values if 0 < value < math.inf)
        if not lanes:
            return cls()
        first = min(lanes)
        return cls(_pack(first, [lanes[lane] for lane in range(first, max(lanes) + 1)]))

    @property
    def count(self) -> int:
        """How many values were counted."""
        return _HEAD.unpack_from(self.data)[2] if self.data else 0

    def ordered(self) -> "Ordered":
        """Give the values in ascending order, each as it is told."""
        if not self.data:
            return Ordered(0, ())
        first, width, _ = _HEAD.unpack_from(self.data)
        size = (len(self.data) - _HEAD.size) // width
        counts = unpack(f"<{size}{_LETTERS[width]}", self.data[_HEAD.size :])
        return Ordered(first, tuple(accumulate(counts)))


class Ordered(Sequence[float]):
    """The values of a sketch in ascending order, so that quantiles are taken as of any others.

    Args:
        first: The lowest lane.
        ends: How many values there are up to and with each lane.
    """

    __slots__ = ("_ends", "_first")

    def __init__(self, first: int, ends: Sequence[int]) -> None:
        self._first, self._ends = first, ends

    @overload
    def __getitem__(self, place: int) -> float: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[float]: ...
    def __getitem__(self, place: int | slice) -> float | Sequence[float]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            raise IndexError(place)
        lane = self._first + bisect_right(self._ends, place)
        return float(2 * _GAMMA**lane / (1 + _GAMMA))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0


def merge(sketches: Iterable[Sketch]) -> Sketch:
    """Count the values of all sketches together."""
    return merge_stored(sketch.data for sketch in sketches)


def merge_stored(stored: Iterable[bytes]) -> Sketch:
    """Merge sketches as they are stored, at some microseconds each.

    All lanes of a sketch are taken as the digits of one large number, wide enough for the sum of
    all counts, so that the lanes of two sketches are added in one addition.
    """
    parts = [(*_HEAD.unpack_from(data), data) for data in stored if data]
    if len(parts) < 2:  # noqa: PLR2004 - nothing to add
        return Sketch(parts[0][3] if parts else b"")
    first = min(part[0] for part in parts)
    width = _width(sum(part[2] for part in parts))
    total = 0
    for begin, narrow, _, data in parts:
        wide = bytearray((len(data) - _HEAD.size) // narrow * width)
        for byte in range(narrow):
            wide[byte::width] = data[_HEAD.size + byte :: narrow]
        total += int.from_bytes(wide, "little") << 8 * width * (begin - first)
    size = -(-total.bit_length() // (8 * width))
    return Sketch(
        _pack(first, unpack(f"<{size}{_LETTERS[width]}", total.to_bytes(size * width, "little")))
    )


def _lane(value: float) -> int:
    return max(min(math.ceil(math.log(value) / _LOG_GAMMA), _FURTHEST_LANE), -_FURTHEST_LANE)


def _pack(first: int, counts: Sequence[int]) -> bytes:
    width = _width(max(counts))
    lanes = pack(f"<{len(counts)}{_LETTERS[width]}", *counts)
    return _HEAD.pack(first, width, sum(counts)) + lanes


def _width(count: int) -> int:
    """Say how many bytes hold a count: 1, 2 or 4."""
    return next((width for width in (1, 2) if count < 1 << 8 * width), 4)
