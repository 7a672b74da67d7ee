"""A stream, read by read: which token came when."""

import json
from typing import Any

import pytest

from monitor.model.outcome import Phase
from monitor.probes.dialects import DIALECTS
from monitor.probes.exchange import Cut, Exchange, Interruption, Read
from monitor.probes.reader import StreamReader
from monitor.probes.reading import Channel, Reading, TokenRead, Usage
from monitor.probes.receiver import Receiver, settled


def event(content: str | None = None, **more: Any) -> bytes:
    delta = {} if content is None else {"content": content}
    chunk = {"choices": [{"delta": delta | more, "finish_reason": None}]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


FINISH = b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n'
USAGE = b'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}\n\n'
DONE = b"data: [DONE]\n\n"


def read(*datas: bytes) -> Reading:
    reader = StreamReader(DIALECTS["openai_chat"])
    for at, data in enumerate(datas, 1):
        reader.feed(Read(at * 100, data))
    return reader.finish(1_000)


def test_the_first_token_is_not_the_role_and_the_last_is_not_the_usage() -> None:
    reading = read(event("", role="assistant"), event("a"), event("bc"), FINISH, USAGE, DONE)

    assert reading.token_reads == (
        TokenRead(at_ns=200, characters=1),
        TokenRead(at_ns=300, characters=2),
    )
    assert reading.first_answer_ns == 200
    assert reading.usage == Usage(input_tokens=3, output_tokens=2)
    assert reading.is_terminal
    assert reading.finish_reason == "stop"


def test_reasoning_is_the_first_token_and_not_the_first_answer() -> None:
    reading = read(event(reasoning_content="hm"), event("a"), FINISH)

    assert reading.token_reads[0].at_ns == 100
    assert reading.first_answer_ns == 200
    assert dict(reading.characters) == {Channel.REASONING: 2, Channel.TEXT: 1}


def test_events_of_one_read_are_one_read() -> None:
    reading = read(event("a") + event("b"), event("c"))

    assert reading.token_reads == (
        TokenRead(at_ns=100, characters=2),
        TokenRead(at_ns=200, characters=1),
    )


def test_a_token_cut_in_two_belongs_to_the_read_that_completed_it() -> None:
    whole = event("a")

    assert read(whole[:9], whole[9:]).token_reads == (TokenRead(at_ns=200, characters=1),)


def test_comments_and_halves_of_events_bring_nothing_forward() -> None:
    reader = StreamReader(DIALECTS["openai_chat"])

    assert not reader.feed(Read(1, b": keep-alive\n\n"))
    assert not reader.feed(Read(2, b"data: {"))
    assert not reader.has_tokens
    assert reader.feed(Read(3, event("a")[7:]))
    assert reader.has_tokens


def test_the_last_usage_wins_and_none_is_added_up() -> None:
    first = USAGE.replace(b'"completion_tokens": 2', b'"completion_tokens": 1')

    assert read(first, USAGE).usage == Usage(input_tokens=3, output_tokens=2)


def test_an_error_after_tokens_is_kept_and_done_proves_nothing() -> None:
    reading = read(event("a"), b'data: {"error": {"message": "x"}}\n\n', DONE)

    assert reading.errors == ({"error": {"message": "x"}},)
    assert reading.is_terminal


def test_a_body_without_events_is_malformed() -> None:
    assert read(b"<html>no</html>").malformed == "a body without events"
    assert read(b": only comments\n\n").malformed is None
    assert read().malformed is None


def test_an_endless_line_is_malformed() -> None:
    assert "bytes" in (read(b"data: " + b"x" * (2 << 20)).malformed or "")


def receive(content_type: str, *datas: bytes) -> Reading | None:
    receiver = Receiver(DIALECTS["openai_chat"])
    receiver.begin(200, {"content-type": content_type})
    reads = tuple(Read(n, data) for n, data in enumerate(datas))
    for each in reads:
        receiver.feed(each)
    return receiver.reading(Exchange(status=200, reads=reads))


def test_a_server_that_does_not_stream_is_read_whole() -> None:
    body = b'{"choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}]}'

    reading = receive("application/json; charset=utf-8", body[:20], body[20:])

    assert reading is not None
    assert reading.token_reads == (TokenRead(at_ns=1, characters=2),)
    assert reading.is_terminal


def test_a_page_is_malformed() -> None:
    reading = receive("text/html", b"<html></html>")

    assert reading is not None
    assert reading.malformed == "no JSON"


def test_an_answer_that_failed_has_no_reading() -> None:
    receiver = Receiver(DIALECTS["openai_chat"])

    assert not receiver.begin(503, {"content-type": "text/event-stream"})
    assert receiver.reading(Exchange(status=503)) is None


def test_a_complete_answer_is_complete_however_the_connection_ended() -> None:
    cut = Exchange(status=200, interruption=Interruption(cut=Cut.RESET, phase=Phase.STREAM))

    assert settled(cut, read(event("a"), FINISH)).interruption is None
    assert settled(cut, read(event("a"))).interruption
    assert settled(cut, read(b'data: {"error": {}}\n\n', event("a"))).interruption
    assert settled(cut, None).interruption


def test_a_stream_that_is_labelled_a_body_is_still_read_as_one() -> None:
    reading = receive("application/json", event("a"), event("b"), FINISH)

    assert reading is not None
    assert [each.at_ns for each in reading.token_reads] == [0, 1]
    assert reading.is_terminal


@pytest.mark.parametrize(
    ("body", "models", "malformed"),
    [
        pytest.param(b'{"data": [{"id": "a"}, {"id": "b"}]}', 2, None, id="a list in data"),
        pytest.param(b'[{"id": "a"}]', 1, None, id="a bare list"),
        pytest.param(b'{"data": []}', 0, None, id="no model"),
        pytest.param(b'{"object": "x"}', None, "a listing without data", id="something else"),
        pytest.param(b"<html>", None, "no JSON", id="a page"),
    ],
)
def test_a_listing_is_counted(body: bytes, models: int | None, malformed: str | None) -> None:
    receiver = Receiver(DIALECTS["openai_chat"], is_listing=True)
    receiver.begin(200, {"content-type": "application/json"})
    receiver.feed(Read(1, body))

    reading = receiver.reading(Exchange(status=200, reads=(Read(1, body),)))

    assert reading is not None
    assert (reading.models, reading.malformed) == (models, malformed)


def test_counts_that_a_later_usage_does_not_say_stay_what_they_were() -> None:
    first = b'data: {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 1}}\n\n'
    later = b'data: {"choices": [], "usage": {"completion_tokens": 7}}\n\n'

    assert read(first, later).usage == Usage(input_tokens=9, output_tokens=7)


def test_an_event_that_says_nothing_brings_nothing_forward() -> None:
    reader = StreamReader(DIALECTS["openai_chat"])

    assert not reader.feed(Read(1, b'data: {"choices": []}\n\n'))
    assert reader.feed(Read(2, FINISH))
    assert reader.finish(3).events == 2


def test_a_foreign_event_beside_a_good_answer_is_passed_over() -> None:
    ping = b"event: ping\ndata: {}\n\n"

    assert read(event("a"), ping, FINISH).malformed is None
    assert read(ping).malformed == "an event named ping"
