"""Pure: how each target stands, in lines that fit the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from monitor.cli.amounts import ago, latency, share, since, speed
from monitor.cli.causes import cause
from monitor.cli.inert import inert
from monitor.model.health import State

_WORDS = 300
#: With less room than this beside the figures, what went wrong stands below them.
_ROOM = 40
_INDENT = 2
_GOOD_ENOUGH = 0.99
_HEADS = ("STATE", "SINCE", "1 H", "24 H", "30 D", "TTFT", "TOK/S", "LAST")

#: A sign beside each colour: not everybody sees colours, and a pipe has none. Worst first.
SIGNS: Mapping[str, tuple[str, str]] = {
    State.DOWN: ("✗", "bold red"),
    State.BLOCKED: ("■", "magenta"),
    State.DEGRADED: ("▲", "yellow"),
    State.RECOVERING: ("↗", "cyan"),
    State.UNKNOWN: ("?", "dim"),
    State.UP: ("●", "green"),
}
_STRANGE = ("?", "dim")
_RANKS = {state: number for number, state in enumerate(SIGNS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How all targets stood at an instant.

    Attributes:
        source: Who says so, in words.
        now: The instant that ages are told from.
        is_live: A running daemon says so.
        told: As the API tells it: vantage, targets, and whether all of them are simulated.
        speeds: The median tokens per second of a day, by target; those that are known.
        incidents: The newest ones, newest first, as the API tells them; None if nobody knows.
        incidents_age_seconds: How old that answer is.
        notices: What must be known beside it, in words.
    """

    source: str
    now: datetime
    is_live: bool
    told: Mapping[str, Any]
    speeds: Mapping[str, float] = field(default_factory=dict)
    incidents: Sequence[Mapping[str, Any]] | None = ()
    incidents_age_seconds: float = 0.0
    notices: Sequence[str] = ()

    @property
    def targets(self) -> Sequence[Mapping[str, Any]]:
        """The targets, by group, then by key."""
        return sorted(self.told["targets"], key=lambda each: (each["group"], each["key"]))

    @property
    def is_bad(self) -> bool:
        """A target is down."""
        return any(each["state"] == State.DOWN for each in self.targets)


class Row(NamedTuple):
    """A target, drawn.

    Attributes:
        group: Whose.
        rank: How well it is: the lower, the worse.
        lines: One, or more where not all of it fits on one.
    """

    group: str
    rank: int
    lines: tuple[Text, ...]


class _Layout(NamedTuple):
    """How wide things are.

    Attributes:
        key: The first column.
        figures: The others.
        cause: What is left for words beside them; 0 if they stand below.
    """

    key: int
    figures: tuple[int, ...]
    cause: int


def rows_head(standing: Standing, width: int) -> Iterator[Text]:
    """Give the heads of the columns, if there is anything below them."""
    if standing.targets:
        layout = _layout(standing, width)
        heads = [Text(head) for head in _HEADS]
        line = _line("TARGET", heads, layout)
        yield line.append("  CAUSE" if layout.cause else "")


def rows_of(standing: Standing, width: int) -> list[Row]:
    """Draw each target."""
    layout = _layout(standing, width)
    return [
        Row(
            group=each["group"],
            rank=_RANKS.get(each["state"], 0),
            lines=tuple(_lines(each, standing, layout)),
        )
        for each in standing.targets
    ]


def _lines(target: Mapping[str, Any], standing: Standing, layout: _Layout) -> Iterator[Text]:
    key, figures = " " * _INDENT + inert(target["key"]), list(_figures(target, standing))
    words = inert(cause(target, standing.now), _WORDS)
    if cell_len(key) > layout.key:
        yield Text(key)
        key = ""
    line = _line(key, figures, layout)
    if layout.cause and words:
        line.append(f"  {words}", style="dim")
    yield line
    if words and not layout.cause:
        yield Text(f"{' ' * 2 * _INDENT}{words}", style="dim")


def _line(key: str, figures: Sequence[Text], layout: _Layout) -> Text:
    line = Text(set_cell_size(key, layout.key))
    for number, (figure, room) in enumerate(zip(figures, layout.figures, strict=True)):
        padding = " " * (room - figure.cell_len)
        # The state is a word, the others are numbers.
        line.append(" ")
        line.append_text(figure + Text(padding) if number == 0 else Text(padding) + figure)
    return line


def _layout(standing: Standing, width: int) -> _Layout:
    targets = standing.targets
    rows = [[each.cell_len for each in _figures(target, standing)] for target in targets]
    figures = tuple(map(max, zip(map(len, _HEADS), *rows, strict=True)))
    taken = sum(figures) + len(figures)
    longest = max((cell_len(inert(each["key"])) + _INDENT for each in targets), default=0)
    key = min(longest, max(width - taken, len("TARGET")))
    cause = width - taken - key - _INDENT
    return _Layout(key, figures, cause if cause >= _ROOM else 0)


def _figures(target: Mapping[str, Any], standing: Standing) -> Iterator[Text]:
    state, windows = str(target["state"]), target["windows"]
    sign, style = SIGNS.get(state, _STRANGE)
    yield Text(f"{sign} {inert(state)}{', stale' if target['stale'] else ''}", style=style)
    yield Text(ago(since(target["state_since_at"], standing.now)))
    for name in ("1h", "24h", "30d"):
        yield _uptime(windows.get(name, {}).get("uptime_ratio"))
    yield Text(latency(windows.get("1h", {}).get("ttft_median_seconds")))
    yield Text(speed(standing.speeds.get(target["key"])))
    yield Text(ago(since(target["last_probe_at"], standing.now)))


def _uptime(ratio: float | None) -> Text:
    is_fine = ratio is None or ratio >= _GOOD_ENOUGH
    return Text(share(ratio), style="" if is_fine else "yellow")
