"""Pure: a run in words, for `monitor probe`."""

from collections.abc import Iterator
from operator import itemgetter

from rich.text import Text

from monitor.app.once import Seen
from monitor.cli.inert import inert
from monitor.cli.waterfall import phases, waterfall
from monitor.model.outcome import Outcome, Verdict
from monitor.model.result import Result
from monitor.model.target import Probe
from monitor.probes.exchange import Exchange
from monitor.probes.reading import Reading

_NS = 1_000_000_000


def explain(probe: Probe, seen: Seen, width: int) -> Iterator[Text]:
    """Tell a run: what was sent when, what came back when, and what that was judged to be.

    Args:
        probe: What was asked for.
        seen: What came of it.
        width: Of a line of the drawing; the other lines are as long as they are.
    """
    target, instants = probe.target, seen.exchange.instants
    yield Text(f"{target.key}  ({target.dialect} at {target.base_url})", style="bold")
    yield Text()
    drawn = phases(seen.exchange, seen.reading)
    yield from waterfall(drawn, instants.started_ns, instants.end_ns, width)
    told = (
        _timeline(seen.exchange, seen.reading),
        _measured(seen.result),
        _judged(seen.result.verdict),
    )
    for part in told:
        yield Text()
        yield from (Text(f"  {name:<{room}}{inert(words)}") for name, room, words in part)


#: What stands on a line: a name, the room for it, and words, which may be foreign.
_Line = tuple[str, int, object]


def _timeline(exchange: Exchange, reading: Reading | None) -> Iterator[_Line]:
    instants = exchange.instants
    reads = reading.token_reads if reading else ()
    cut = exchange.interruption
    end = f"cut: {cut.cut} in phase {cut.phase} {cut.message}".rstrip() if cut else "end"
    told = [
        (instants.started_ns, "run began"),
        (instants.dns_ns, "name looked up"),
        (instants.connecting_ns, "connecting"),
        (instants.tcp_ns, "TCP connected"),
        (instants.tls_ns, "TLS handshake done"),
        (instants.sent_ns, "last byte of the request sent"),
        (instants.first_byte_ns, "first byte of the answer"),
        (instants.headers_ns, f"HTTP {exchange.status}, {exchange.headers.get('content-type')}"),
        (reads[0].at_ns if reads else None, "first token of any channel"),
        (reading.first_answer_ns if reading else None, "first token of the answer"),
        (reads[-1].at_ns if reads else None, "last token"),
        (instants.end_ns, end),
    ]
    # An answer may be stamped before we knew that the request had left: their instants order them.
    known = [(at_ns, what) for at_ns, what in told if at_ns is not None]
    for at_ns, what in sorted(known, key=itemgetter(0)):
        yield f"{(at_ns - instants.started_ns) / _NS:+9.4f} s", 13, what


def _measured(result: Result) -> Iterator[_Line]:
    measured = result.measurement
    figures = (
        ("time to first token", _seconds(measured.ttft_seconds)),
        ("time to first answer token", _seconds(measured.ttfat_seconds)),
        ("duration to last token", _seconds(measured.duration_seconds)),
        ("tokens in", measured.input_tokens),
        ("tokens out", measured.output_tokens),
        ("of them reasoning", measured.reasoning_tokens),
        ("tokens/s after the first", _rate(measured.output_tokens_per_second)),
        ("tokens/s end to end", _rate(measured.e2e_tokens_per_second)),
        ("cost", _dollars(measured.cost_usd)),
        ("reads, bytes", _pair(measured.reads, measured.received_bytes)),
        ("finish reason", result.finish_reason),
        ("request id", result.request_id),
        ("our event loop's worst lag", _seconds(result.loop_lag_seconds)),
        ("longest a read waited for us", _seconds(result.observation_delay_seconds)),
    )
    for name, value in figures:
        if value is not None:
            yield name, 30, value


def _judged(verdict: Verdict) -> Iterator[_Line]:
    counts = "good" if verdict.is_good else "bad"
    told: list[tuple[str, object]] = [
        ("outcome", f"{verdict.outcome}   fault  {verdict.fault}   rule  {verdict.rule}"),
        ("uptime", f"counts as {counts}" if verdict.is_valid else "not counted"),
    ]
    if verdict.outcome is Outcome.MODEL_UNAVAILABLE and verdict.is_valid:
        told.append(("", "(the daemon does not count it for a target that has never worked)"))
    told += [("code", verdict.provider_code), ("message", verdict.message)]
    if verdict.retry_after_seconds is not None:
        told.append(("retry", f"after {verdict.retry_after_seconds:g} s"))
    for name, words in told:
        if words:
            yield name, 9, words


def _seconds(value: float | None) -> str | None:
    return None if value is None else f"{value:.4f} s"


def _rate(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f}"


def _dollars(value: float | None) -> str | None:
    return None if value is None else f"${value:.6f}"


def _pair(one: int | None, other: int | None) -> str | None:
    return None if one is None or other is None else f"{one}, {other:,}"
