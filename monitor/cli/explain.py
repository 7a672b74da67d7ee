"""Pure: a run in words, for `monitor probe`."""

from collections.abc import Iterator

from monitor.app.once import Seen
from monitor.model.outcome import Outcome, Verdict
from monitor.model.result import Result
from monitor.model.target import Probe
from monitor.probes.exchange import Exchange
from monitor.probes.reading import Reading

_NS = 1_000_000_000


def explain(probe: Probe, seen: Seen) -> str:
    """Tell a run: what was sent when, what came back when, and what that was judged to be."""
    target = probe.target
    lines = [
        f"{target.key}  ({target.dialect} at {target.base_url})",
        "",
        *_timeline(seen.exchange, seen.reading),
        "",
        *_measured(seen.result),
        "",
        *_judged(seen.result.verdict),
    ]
    return "\n".join(lines)


def _timeline(exchange: Exchange, reading: Reading | None) -> Iterator[str]:
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
    for at_ns, what in told:
        if at_ns is not None:
            yield f"  {(at_ns - instants.started_ns) / _NS:+9.4f} s  {what}"


def _measured(result: Result) -> Iterator[str]:
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
            yield f"  {name:<29} {value}"


def _judged(verdict: Verdict) -> Iterator[str]:
    counts = "good" if verdict.is_good else "bad"
    yield f"  outcome  {verdict.outcome}   fault  {verdict.fault}   rule  {verdict.rule}"
    yield f"  uptime   {f'counts as {counts}' if verdict.is_valid else 'not counted'}"
    if verdict.outcome is Outcome.MODEL_UNAVAILABLE and verdict.is_valid:
        yield "           (the daemon does not count it for a target that has never worked)"
    if verdict.provider_code:
        yield f"  code     {verdict.provider_code}"
    if verdict.message:
        yield f"  message  {verdict.message}"
    if verdict.retry_after_seconds is not None:
        yield f"  retry    after {verdict.retry_after_seconds:g} s"


def _seconds(value: float | None) -> str | None:
    return None if value is None else f"{value:.4f} s"


def _rate(value: float | None) -> str | None:
    return None if value is None else f"{value:.1f}"


def _dollars(value: float | None) -> str | None:
    return None if value is None else f"${value:.6f}"


def _pair(one: int | None, other: int | None) -> str | None:
    return None if one is None or other is None else f"{one}, {other:,}"
