"""A report as tables for a terminal of any width."""

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from monitor.app.report import Report
from monitor.cli.amounts import NONE
from monitor.cli.inert import inert
from monitor.cli.reports.words import INCIDENTS, Sheet, method, notices, period, sheets, title

_GAP = 2
#: Where the evidence stands in the row of an incident.
_EVIDENCE = 6
#: What an empty table says.
_EMPTY = "None."


def terminal(report: Report) -> RenderableType:
    """Draw it."""
    return _Trimmed(_whole(report))


def _whole(report: Report) -> RenderableType:
    parts: list[RenderableType] = [
        Text(inert(title(report)), style="bold"),
        Text(inert(period(report))),
    ]
    parts += [Text(notice, style="yellow") for notice in notices(report)]
    for sheet in sheets(report):
        parts += [Text(f"\n{sheet.title}", style="bold"), _drawn(sheet)]
    parts.append(Text("\nMethod", style="bold"))
    lines = Table.grid(padding=(0, 1, 0, 0))
    for line in method(report):
        lines.add_row("-", Text(inert(line)))
    return Group(*parts, lines)


def _drawn(sheet: Sheet) -> RenderableType:
    if not sheet.rows:
        return Text(_EMPTY)
    if sheet.title == INCIDENTS:
        return Group(*(line for row in sheet.rows for line in _incident(row)))
    return _Stacked(sheet)


def _incident(row: Sequence[str]) -> Iterator[RenderableType]:
    """Tell an incident in a few lines: its words want all the room that there is."""
    target, begin, end, seconds, cause, runs, _, ids = map(inert, row)
    head = Text.assemble((target, "bold"), f"  {begin} to {end}, {seconds}: ", (cause, "red"))
    yield head
    if runs != NONE:
        yield _indented(Text(f"failing runs: {runs}"))
    yield from (_indented(Text(inert(each))) for each in row[_EVIDENCE].splitlines())
    if ids != NONE:
        yield _indented(Text(f"request ids {ids}", style="dim"))


def _indented(text: Text) -> RenderableType:
    return Padding(text, (0, 0, 0, 4), expand=False)


class _Trimmed:
    """Draws without the spaces that tables leave at the ends of lines."""

    def __init__(self, drawn: RenderableType) -> None:
        self._drawn = drawn

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw it."""
        for line in console.render_lines(self._drawn, options, pad=False):
            while line and not line[-1].text.strip():
                line.pop()
            if line:
                last = line.pop()
                line.append(Segment(last.text.rstrip(), last.style))
            yield from (*line, Segment.line())


class _Stacked:
    """A table that, where it is too wide, goes on below itself with the next columns."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._rows = [[inert(each) for each in row] for row in sheet.rows]
        columns = zip(*self._rows, strict=True)
        self._widths = [
            max(*(len(part) for part in head.split()), *(len(each) for each in column))
            for head, column in zip(sheet.columns, columns, strict=True)
        ]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw as many tables as the width asks for."""
        for number, figures in enumerate(self._parts(options.max_width)):
            if number:
                yield Text()
            yield self._table((*range(self._sheet.words), *figures))

    def _parts(self, room: int) -> Iterator[list[int]]:
        words = sum(width + _GAP for width in self._widths[: self._sheet.words])
        part: list[int] = []
        used = words
        for number in range(self._sheet.words, len(self._widths)):
            width = self._widths[number] + _GAP
            if part and used + width - _GAP > room:
                yield part
                part, used = [], words
            part.append(number)
            used += width
        yield part

    def _table(self, numbers: Sequence[int]) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
        for number in numbers:
            is_words = number < self._sheet.words
            table.add_column(
                Text(self._sheet.columns[number].upper()),
                justify="left" if is_words else "right",
                overflow="fold",
                # A narrow terminal breaks a name before it breaks a figure.
                width=None if is_words else self._widths[number],
            )
        for row in self._rows:
            table.add_row(*(Text(row[number]) for number in numbers))
        return table
