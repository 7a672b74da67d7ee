"""Pages are told at once when a state changes, and of figures every few seconds."""

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import pairwise

import pytest
from fastapi import HTTPException

from monitor.export.pages import live
from monitor.export.pages.live import Live
from monitor.model.health import State
from monitor.model.routing import Routing
from tests.unit.export.routed import candidate, routing


class Source:
    """Weights that move when a test says so."""

    def __init__(self) -> None:
        self.now = routing(candidate(), seq=1)
        self.listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def move(self, to: Routing) -> None:
        self.now = to
        for each in self.listeners:
            each()


def follow(source: Source) -> AsyncIterator[str | bytes | memoryview]:
    return aiter(Live(source, lambda: source.now).follow().body_iterator)


async def test_a_change_of_state_is_told_at_once() -> None:
    source = Source()
    stream = follow(source)
    assert b"retry:" in bytes(await anext(stream))  # type: ignore[arg-type]

    source.move(routing(candidate(state=State.DOWN, weight=0.0), seq=2))

    assert await anext(stream) == b"event: moved\ndata:\n\n"
    assert len(source.listeners) == 1
    await stream.aclose()  # type: ignore[attr-defined]
    assert source.listeners == []


async def test_what_goes_on_moving_is_told_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_LEAST_SECONDS", 0.2)
    source, time = Source(), asyncio.get_running_loop().time
    stream = follow(source)
    await anext(stream)

    told = []
    for number, state in enumerate([State.DOWN, State.UP, State.DOWN], 2):
        source.move(routing(candidate(state=state), seq=number))
        assert await anext(stream) == b"event: moved\ndata:\n\n"
        told.append(time())
    await stream.aclose()  # type: ignore[attr-defined]

    assert min(b - a for a, b in pairwise(told)) >= 0.19


async def test_weights_alone_wait_for_the_next_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_BEAT_SECONDS", 0.05)
    monkeypatch.setattr(live, "_LEAST_SECONDS", 0.0)
    source = Source()
    stream = follow(source)
    await anext(stream)

    source.move(routing(candidate(weight=0.5), seq=2))

    assert await anext(stream) == b"event: tick\ndata:\n\n"
    assert await anext(stream) == b"event: tick\ndata:\n\n"
    await stream.aclose()  # type: ignore[attr-defined]


async def test_more_pages_than_can_be_held_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_MOST_OPEN", 1)
    source = Source()
    pages = Live(source, lambda: source.now)
    first = aiter(pages.follow().body_iterator)
    await anext(first)

    with pytest.raises(HTTPException) as refused:
        pages.follow()
    await first.aclose()  # type: ignore[attr-defined]

    assert refused.value.status_code == 503
    assert pages.follow().status_code == 200
