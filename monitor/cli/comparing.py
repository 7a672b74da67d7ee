"""Pure: two replays beside each other, for people and for programs."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.table import Table

from monitor.app.replaying import Replayed, Wanted
from monitor.health.figures import Figures, total

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0

_NAMES = ("configured", "other")

#: The figures of a table, each with how a cell is written.
_COLUMNS: dict[str, Callable[[Figures], str]] = {
    "TRANSITIONS": lambda each: f"{each.transitions:,}",
    "DOWNS": lambda each: f"{each.downs:,}",
    "FALSE": lambda each: f"{each.false_downs:,}",
    "RELAPSES": lambda each: f"{each.relapses:,}",
    "DOWN FOR": lambda each: span(each.down_seconds),
    "DEGRADED FOR": lambda each: span(each.degraded_seconds),
    "FOUND IN": lambda each: span(each.detection_median_seconds),
    "AT WORST": lambda each: span(each.detection_worst_seconds),
}


def span(seconds: float | None) -> str:
    """Write a duration so that its size shows.

    >>> [span(each) for each in (None, 31.04, 600, 9000, 200_000)]
    ['-', '31.0 s', '10.0 min', '2.5 h', '2.3 d']
    """
    if seconds is None:
        return "-"
    units = ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"))
    for length, unit in units:
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.1f} s"


def table(replayed: Sequence[Replayed]) -> Table:
    """Draw a row for each target, and their sum; other settings stand behind an arrow."""
    is_far = len({each.watched.vantage for each in replayed}) > 1
    drawn = Table(box=None, pad_edge=False)
    drawn.add_column("TARGET", overflow="fold")
    for name in ("RUNS", *_COLUMNS):
        drawn.add_column(name, justify="right")
    for each in replayed:
        name = (
            f"{each.watched.target} from {each.watched.vantage}" if is_far else each.watched.target
        )
        drawn.add_row(name, *_cells(each.figures))
    if len(replayed) > 1:
        drawn.add_row("all", *_cells(_sums(replayed)))
    return drawn


def notes(replayed: Sequence[Replayed], wanted: Wanted) -> Iterator[str]:
    """Say what the figures mean, and what a replay cannot know."""
    tried = ", ".join(f"{name}={_text(value)}" for name, value in wanted.changes.items())
    yield ""
    if tried:
        yield f"Before the arrow: the configured settings; behind it: the same with {tried}."
    yield (
        "FALSE: downs whose outage was shorter than "
        f"{span(wanted.false_below_seconds)}, from its first failing run to the first success "
        "after its last."
    )
    yield "RELAPSES: downs while recovering. DOWN FOR: how long routers would have left it out."
    yield (
        "FOUND IN: from the first failing run to `down`, median and worst, without relapses and "
        "flapping."
    )
    yield from _limits(replayed, tried)
    unknown = sum(not each.is_configured for each in replayed)
    if unknown:
        yield f"{unknown} of {len(replayed)} are not in the configuration: the usual settings hold."


def shape(replayed: Sequence[Replayed], wanted: Wanted) -> dict[str, Any]:
    """Give all that as one JSON object."""
    return {
        "since": wanted.since.isoformat(),
        "false_below_seconds": wanted.false_below_seconds,
        "changes": dict(wanted.changes),
        "targets": [
            {**each.watched._asdict(), "is_configured": each.is_configured} | _named(each.figures)
            for each in replayed
        ],
        "total": _named(_sums(replayed)),
    }


def _limits(replayed: Sequence[Replayed], tried: str) -> Iterator[str]:
    yield (
        "A replay knows only the runs that were made, each at its own instant, whatever delay "
        "the settings name."
    )
    for name, figures in zip(_NAMES, _sums(replayed), strict=False):
        whose = f"The {name} settings" if tried else "They"
        if figures.unmade or figures.unasked:
            yield (
                f"{whose} would have asked for {figures.unmade:,} confirm runs that were not "
                f"made, and not for {figures.unasked:,} that were; these are left out."
            )
    if tried:
        yield "Where many were not made, detection would have been quicker than told here."


def _sums(replayed: Sequence[Replayed]) -> tuple[Figures, ...]:
    columns = zip(*(each.figures for each in replayed), strict=True)
    return tuple(total(column) for column in columns)


def _cells(figures: Sequence[Figures]) -> Iterator[str]:
    yield f"{figures[0].results:,}"
    for write in _COLUMNS.values():
        yield " → ".join(write(each) for each in figures)


def _named(figures: Sequence[Figures]) -> dict[str, Any]:
    return {name: _shape(each) for name, each in zip(_NAMES, figures, strict=False)}


def _shape(figures: Figures) -> dict[str, Any]:
    return {
        "results": figures.results,
        "transitions": figures.transitions,
        "downs": figures.downs,
        "relapses": figures.relapses,
        "false_downs": figures.false_downs,
        "down_seconds": round(figures.down_seconds, 3),
        "degraded_seconds": round(figures.degraded_seconds, 3),
        "detection_median_seconds": figures.detection_median_seconds,
        "detection_worst_seconds": figures.detection_worst_seconds,
        "unmade_confirm_runs": figures.unmade,
        "unasked_confirm_runs": figures.unasked,
    }


def _text(value: object) -> str:
    return ",".join(f"{each:g}" for each in value) if isinstance(value, list) else f"{value}"
