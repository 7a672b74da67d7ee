"""Pure: how all targets stand, drawn to fit the terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from monitor.cli.inert import inert
from monitor.cli.outages import outages
from monitor.cli.standing import SIGNS, Row, Standing, rows_head, rows_of


def headline(standing: Standing) -> str:
    """Count the targets by state, worst first.

    What is not known to be up is not called up.
    """
    states = [each["state"] for each in standing.targets]
    counts = {state: states.count(state) for state in (*SIGNS, *sorted(set(states) - SIGNS.keys()))}
    told = ", ".join(f"{count} {inert(state)}" for state, count in counts.items() if count)
    noun = "target" if len(states) == 1 else "targets"
    return f"{len(states)} {noun}: {told}" if told else "no targets"


@dataclass(frozen=True, slots=True)
class Board:
    """Draws a standing in lines that are no longer than there is room, and no more than that.

    Attributes:
        standing: What is drawn.
        height: The most lines; None for all. Where not all targets fit, the worst are shown.
    """

    standing: Standing
    height: int | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it."""
        for line in self._lines(options.max_width):
            line.no_wrap, line.overflow = True, "ellipsis"
            yield line

    def _lines(self, width: int) -> Iterator[Text]:
        standing = self.standing
        head = [Text(inert(standing.source)), Text(headline(standing), style="bold")]
        if standing.told.get("simulated"):
            head.append(Text("SIMULATED FLEET: these say nothing of the world", style="yellow"))
        head += (Text(inert(notice), style="yellow") for notice in standing.notices)
        foot = list(outages(standing))
        if self.height is not None:
            foot = foot[: max(self.height // 3, 0)]
        rows = rows_of(standing, width)
        room = None if self.height is None else self.height - len(head) - len(foot) - 2
        shown = rows if room is None else _worst(rows, room)
        yield from (*head, Text(), *rows_head(standing, width))
        for _, members in groupby(shown, key=lambda row: row.group):
            rows_of_group = list(members)
            yield Text(inert(rows_of_group[0].group), style="bold")
            yield from (line for row in rows_of_group for line in row.lines)
        if len(shown) < len(rows):
            yield Text(f"and {len(rows) - len(shown)} more, none of them worse", style="dim")
        yield from foot


def _worst(rows: Sequence[Row], room: int) -> Sequence[Row]:
    """Leave out those that are best until the others fit, with the names of their groups."""
    kept = sorted(rows, key=lambda row: row.rank)
    while len(kept) > 1:
        groups = {row.group for row in kept}
        note = len(kept) < len(rows)
        if sum(len(row.lines) for row in kept) + len(groups) + note <= room:
            break
        kept.pop()
    return [row for row in rows if row in kept]


def brief(standing: Standing, most: int = 5) -> Standing:
    """Leave out all incidents but those that are open, and the newest of the others."""
    if standing.incidents is None:
        return standing
    is_open = [each for each in standing.incidents if each["is_open"]]
    over = [each for each in standing.incidents if not each["is_open"]]
    return replace(standing, incidents=[*is_open, *over[: max(most - len(is_open), 1)]])
