"""A host is asked once, however many want to know, and an answer serves for a second."""

import asyncio
import errno
import os
import socket

import pytest

from monitor.probes.network.http1 import UnsendableError
from monitor.probes.network.knock import Knocks
from tests.fakes import FakeClock


class Door:
    """Answers when told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.knocks, self.go = error, 0, asyncio.Event()

    async def knock(self, _origin: str) -> None:
        self.knocks += 1
        await self.go.wait()
        if self.error:
            raise self.error


async def test_all_who_ask_at_once_get_the_answer_of_one_knock(clock: FakeClock) -> None:
    door = Door()
    knocks = Knocks(door.knock, clock)
    asking = [asyncio.ensure_future(knocks.ask("tcp://a:1")) for _ in range(500)]
    await asyncio.sleep(0)
    door.go.set()

    assert {(await each).is_open for each in asking} == {True}
    assert door.knocks == 1


@pytest.mark.parametrize(("seconds", "knocks"), [(0.9, 1), (1.1, 2)])
async def test_an_answer_serves_for_a_second(clock: FakeClock, seconds: float, knocks: int) -> None:
    door = Door()
    door.go.set()
    asked = Knocks(door.knock, clock)

    await asked.ask("tcp://a:1")
    clock.advance(seconds)
    await asked.ask("tcp://a:1")
    assert door.knocks == knocks

    await asked.ask("tcp://b:1")
    assert door.knocks == knocks + 1


async def test_one_who_gives_up_does_not_end_it_for_the_others(clock: FakeClock) -> None:
    door = Door()
    knocks = Knocks(door.knock, clock)
    first = asyncio.ensure_future(knocks.ask("tcp://a:1"))
    second = asyncio.ensure_future(knocks.ask("tcp://a:1"))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    door.go.set()

    assert (await second).is_open
    assert first.cancelled()


async def test_who_is_silent_for_too_long_is_shut(clock: FakeClock) -> None:
    answer = await Knocks(Door().knock, clock, patience_seconds=0.01).ask("tcp://a:1")

    assert (answer.is_open, answer.words) == (False, "no answer")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "x"), os.strerror(errno.ECONNREFUSED)),
        (socket.gaierror(socket.EAI_NONAME, "no such name"), "no such name"),
        (TimeoutError(errno.ETIMEDOUT, "x"), os.strerror(errno.ETIMEDOUT)),
        (UnsendableError("that is no host"), "that is no host"),
        (OSError(), "OSError"),
    ],
    ids=["refused", "no name", "TCP's own timeout", "no host", "nothing told"],
)
async def test_what_went_wrong_is_told(clock: FakeClock, error: Exception, words: str) -> None:
    door = Door(error)
    door.go.set()

    answer = await Knocks(door.knock, clock).ask("tcp://a:1")

    assert not answer.is_open
    assert words in answer.words


async def test_a_bug_of_ours_is_no_answer_and_is_not_kept(clock: FakeClock) -> None:
    door = Door(KeyError("ours"))
    door.go.set()
    knocks = Knocks(door.knock, clock)

    with pytest.raises(KeyError):
        await knocks.ask("tcp://a:1")
    door.error = None

    assert (await knocks.ask("tcp://a:1")).is_open
