"""Pure: runs taken apart, all on one scale."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.export.pages.charts import Tick, axis
from monitor.export.pages.words import NOTHING, moment, seconds
from monitor.model.result import Measurement, Result

#: A waterfall is so wide.
_WIDE = 600.0

#: The parts of a run, in order: what they are called, and what they are.
PHASES = (
    ("dns", "DNS"),
    ("connect", "connect"),
    ("tls", "TLS"),
    ("first_byte", "first byte"),
    ("first_token", "first token"),
    ("stream", "stream"),
)


class Phase(NamedTuple):
    """A part of a run: where it begins and how long it is, on a scale of `_WIDE`."""

    name: str
    x: float
    width: float


class Waterfall(NamedTuple):
    """A run, taken apart.

    Attributes:
        at: When it began.
        outcome: What it ended in.
        phases: Its parts, in order.
        cells: The same in figures, in the order of `PHASES`; then the whole.
    """

    at: str
    outcome: str
    phases: Sequence[Phase]
    cells: Sequence[str]


def waterfalls(runs: Sequence[Result], now: datetime) -> tuple[Sequence[Waterfall], Sequence[Tick]]:
    """Take runs apart, all on one scale; give its marks, too."""
    parts = [(each, phases(each.measurement)) for each in runs]
    longest = max((sum(known.values()) for _, known in parts), default=0.0)
    if not longest:
        return [], []
    scale = axis([longest], seconds)
    marks = [
        Tick(round(_WIDE * number / (len(scale.ticks) - 1), 1), each.words)
        for number, each in enumerate(scale.ticks)
    ]
    return [_waterfall(each, known, _WIDE / scale.high, now) for each, known in parts], marks


def phases(measured: Measurement) -> Mapping[str, float]:
    """Say how long each part of a run took, in seconds; what was not measured is left out."""
    told = {
        name: value
        for name in ("dns", "connect", "tls")
        if (value := getattr(measured, f"{name}_seconds")) is not None
    }
    # From here on instants count from the request; a part that is missing belongs to the next.
    ends = (measured.first_byte_seconds, measured.ttft_seconds, measured.duration_seconds)
    begin = 0.0
    for name, end in zip(("first_byte", "first_token", "stream"), ends, strict=True):
        if end is not None:
            told[name] = max(end - begin, 0.0)
            begin = max(end, begin)
    return told


def _waterfall(
    result: Result, known: Mapping[str, float], scale: float, now: datetime
) -> Waterfall:
    drawn, x = [], 0.0
    for name, _ in PHASES:
        if name in known:
            width = known[name] * scale
            drawn.append(Phase(name, round(x, 1), round(max(width, 0.8), 1)))
            x += width
    cells = [seconds(known.get(name)) for name, _ in PHASES]
    whole = seconds(sum(known.values())) if known else NOTHING
    at = f"{result.at:%H:%M:%S}" if result.at.date() == now.date() else moment(result.at)
    return Waterfall(at, result.verdict.outcome.value, drawn, [*cells, whole])
