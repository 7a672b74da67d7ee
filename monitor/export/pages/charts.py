"""Pure: the geometry of the charts; what is drawn with it stands in `templates/charts.html`.

A chart is so many units wide and high that its words can be read on a telephone, too.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDTH, HEIGHT = 420.0, 180.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 20.0, 10.0, 24.0
_INNER_WIDTH, _INNER_HEIGHT = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
#: As many lines across, or a few less.
_TICKS = 4
#: A step between them is no smaller.
_LEAST = 1e-12
#: So many lines are told apart by how they are dashed and marked.
LOOKS = 6
_SPARK_WIDTH, _SPARK_HEIGHT = 96.0, 22.0


class Tick(NamedTuple):
    """A mark of an axis: where it stands, and what is written there."""

    place: float
    words: str


class Box(NamedTuple):
    """A bar of a chart, with its words."""

    x: float
    y: float
    width: float
    height: float
    look: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a chart.

    Attributes:
        name: What it shows.
        look: Which of the looks it has, from 0 on.
        path: Through all points that are known; gaps stay open.
        points: Where the known points are.
    """

    name: str
    look: int
    path: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart, ready to be drawn; the table behind it has the same figures.

    Attributes:
        id: Names it in the page.
        title: What it shows, with the unit.
        x_ticks: Marks below.
        y_ticks: Lines across.
        lines: If it is one of lines.
        boxes: If it is one of bars.
        head: Of the table.
        rows: Of the table; the first of each names the row.
    """

    id: str
    title: str
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick]
    lines: Sequence[Line] = ()
    boxes: Sequence[Box] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


class Axis(NamedTuple):
    """A scale from bottom to top.

    Attributes:
        low: The value at the bottom.
        high: The value at the top.
        ticks: Lines across.
    """

    low: float
    high: float
    ticks: Sequence[Tick]

    def place(self, value: float) -> float:
        """Say how far down a value stands."""
        share = (value - self.low) / (self.high - self.low)
        return round(_TOP + _INNER_HEIGHT * (1 - min(max(share, 0.0), 1.0)), 1)


def axis(values: Iterable[float], write: Callable[[float], str], low: float = 0.0) -> Axis:
    """Choose round numbers that hold all values.

    >>> axis([0.0, 0.9], str).high, axis([], str).high
    (1.0, 1.0)
    """
    most = max(values, default=low)
    step = _step((most - low) / _TICKS) if most > low else (1.0 - low or 1.0) / _TICKS
    count = max(math.ceil((most - low) / step - 1e-9), 1) if most > low else _TICKS
    scale = Axis(low, low + count * step, ())
    marks = [low + number * step for number in range(count + 1)]
    return scale._replace(ticks=[Tick(scale.place(each), write(each)) for each in marks])


def _step(rough: float) -> float:
    """Round up to 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(max(rough, _LEAST)))
    return next(each * power for each in (1, 2, 5, 10) if each * power >= rough * (1 - 1e-9))


def column(number: int, count: int) -> float:
    """Say where the middle of a column is."""
    return round(_LEFT + _INNER_WIDTH * (number + 0.5) / count, 1)


def x_ticks(words: Sequence[str], every: int) -> Sequence[Tick]:
    """Mark each so many columns, the last one for certain."""
    last = len(words) - 1
    return [
        Tick(column(number, len(words)), each)
        for number, each in enumerate(words)
        if (last - number) % every == 0
    ]


def line(name: str, look: int, values: Sequence[float | None], scale: Axis) -> Line:
    """Draw a line through what is known."""
    points: list[tuple[float, float]] = []
    path, is_on = [], False
    for number, value in enumerate(values):
        if value is None:
            is_on = False
            continue
        x, y = column(number, len(values)), scale.place(value)
        points.append((x, y))
        path.append(f"{'L' if is_on else 'M'}{x:g} {y:g}")
        is_on = True
    return Line(name=name, look=look % LOOKS, path="".join(path), points=points)


class Part(NamedTuple):
    """A part of a column: its size, its look, and its words."""

    value: float
    look: str
    words: str


def boxes(columns: Sequence[Sequence[Part]], scale: Axis) -> Sequence[Box]:
    """Draw bars, the parts of each on top of each other."""
    found = []
    width = round(_INNER_WIDTH / max(len(columns), 1) * 0.72, 1)
    for number, parts in enumerate(columns):
        x, below = round(column(number, len(columns)) - width / 2, 1), scale.low
        for value, look, words in parts:
            top, bottom = scale.place(below + value), scale.place(below)
            height = max(round(bottom - top, 1), 1.0)
            found.append(Box(x, round(bottom - height, 1), width, height, look, words))
            below += value
    return found


def spark(values: Sequence[float | None]) -> str:
    """Draw a small line from 0 to the highest value; gaps stay open, a lone point is a dash.

    >>> spark([None, 1.0, 2.0])
    'M48 12L96 2'
    """
    known = [each for each in values if each is not None]
    if not known:
        return ""
    most = max(known) or 1.0
    step = _SPARK_WIDTH / max(len(values) - 1, 1)
    path, is_on = [], False
    for number, value in enumerate(values):
        if value is None:
            is_on = False
            continue
        x = round(number * step)
        y = round(_SPARK_HEIGHT - (_SPARK_HEIGHT - 2) * value / most)
        has_next = number + 1 < len(values) and values[number + 1] is not None
        path.append(f"{'L' if is_on else 'M'}{x} {y}" + ("" if is_on or has_next else "h2"))
        is_on = True
    return "".join(path)
