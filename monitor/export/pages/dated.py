"""Pure: charts by date, and what went wrong over the same days."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.export.pages.charts import Chart, Part, Tick, axis, boxes, line, x_ticks
from monitor.export.pages.strips import sort_of
from monitor.export.pages.words import (
    OUTCOMES,
    count,
    dollars,
    percent,
    seconds,
    short_date,
    visible,
)
from monitor.health.rollup import Bucket, Quantity, Spent, quantiles
from monitor.health.series import Point
from monitor.model.outcome import Outcome

#: So many targets have a line in a chart; the others stand in the table behind it.
_MOST_LINES = 6
#: A date is written below each so many columns.
_EVERY = 7
_NOTHING_SPENT = Spent()
_SUCCESSES = (Outcome.OK.value, Outcome.STARVED.value)


class Failure(NamedTuple):
    """Runs that ended in one outcome, over the last days.

    Attributes:
        outcome: In words.
        name: As in the API.
        number: How many.
        share: Of all runs that failed, from 0 to 1.
        where: At which targets, the worst first.
    """

    outcome: str
    name: str
    number: int
    share: float
    where: str


def uptime_chart(days: Sequence[datetime], shares: Sequence[float | None], what: str) -> Chart:
    """Draw a share by date; the axis begins below the worst day, so that differences are seen."""
    known = [each for each in shares if each is not None]
    low = _floor(min(known, default=1.0))
    scale = axis([1.0], lambda each: percent(each, 1), low)
    parts = [
        []
        if share is None
        else [Part(share - low, sort_of(share), f"{day:%Y-%m-%d}: {percent(share)}")]
        for day, share in zip(days, shares, strict=True)
    ]
    return Chart(
        id="uptime",
        title=f"Uptime by date: {what}" + (f" (axis from {percent(low)})" if low else ""),
        x_ticks=_dates(days),
        y_ticks=scale.ticks,
        boxes=boxes(parts, scale),
        head=("Date (UTC)", "Uptime"),
        rows=[(f"{day:%Y-%m-%d}", percent(share)) for day, share in zip(days, shares, strict=True)],
    )


def _floor(worst: float) -> float:
    """Choose where an axis of shares begins."""
    return next(each for each in (0.99, 0.95, 0.9, 0.8, 0.5, 0.0) if worst > each or each == 0)


def latency_chart(days: Sequence[datetime], series: Sequence[tuple[str, Sequence[Point]]]) -> Chart:
    """Draw the median time to first token by date, a line for each of the first targets."""
    medians = {key: [_median(each) for each in points] for key, points in series}
    drawn = list(medians)[:_MOST_LINES]
    known = [each for key in drawn for each in medians[key] if each is not None]
    scale = axis(known, lambda each: seconds(each) if each else "0")
    return Chart(
        id="latency",
        title="Median time to first token by date",
        x_ticks=_dates(days),
        y_ticks=scale.ticks,
        lines=[line(visible(key), look, medians[key], scale) for look, key in enumerate(drawn)],
        head=("Date (UTC)", *map(visible, medians)),
        rows=[
            (f"{day:%Y-%m-%d}", *(seconds(medians[key][number]) for key in medians))
            for number, day in enumerate(days)
        ],
    )


def _median(point: Point) -> float | None:
    return quantiles(point.bucket.sketch(Quantity.TTFT), point.planned).median


def token_charts(days: Sequence[datetime], columns: Sequence[Sequence[Bucket]]) -> Sequence[Chart]:
    """Draw what the probes spent by date; nothing where that was nothing, or is not told."""
    is_any = any(each.spent != _NOTHING_SPENT for column in columns for each in column)
    return [token_chart(days, columns)] if is_any else []


def token_chart(days: Sequence[datetime], columns: Sequence[Sequence[Bucket]]) -> Chart:
    """Draw what the probes spent by date: tokens in and out, all targets together."""
    spent = [
        (
            sum(each.spent.input_tokens for each in column),
            sum(each.spent.output_tokens for each in column),
            sum(each.spent.cost_usd for each in column),
        )
        for column in columns
    ]
    most = max((float(paid_in + paid_out) for paid_in, paid_out, _ in spent), default=0.0)
    # Half a token is none: lines across stand at whole ones.
    scale = axis([max(most, 4.0)], count)
    return Chart(
        id="tokens",
        title="Tokens that the probes used by date, input below output",
        x_ticks=_dates(days),
        y_ticks=scale.ticks,
        boxes=boxes([_stack(*each) for each in zip(days, spent, strict=True)], scale),
        head=("Date (UTC)", "Input tokens", "Output tokens", "Cost"),
        rows=[
            (f"{day:%Y-%m-%d}", f"{paid_in:,}", f"{paid_out:,}", dollars(usd))
            for day, (paid_in, paid_out, usd) in zip(days, spent, strict=True)
        ],
    )


def _stack(day: datetime, spent: tuple[int, int, float]) -> Sequence[Part]:
    paid_in, paid_out, usd = spent
    words = f"{day:%Y-%m-%d}: {paid_in:,} in, {paid_out:,} out, {dollars(usd)}"
    parts = (Part(paid_in, "input", words), Part(paid_out, "output", words))
    return [each for each in parts if each.value]


def _dates(days: Sequence[datetime]) -> Sequence[Tick]:
    return x_ticks([short_date(day) for day in days], _EVERY)


def failures(points: Mapping[str, Sequence[Point]]) -> Sequence[Failure]:
    """Count what went wrong, by outcome."""
    by_outcome: dict[str, Counter[str]] = {}
    for key, steps in points.items():
        for point in steps:
            for cause, number in point.bucket.outcomes.items():
                if cause.outcome not in _SUCCESSES:
                    by_outcome.setdefault(cause.outcome, Counter())[key] += number
    total = sum(counted.total() for counted in by_outcome.values())
    told = [
        Failure(
            outcome=OUTCOMES[Outcome(outcome)],
            name=outcome,
            number=counted.total(),
            share=counted.total() / total,
            where=", ".join(f"{visible(key)} {number:,}" for key, number in counted.most_common(3)),
        )
        for outcome, counted in by_outcome.items()
    ]
    return sorted(told, key=lambda each: -each.number)
