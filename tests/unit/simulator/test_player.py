"""Faults that spoil the answer itself or the connection under it."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from monitor.simulator import Channel, FaultKind, Misbehaviour
from tests.unit.simulator.caller import Caller, completion, events, finish, said

both_ways = pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])


async def test_a_truncated_stream_ends_well_but_without_its_terminal(caller: Caller) -> None:
    caller.simulator.inject("alpha", None, FaultKind.TRUNCATED)

    response = await caller.complete()

    assert said(response, "reasoning_content")
    assert finish(response) is None
    assert "[DONE]" not in response.text


async def test_a_truncated_whole_answer_is_no_json(caller: Caller) -> None:
    caller.simulator.inject("alpha", None, FaultKind.TRUNCATED)

    response = await caller.complete(stream=False)

    assert response.text.startswith('{"id"')
    with pytest.raises(json.JSONDecodeError):
        response.json()


async def test_an_error_inside_a_stream_comes_under_a_200(caller: Caller) -> None:
    caller.simulator.inject("alpha", None, FaultKind.STREAM_ERROR)

    response = await caller.complete()

    assert response.status_code == 200
    assert events(response)[-2]["error"]["type"] == "server_error"
    assert events(response)[-1] == "[DONE]"


async def test_an_error_in_place_of_a_whole_answer_comes_under_a_200(caller: Caller) -> None:
    caller.simulator.inject("alpha", None, FaultKind.STREAM_ERROR)

    response = await caller.complete(stream=False)

    assert response.status_code == 200
    assert response.json()["error"]["type"] == "server_error"


async def test_an_empty_stream_is_complete(caller: Caller) -> None:
    caller.simulator.inject("alpha", None, FaultKind.EMPTY)

    response = await caller.complete()

    assert said(response) == ""
    assert finish(response) == "stop"
    assert (await caller.truth()).first_token_ns is None


async def test_an_empty_whole_answer_has_no_text(caller: Caller) -> None:
    caller.simulator.inject("alpha", None, FaultKind.EMPTY)

    body = (await caller.complete(stream=False)).json()

    assert body["choices"][0]["message"]["content"] == ""
    assert (await caller.truth()).output_tokens == 0


@both_ways
async def test_a_starved_answer_holds_nothing_but_reasoning(
    caller: Caller, *, stream: bool
) -> None:
    caller.simulator.inject("alpha", None, FaultKind.STARVED)

    await caller.complete(stream=stream)

    truth = await caller.truth()
    assert truth.output_tokens == 10
    assert {stamp.channel for stamp in truth.chunks if stamp.tokens} == {Channel.REASONING}
    assert truth.first_token_ns is not None
    assert truth.first_answer_ns is None


async def test_a_starved_stream_finishes_by_length(caller: Caller) -> None:
    caller.simulator.inject("alpha", None, FaultKind.STARVED)

    response = await caller.complete()

    assert said(response) == ""
    assert len(said(response, "reasoning_content").split()) == 10
    assert finish(response) == "length"


@both_ways
async def test_a_slow_first_token_comes_as_late_as_told(caller: Caller, *, stream: bool) -> None:
    slow = Misbehaviour(kind=FaultKind.SLOW_FIRST_TOKEN, delay_seconds=0.1)
    caller.simulator.inject("alpha", None, slow)

    await caller.complete(stream=stream)

    truth = await caller.truth()
    assert truth.first_token_ns is not None
    assert truth.first_token_ns - truth.request_received_ns >= 120_000_000


@both_ways
async def test_a_reset_breaks_the_connection_off(caller: Caller, *, stream: bool) -> None:
    caller.simulator.inject("alpha", None, FaultKind.RESET)

    with pytest.raises(httpx.ReadError):
        await caller.complete(stream=stream)

    truth = await caller.truth()
    assert truth.played_out
    assert truth.output_tokens == 5


@both_ways
@pytest.mark.parametrize(
    ("fault", "has_headers"),
    [(FaultKind.STALL, True), (FaultKind.SILENT, False), (FaultKind.SLOW_HEADERS, True)],
)
async def test_a_fault_that_keeps_the_client_waiting(
    caller: Caller, fault: FaultKind, *, has_headers: bool, stream: bool
) -> None:
    caller.simulator.inject("alpha", None, fault)

    with pytest.raises(httpx.ReadTimeout):
        await caller.complete(timeout_seconds=0.15, stream=stream)

    truth = await caller.truth()
    assert (truth.headers_sent_ns is not None) == has_headers
    assert not truth.played_out


async def test_headers_dribble_for_as_long_as_one_listens(caller: Caller) -> None:
    slow = Misbehaviour(kind=FaultKind.SLOW_HEADERS, delay_seconds=0.005)
    caller.simulator.inject("alpha", None, slow)
    request = caller.client.build_request("POST", caller.url(), json=completion())

    reader, writer = await asyncio.open_connection(request.url.host, request.url.port)
    length = len(request.content)
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % length)
    writer.write(request.content)
    seen = await reader.readuntil(b"..........")
    writer.close()
    await writer.wait_closed()

    assert seen.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\n\r\n" not in seen


async def first(chunks: AsyncIterator[bytes], count: int) -> bytes:
    seen = b""
    async for chunk in chunks:
        seen += chunk
        count -= 1
        if not count:
            break
    return seen


@both_ways
async def test_an_endless_answer_goes_on_past_its_script(caller: Caller, *, stream: bool) -> None:
    caller.simulator.inject("alpha", None, FaultKind.ENDLESS)

    async with caller.client.stream(
        "POST", caller.url(), json=completion(stream=stream)
    ) as response:
        seen = await first(response.aiter_raw(), 30)

    assert (b"fjord" in seen) == stream
    assert not (await caller.truth()).played_out
