"""Pure: the phases of a run, drawn one below the other along its time."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rich.text import Text

from monitor.cli.amounts import latency
from monitor.model import outcome
from monitor.probes.exchange import Exchange
from monitor.probes.reading import Reading

_NS = 1_000_000_000
_LABEL, _FIGURE = 18, 10
_LEAST = 10
_SIGN = " ✗"
_MS = 0.001

#: Until the request is sent, the phase that was cut is known by its name.
_CUT = {
    outcome.Phase.DNS: "DNS",
    outcome.Phase.CONNECT: "connect",
    outcome.Phase.TLS: "TLS",
    outcome.Phase.SEND: "request sent",
}

_FULL = "█"
#: An eighth of a cell more each.
_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")


class Phase(NamedTuple):
    """A part of a run, in nanoseconds of one clock.

    Attributes:
        name: What happened.
        begin_ns: From when on.
        end_ns: Until when.
        style: Its colour.
        is_cut: It never came to its end.
    """

    name: str
    begin_ns: int
    end_ns: int
    style: str
    is_cut: bool = False


def phases(exchange: Exchange, reading: Reading | None) -> list[Phase]:
    """Give the phases that a run came to, in order; what was cut short is the last one."""
    at = exchange.instants
    found = [
        Phase(name, begin_ns, end_ns, style)
        for name, begin_ns, end_ns, style in _steps(exchange, reading)
        if begin_ns is not None and end_ns is not None
    ]
    if exchange.interruption:
        begin_ns = max((each.end_ns for each in found), default=at.started_ns)
        name = _CUT.get(exchange.interruption.phase) or _waited_for(exchange, reading)
        found.append(Phase(name, begin_ns, at.end_ns, "red", is_cut=True))
    return found


def waterfall(drawn: Sequence[Phase], begin_ns: int, end_ns: int, width: int) -> Iterator[Text]:
    """Draw a bar for each phase.

    Args:
        drawn: In order.
        begin_ns: The left edge.
        end_ns: The right edge.
        width: Of a line.
    """
    room = max(width - _LABEL - _FIGURE - len(_SIGN), _LEAST)
    whole = max(end_ns - begin_ns, 1)
    for each in drawn:
        first = (each.begin_ns - begin_ns) * room / whole
        last = (each.end_ns - begin_ns) * room / whole
        bar = _bar(first, last, room)
        # The kernel may have stamped an answer before we knew that the request had left.
        seconds = max(each.end_ns - each.begin_ns, 0) / _NS
        line = Text(f"  {each.name:<{_LABEL - 2}}")
        line.append(f"{bar:<{room}}", style=each.style)
        yield line.append(f" {_took(seconds):>{_FIGURE}}{_SIGN if each.is_cut else ''}")


def _steps(
    exchange: Exchange, reading: Reading | None
) -> Iterator[tuple[str, int | None, int | None, str]]:
    at = exchange.instants
    reads = reading.token_reads if reading else ()
    first_ns, last_ns = (reads[0].at_ns, reads[-1].at_ns) if reads else (None, None)
    yield "DNS", at.dialling_ns, at.dns_ns, "blue"
    yield "connect", at.connecting_ns, at.tcp_ns, "cyan"
    yield "TLS", at.tcp_ns, at.tls_ns, "magenta"
    yield "request sent", at.tls_ns or at.tcp_ns or at.started_ns, at.sent_ns, "white"
    yield "first byte", at.sent_ns, at.first_byte_ns, "yellow"
    yield "first token", at.first_byte_ns, first_ns, "yellow"
    yield "stream", first_ns, last_ns, "green"
    if not reads and not exchange.interruption:
        yield "rest of answer", at.first_byte_ns, at.end_ns, "yellow"


def _waited_for(exchange: Exchange, reading: Reading | None) -> str:
    if exchange.instants.first_byte_ns is None:
        return "first byte"
    return "stream" if reading and reading.token_reads else "first token"


def _bar(first: float, last: float, room: int) -> str:
    """Draw from one place to another, to an eighth of a cell; what is short is seen still."""
    begin = min(int(first), room - 1)
    eighths = max(round((last - begin) * 8), 1)
    cells = min(eighths // 8, room - begin)
    rest = "" if begin + cells >= room else _EIGHTHS[eighths % 8]
    return " " * begin + _FULL * cells + rest


def _took(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms" if seconds < 10 * _MS else latency(seconds)
