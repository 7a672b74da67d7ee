"""How a sample is written: one line, the same in all formats that scrapers ask for.

A line is a frame, which is one for all targets, with the target's names and the number put in.
That is 20 times faster than to sort, escape and join the labels of each sample.
"""

from typing import Generic

from prometheus_client.utils import floatToGoString

from monitor.export.series import TARGET_LABELS, Family, Key, S
from monitor.model.target import Target

#: The values of `TARGET_LABELS`, escaped.
Names = tuple[str, str, str]
#: What stands before, between and after them.
_Frame = tuple[str, str, str, str]

#: So many frames of a family are kept; those of descriptions are as many as there are targets.
_MAX_FRAMES = 500
#: From here on Go writes an exponent.
_EXPONENT_FROM = 1e6


def names_of(target: Target) -> Names:
    """Escape what every series of a target is labelled with."""
    return _escaped(target.model), _escaped(target.provider), _escaped(target.key)


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
    """Writes a target's lines of one family; may be used from several threads."""

    def __init__(self, family: Family[S]) -> None:
        self._rows = family.rows
        self._frames = _Frames(family)

    def of(self, names: Names, source: S) -> bytes:
        """Write all series of a target; empty if it has none.

        Args:
            names: The target's, from `names_of`.
            source: What the family draws its numbers from.
        """
        model, provider, target = names
        frames = self._frames
        lines = [
            f"{before}{model}{left}{provider}{right}{target}{after}{figure(number)}\n"
            for key, number in self._rows(source)
            for before, left, right, after in (frames[key],)
        ]
        # A lone surrogate in one target's name may not take all the others off the page.
        return "".join(lines).encode(errors="replace")


class _Frames(dict[Key, _Frame]):
    """The frames of a family, made when they are first asked for."""

    def __init__(self, family: Family[S]) -> None:
        super().__init__()
        self._name, self._labels = family.name, family.labels

    def __missing__(self, key: Key) -> _Frame:
        frame = self._frame(key)
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
                parts[-1] += f'{name}="{_escaped(told[name])}",'
            else:
                parts[-1] += f'{name}="'
                parts.append('",')
        before, left, right, after = parts
        return before, left, right, after.removesuffix(",") + "} "


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
