"""Pure: what an exchange and its reading measure."""

from monitor.model.result import Measurement
from monitor.model.target import Prices
from monitor.probes.exchange import Exchange
from monitor.probes.reading import Channel, Reading

_NS = 1_000_000_000
_MILLION = 1_000_000

#: A decode speed is published from so many tokens, seconds and reads on, and only if no single
#: read brought more than half of the text (then a buffer on the way was measured, not the model).
MIN_TOKENS = 64
MIN_SPAN_SECONDS = 0.5
MIN_READS = 4
MAX_READ_SHARE = 0.5


def measure(exchange: Exchange, reading: Reading | None, prices: Prices | None) -> Measurement:
    """Reckon all quantities of a run; what cannot be measured stays None."""
    reading = reading or Reading()
    instants = exchange.instants
    last_ns = reading.token_reads[-1].at_ns if reading.token_reads else None
    first_ns = reading.token_reads[0].at_ns if reading.token_reads else None
    duration = _span(instants.sent_ns, last_ns)
    tokens = streamed_tokens(reading)
    usage = reading.usage
    return Measurement(
        dns_seconds=_span(instants.dialling_ns, instants.dns_ns),
        connect_seconds=_span(instants.connecting_ns, instants.tcp_ns),
        tls_seconds=_span(instants.tcp_ns, instants.tls_ns),
        reused=instants.connecting_ns is None if instants.sent_ns is not None else None,
        first_byte_seconds=_span(instants.sent_ns, instants.first_byte_ns),
        headers_seconds=_span(instants.sent_ns, instants.headers_ns),
        ttft_seconds=_span(instants.sent_ns, first_ns),
        ttfat_seconds=_span(instants.sent_ns, reading.first_answer_ns),
        duration_seconds=duration,
        output_tokens_per_second=decode_speed(reading),
        e2e_tokens_per_second=tokens / duration if tokens and duration else None,
        input_tokens=usage.input_tokens if usage else None,
        output_tokens=tokens,
        reasoning_tokens=usage.reasoning_tokens if usage else None,
        cached_tokens=usage.cached_tokens if usage else None,
        reads=len(exchange.reads) if exchange.status is not None else None,
        received_bytes=len(exchange.body) if exchange.status is not None else None,
        cost_usd=_cost(reading, prices),
    )


def streamed_tokens(reading: Reading) -> int | None:
    """N: the provider's count of generated tokens, minus reasoning that it did not stream.

    A count of 0 beside text that was streamed is no count.
    """
    usage = reading.usage
    if usage is None or usage.output_tokens is None:
        return None
    if usage.output_tokens == 0 and reading.has_tokens:
        return None
    hidden = usage.reasoning_tokens or 0
    if dict(reading.characters).get(Channel.REASONING):
        hidden = 0
    return max(usage.output_tokens - hidden, 0)


def decode_speed(reading: Reading) -> float | None:
    """Tokens per second after the first read: (N - n1) / (t_last - t_first).

    n1, the tokens of the first read, is N times that read's share of the characters. As AIPerf's
    inverse inter-token latency; None where the stream is too short or came in a burst.
    """
    tokens = streamed_tokens(reading)
    if tokens is None or tokens < MIN_TOKENS or len(reading.token_reads) < MIN_READS:
        return None
    first, last = reading.token_reads[0], reading.token_reads[-1]
    span = (last.at_ns - first.at_ns) / _NS
    characters = sum(read.characters for read in reading.token_reads)
    largest = max(read.characters for read in reading.token_reads)
    if span < MIN_SPAN_SECONDS or largest > MAX_READ_SHARE * characters:
        return None
    return tokens * (1 - first.characters / characters) / span


def _span(begin_ns: int | None, end_ns: int | None) -> float | None:
    if begin_ns is None or end_ns is None:
        return None
    # An answer may arrive between the send and its stamp, which is taken right after.
    return max(end_ns - begin_ns, 0) / _NS


def _cost(reading: Reading, prices: Prices | None) -> float | None:
    usage = reading.usage
    if prices is None or usage is None or usage.input_tokens is None or usage.output_tokens is None:
        return None
    paid_in = usage.input_tokens * prices.input_usd_per_million
    return (paid_in + usage.output_tokens * prices.output_usd_per_million) / _MILLION
