"""Pure: how often values of about the same size came up; quantiles from it err by 1 % at most.

Value v is counted in the lane i for which 1.02^(i-1) < v <= 1.02^i, and every value of a lane is
told as 2 * 1.02^i / 2.02, which is within 0.99 % of each (Masson, Rim, Lee, "DDSketch", VLDB 2019).
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from struct import Struct, pack, unpack, unpack_from
from typing import overload

#: No value is told wrong by a greater share of it.
RELATIVE_ERROR = 0.01
_GAMMA = 1.02
#: Lanes beyond these, of values below a billionth or above a billion, are counted as these.
_FURTHEST_LANE = 1047
#: Where each lane ends; the last one does not.
_ENDS = [_GAMMA**lane for lane in range(-_FURTHEST_LANE, _FURTHEST_LANE)]

#: The first lane, how many lanes there are, and the largest count of one.
_HEAD = Struct("<hHI")
_LETTERS = {1: "B", 2: "H", 4: "I"}
_NARROW, _WIDER, _WIDEST = _LETTERS

#: No lane has so many values: it had to borrow from the next, for more was taken off than it had.
_BORROWED = 1 << 31

#: Lanes as the digits of a number, and the most that one of them may be.
_Number = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sketch:
    """Counts of values by lane, as the bytes that are stored.

    The same values always make the same bytes, in whatever order and by whatever merges they
    came together.

    Attributes:
        data: A head, and the count of each lane from the lowest to the highest that has any, in
            as few bytes each as the largest needs; empty without values. It tells its own length.
    """

    data: bytes = b""

    @classmethod
    def of(cls, values: Iterable[float]) -> "Sketch":
        """Count values; those that are not positive and finite have no lane and are left out."""
        ordered = sorted(value for value in values if 0 < value < math.inf)
        if not ordered:
            return cls()
        first, last = _lane(ordered[0]), _lane(ordered[-1])
        # Lane after lane, not value by value: a tenth of the time.
        upto = [bisect_right(ordered, _ENDS[lane + _FURTHEST_LANE]) for lane in range(first, last)]
        return cls(_pack(first, [b - a for a, b in pairwise([0, *upto, len(ordered)])]))

    @property
    def count(self) -> int:
        """How many values were counted."""
        return sum(_counts(self.data)) if self.data else 0

    def ordered(self) -> "Ordered":
        """Give the values in ascending order, each as it is told."""
        if not self.data:
            return Ordered(0, ())
        return Ordered(_HEAD.unpack_from(self.data)[0], tuple(accumulate(_counts(self.data))))


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
    """Merge sketches as they are stored, at a microsecond each.

    All lanes of a sketch are taken as the digits of one large number, so that the lanes of two
    sketches are added in one addition. Where a digit could run over, wider ones are taken.

    Args:
        stored: Sketches; several may lie in one piece, one behind the other.
    """
    data = b"".join(stored)
    parts = list(_parts(data))
    if len(parts) < 2:  # noqa: PLR2004 - nothing to add
        return Sketch(data)
    first, number = _total(parts)
    return Sketch(_pack(first, _digits(number)))


def merge_less(stored: Iterable[bytes], less: Iterable[bytes]) -> Sketch:
    """Merge sketches as they are stored, and take others off again, as if never counted.

    Args:
        stored: As for `merge_stored`.
        less: Likewise; all their values should be among those of *stored*. What is not is passed
            over.
    """
    whole, part = b"".join(stored), b"".join(less)
    if not (whole and part):
        return merge_stored([whole])
    (first, number), (lane, taken) = _total(_parts(whole)), _total(_parts(part))
    left = number - (taken << 8 * _WIDEST * (lane - first)) if lane >= first else -1
    counts = _digits(left) if left >= 0 else (_BORROWED,)
    if not left:
        return Sketch()
    if max(counts) >= _BORROWED:
        return _subtract(merge_stored([whole]), merge_stored([part]))
    empty = next(place for place, count in enumerate(counts) if count)
    return Sketch(_pack(first + empty, counts[empty:]))


def _total(parts: Iterable[tuple[int, int, int, bytes]]) -> tuple[int, int]:
    """Add sketches up; give the first lane, and all lanes as the widest digits of one number."""
    parts = list(parts)
    first = min(parts)[0]
    numbers: dict[int, list[_Number]] = {width: [] for width in _LETTERS}
    for lane, most, width, lanes in parts:
        aligned = int.from_bytes(lanes, "little") << 8 * width * (lane - first)
        numbers[width].append((aligned, most))
    for width, wider in ((_NARROW, _WIDER), (_WIDER, _WIDEST)):
        numbers[wider] += (
            (_widened(n, width, wider), most) for n, most in _add(numbers[width], width)
        )
    return first, sum(number for number, _ in numbers[_WIDEST])


def _subtract(whole: Sketch, part: Sketch) -> Sketch:
    """Take off lane by lane, from each what it has at most."""
    first, counts = _HEAD.unpack_from(whole.data)[0], list(_counts(whole.data))
    for lane, count in enumerate(_counts(part.data), _HEAD.unpack_from(part.data)[0] - first):
        if 0 <= lane < len(counts):
            counts[lane] = max(counts[lane] - count, 0)
    left = [lane for lane, count in enumerate(counts) if count]
    if not left:
        return Sketch()
    return Sketch(_pack(first + left[0], counts[left[0] : left[-1] + 1]))


def _parts(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Take sketches apart that lie in one piece: first lane, largest count, its bytes, lanes."""
    at = 0
    while at < len(data):
        first, size, most = _HEAD.unpack_from(data, at)
        width = _NARROW if most < 1 << 8 else _width(most)
        begin, at = at + _HEAD.size, at + _HEAD.size + size * width
        yield first, most, width, data[begin:at]


def _add(numbers: Iterable[_Number], width: int) -> Iterator[_Number]:
    """Add numbers up as far as none of their digits can run over."""
    total, most = 0, 0
    for number, its_most in numbers:
        if most + its_most >= 1 << 8 * width:
            yield total, most
            total, most = 0, 0
        total += number
        most += its_most
    yield total, most


def _widened(number: int, width: int, wider: int) -> int:
    """Give the digits of a number more bytes each."""
    size = -(-number.bit_length() // (8 * width))
    narrow, wide = number.to_bytes(size * width, "little"), bytearray(size * wider)
    for byte in range(width):
        wide[byte::wider] = narrow[byte::width]
    return int.from_bytes(wide, "little")


def _digits(number: int) -> Sequence[int]:
    size = -(-number.bit_length() // (8 * _WIDEST))
    lanes = number.to_bytes(size * _WIDEST, "little")
    return unpack(f"<{size}{_LETTERS[_WIDEST]}", lanes)


def _counts(data: bytes) -> Sequence[int]:
    """Take the counts of one sketch, lane after lane."""
    _, size, most = _HEAD.unpack_from(data)
    counts: Sequence[int] = unpack_from(f"<{size}{_LETTERS[_width(most)]}", data, _HEAD.size)
    return counts


def _lane(value: float) -> int:
    return bisect_left(_ENDS, value) - _FURTHEST_LANE


def _pack(first: int, counts: Sequence[int]) -> bytes:
    most = max(counts)
    return pack(f"<hHI{len(counts)}{_LETTERS[_width(most)]}", first, len(counts), most, *counts)


def _width(most: int) -> int:
    """Say how many bytes hold each count, of which the largest is given: 1, 2 or 4."""
    return 1 if most < 1 << 8 else 2 if most < 1 << 16 else 4
