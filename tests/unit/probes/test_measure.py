"""The arithmetic of a run's figures."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model.result import Measurement
from monitor.model.target import Prices
from monitor.probes.exchange import Exchange, Instants, Read
from monitor.probes.measure import decode_speed, measure, streamed_tokens
from monitor.probes.reading import Channel, Reading, TokenRead, Usage

MS = 1_000_000


def stream(reads: list[tuple[float, int]], output: int | None = None, **more: object) -> Reading:
    """Reads as (milliseconds, characters)."""
    usage = Usage(input_tokens=10, output_tokens=output) if output is not None else None
    settings: dict[str, object] = {
        "token_reads": tuple(
            TokenRead(at_ns=round(ms * MS), characters=characters) for ms, characters in reads
        ),
        "characters": ((Channel.TEXT, sum(characters for _, characters in reads)),),
        "usage": usage,
    }
    return Reading(**(settings | more))  # type: ignore[arg-type]


def exchange(**instants: int) -> Exchange:
    return Exchange(status=200, instants=Instants(**instants), reads=(Read(0, b"abc"),))


def test_times_run_from_the_last_byte_of_the_request() -> None:
    seen = exchange(
        started_ns=0, connecting_ns=1 * MS, tcp_ns=4 * MS, tls_ns=9 * MS, sent_ns=10 * MS
    )
    reading = stream([(210, 5), (310, 5)], first_answer_ns=250 * MS)

    measured = measure(seen, reading, None)

    assert measured.connect_seconds == pytest.approx(0.003)
    assert measured.tls_seconds == pytest.approx(0.005)
    assert measured.reused is False
    assert measured.ttft_seconds == pytest.approx(0.2)
    assert measured.ttfat_seconds == pytest.approx(0.24)
    assert measured.duration_seconds == pytest.approx(0.3)
    assert (measured.reads, measured.received_bytes) == (1, 3)


def test_what_was_not_seen_is_none_and_never_zero() -> None:
    assert measure(Exchange(), None, None) == Measurement()


def test_a_reused_connection_has_no_connect_time() -> None:
    measured = measure(exchange(sent_ns=5), stream([(1, 1)]), None)

    assert measured.reused is True
    assert measured.connect_seconds is None


def test_hidden_reasoning_is_not_counted_as_streamed() -> None:
    usage = Usage(output_tokens=100, reasoning_tokens=80)

    hidden = Reading(characters=((Channel.TEXT, 9),), usage=usage)
    shown = Reading(characters=((Channel.REASONING, 5), (Channel.TEXT, 9)), usage=usage)

    assert streamed_tokens(hidden) == 20
    assert streamed_tokens(shown) == 100
    assert streamed_tokens(Reading()) is None


def test_cost_is_tokens_times_prices_and_unknown_without_either() -> None:
    prices = Prices(input_usd_per_million=1.0, output_usd_per_million=4.0)

    assert measure(exchange(), stream([], 100), prices).cost_usd == pytest.approx(410e-6)
    assert measure(exchange(), stream([], 100), None).cost_usd is None
    assert measure(exchange(), stream([]), prices).cost_usd is None


def test_decode_speed_leaves_out_the_first_read() -> None:
    # 100 tokens in 100 reads of one, 10 ms apart: 99 tokens in 0.99 s.
    reading = stream([(500 + 10 * n, 4) for n in range(100)], 100)

    assert decode_speed(reading) == pytest.approx(100.0)


@given(st.integers(4, 40), st.integers(1, 16), st.floats(10, 400), st.floats(0, 5000))
def test_decode_speed_is_that_of_the_stream_whatever_the_chunking(
    reads: int, tokens_per_read: int, tokens_per_second: float, ttft_ms: float
) -> None:
    gap_ms = 1000 * tokens_per_read / tokens_per_second
    reading = stream(
        [(ttft_ms + n * gap_ms, 4 * tokens_per_read) for n in range(reads)],
        reads * tokens_per_read,
    )

    speed = decode_speed(reading)

    if reads * tokens_per_read >= 64 and (reads - 1) * gap_ms >= 501:
        assert speed is not None
        assert math.isclose(speed, tokens_per_second, rel_tol=1e-3)


@pytest.mark.parametrize(
    "reading",
    [
        pytest.param(stream([(100 * n, 4) for n in range(63)], 63), id="too few tokens"),
        pytest.param(stream([(5 * n, 4) for n in range(80)], 80), id="too short"),
        pytest.param(stream([(0, 100), (400, 100), (800, 100)], 80), id="too few reads"),
        pytest.param(
            stream([(0, 1), (300, 1), (600, 1), (900, 1), (901, 80)], 84), id="burst-delivered"
        ),
        pytest.param(stream([(100 * n, 4) for n in range(80)]), id="no usage"),
    ],
)
def test_a_speed_that_cannot_be_told_is_not_told(reading: Reading) -> None:
    assert decode_speed(reading) is None


def test_end_to_end_speed_includes_the_wait() -> None:
    measured = measure(exchange(sent_ns=0), stream([(500, 4), (1000, 4)], 20), None)

    assert measured.e2e_tokens_per_second == pytest.approx(20.0)


def test_a_count_of_nothing_beside_text_is_no_count() -> None:
    assert streamed_tokens(stream([(100, 5)], 0)) is None
    assert streamed_tokens(stream([], 0)) == 0


@st.composite
def streams(draw: st.DrawFn) -> Reading:
    """Any stream that a dialect may have read."""
    gaps = draw(st.lists(st.floats(0, 2000), min_size=1, max_size=30))
    reads, at = [], draw(st.floats(1, 5000))
    for gap in gaps:
        at += gap
        reads.append((at, draw(st.integers(1, 200))))
    output = draw(st.none() | st.integers(0, 5000))
    usage = Usage(
        input_tokens=draw(st.none() | st.integers(0, 100)),
        output_tokens=output,
        reasoning_tokens=draw(st.none() | st.integers(0, output or 0)),
    )
    shown = draw(st.booleans())
    channels = ((Channel.REASONING, 5), (Channel.TEXT, 9)) if shown else ((Channel.TEXT, 9),)
    first_answer_ns = draw(st.none() | st.sampled_from([round(ms * MS) for ms, _ in reads]))
    return stream(reads, usage=usage, characters=channels, first_answer_ns=first_answer_ns)


@given(streams())
def test_times_are_in_their_order_and_no_count_is_beyond_the_providers(reading: Reading) -> None:
    measured = measure(exchange(sent_ns=0), reading, None)

    assert measured.ttft_seconds is not None
    assert measured.duration_seconds is not None
    assert 0 < measured.ttft_seconds <= measured.duration_seconds
    if measured.ttfat_seconds is not None:
        assert measured.ttft_seconds <= measured.ttfat_seconds <= measured.duration_seconds
    told = reading.usage.output_tokens if reading.usage else None
    assert measured.output_tokens is None or (told and measured.output_tokens <= told)


@given(streams())
def test_reasoning_that_was_streamed_counts_and_hidden_reasoning_does_not(reading: Reading) -> None:
    usage = reading.usage or Usage()
    tokens = streamed_tokens(reading)

    if not usage.output_tokens:
        assert tokens is None
    elif dict(reading.characters).get(Channel.REASONING):
        assert tokens == usage.output_tokens
    else:
        assert tokens == usage.output_tokens - (usage.reasoning_tokens or 0)


@given(streams())
def test_a_published_speed_keeps_every_rule_of_publication(reading: Reading) -> None:
    speed, tokens = decode_speed(reading), streamed_tokens(reading)
    if speed is None:
        return

    first, last = reading.token_reads[0], reading.token_reads[-1]
    characters = [each.characters for each in reading.token_reads]
    span_seconds = (last.at_ns - first.at_ns) / 1e9
    assert tokens is not None
    assert tokens >= 64
    assert span_seconds >= 0.5
    assert len(characters) >= 4
    assert max(characters) <= sum(characters) / 2
    # What came with the first read had no time to be measured in.
    assert speed * span_seconds == pytest.approx(
        tokens - tokens * characters[0] / sum(characters), rel=1e-6
    )


@given(streams())
def test_a_stream_that_comes_at_once_has_no_speed(reading: Reading) -> None:
    largest = max(each.characters for each in reading.token_reads)
    burst = TokenRead(at_ns=reading.token_reads[-1].at_ns + MS, characters=largest * 60)

    assert decode_speed(replace(reading, token_reads=(*reading.token_reads, burst))) is None


@given(st.integers(-5, 5))
def test_an_answer_that_overtook_the_stamp_of_its_request_took_no_time(early_ns: int) -> None:
    measured = measure(exchange(sent_ns=10, first_byte_ns=10 - early_ns), stream([]), None)

    assert measured.first_byte_seconds == max(-early_ns, 0) / 1e9
