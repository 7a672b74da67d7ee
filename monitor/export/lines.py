"""How a sample is written: one line, the same in all formats that scrapers ask for.

A line is a frame, which is one for all targets, with the target's names and the number put in.
That is 20 times faster than to sort, escape and join the labels of each sample.
"""

from bisect import bisect_left
from typing import Any, Generic

from prometheus_client.utils import floatToGoString

from monitor.export.series import SHOWN_ENDS, TARGET_LABELS, Family, Key, S
from monitor.model.detail import Detail
from monitor.model.snapshot import DURATION_BUCKETS
from monitor.model.target import Target

#: The values of `TARGET_LABELS`, escaped.
Names = tuple[str, str, str]
#: What stands before, between and after them.
_Frame = tuple[str, str, str, str]
#: What is put into lines, and at which place.
Mark = tuple[int, bytes]

#: So many frames of a family are kept; those of descriptions are as many as there are targets.
_MAX_FRAMES = 500
#: From here on Go writes an exponent.
_EXPONENT_FROM = 1e6


def names_of(target: Target) -> Names:
    """Escape what every series of a target is labelled with."""
    return escaped(target.model), escaped(target.provider), escaped(target.key)


def figure(number: float) -> str:
    """Write a number as Go's `strconv` does.

    >>> figure(27), figure(0.25), figure(True), figure(1234567), figure(float("inf"))
    ('27.0', '0.25', '1.0', '1.234567e+06', '+Inf')
    """
    if -_EXPONENT_FROM < number < _EXPONENT_FROM:
        return f"{number}.0" if type(number) is int else repr(float(number))
    text: str = floatToGoString(number)  # type: ignore[no-untyped-call]
    return text


class Lines(Generic[S]):
    """Writes a target's lines of one family; may be used from several threads.

    Args:
        family: Which series there are.
        detail: Which of them are written.
    """

    def __init__(self, family: Family[S], detail: Detail = Detail.FULL) -> None:
        self._rows, self._exemplar = family.rows, family.exemplar
        self._frames = _Frames(family, detail)
        self._ends = SHOWN_ENDS if detail is Detail.DEFAULT else DURATION_BUCKETS

    def of(self, names: Names, source: S) -> bytes:
        """Write all series of a target; empty if it has none.

        Args:
            names: The target's, from `names_of`.
            source: What the family draws its numbers from.
        """
        model, provider, target = names
        frames = self._frames
        lines = [
            f"{frame[0]}{model}{frame[1]}{provider}{frame[2]}{target}{frame[3]}{figure(number)}\n"
            for key, number in self._rows(source)
            if (frame := frames[key])
        ]
        # A lone surrogate in one target's name may not take all the others off the page.
        return "".join(lines).encode(errors="replace")

    def mark(self, source: S, text: bytes) -> Mark | None:
        """Say what OpenMetrics adds: the newest run that the histogram counted, at its bucket.

        Args:
            source: What the family draws its numbers from.
            text: All its lines, from `of`, of which those of the buckets come first.
        """
        newest = self._exemplar(source) if self._exemplar else None
        if newest is None:
            return None
        place = -1
        for _ in range(bisect_left(self._ends, newest.value) + 1):
            place = text.index(b"\n", place + 1)
        told = f' # {{result_id="{newest.result_id}"}} {figure(newest.value)} {newest.at}'
        return place, told.encode()


class _Frames(dict[Key, _Frame | None]):
    """The frames of a family, made when they are first asked for; None for what is not written."""

    def __init__(self, family: Family[Any], detail: Detail) -> None:
        super().__init__()
        self._family, self._detail = family, detail
        self._name, self._labels = family.name, family.labels

    def __missing__(self, key: Key) -> _Frame | None:
        frame = self._frame(key) if self._family.has(key, self._detail) else None
        if len(self) < _MAX_FRAMES:
            self[key] = frame
        return frame

    def _frame(self, key: Key) -> _Frame:
        suffix, *values = key
        # A sum or a count of a histogram has no values.
        told = dict(zip(self._labels, values, strict=False))
        parts = [f"{self._name}{suffix}{{"]
        for name in sorted({*told, *TARGET_LABELS}):
            if name in told:
                parts[-1] += f'{name}="{escaped(told[name])}",'
            else:
                parts[-1] += f'{name}="'
                parts.append('",')
        before, left, right, after = parts
        return before, left, right, after.removesuffix(",") + "} "


def escaped(value: str) -> str:
    """Write the value of a label."""
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
