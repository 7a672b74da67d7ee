"""The agent over real sockets: many that ask, one that is silent, one that never stops."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from monitor.export.haproxy import Agent
from monitor.export.server import bind
from monitor.model.health import State
from monitor.model.routing import Routing
from tests.fakes import FakeClock
from tests.unit.export.routed import candidate, routing


class Scene:
    """An agent on a free port, and the weights that it tells."""

    def __init__(self, clock: FakeClock) -> None:
        self.routing: Routing = routing(candidate("a/large", 0.0, State.DOWN, reason="timeout"))
        self.agent = Agent(bind("127.0.0.1:0"), lambda: self.routing, clock)
        self.agent.start()

    def connect(self) -> socket.socket:
        return socket.create_connection(self.agent.address, timeout=10)

    def ask(self, line: bytes = b"a/large\n") -> bytes:
        """Send a line and read until the agent hangs up."""
        with self.connect() as asking:
            asking.sendall(line)
            with asking.makefile("rb") as answer:
                return answer.read()


@pytest.fixture
def scene(clock: FakeClock) -> Iterator[Scene]:
    scene = Scene(clock)
    yield scene
    scene.agent.stop()


def test_a_line_is_answered_by_a_line_and_the_end(scene: Scene) -> None:
    assert scene.ask() == b"down #down: timeout\n"


def test_what_is_told_is_what_is_published_now(scene: Scene) -> None:
    scene.routing = routing(candidate("a/large", 0.5), seq=8)

    assert scene.ask() == b"up 50%\n"


def test_a_line_that_comes_in_pieces_is_read_to_its_end(scene: Scene) -> None:
    with scene.connect() as asking, asking.makefile("rb") as answer:
        for piece in (b"a/", b"lar", b"ge\n"):
            asking.sendall(piece)
        assert answer.read() == b"down #down: timeout\n"


@pytest.mark.parametrize("line", [b"", b"x" * 5000 + b"\n"], ids=["nothing", "too long"])
def test_who_says_nothing_or_too_much_hears_nothing(scene: Scene, line: bytes) -> None:
    with scene.connect() as asking, asking.makefile("rb") as answer:
        try:
            asking.sendall(line)
            asking.shutdown(socket.SHUT_WR)
            heard = answer.read()
        except ConnectionError:  # the rest of what is too long meets nobody
            heard = b""

    assert heard == b""
    assert scene.ask() == b"down #down: timeout\n"


def test_one_that_is_silent_holds_up_nobody(scene: Scene) -> None:
    with scene.connect(), ThreadPoolExecutor(20) as many:
        begun = time.monotonic()
        answers = list(many.map(lambda _: scene.ask(), range(200)))

    assert set(answers) == {b"down #down: timeout\n"}
    assert time.monotonic() - begun < 4  # less than the patience with one that is silent


def test_the_end_waits_for_nobody_that_is_silent(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    address = scene.agent.address
    with scene.connect() as silent:
        scene.ask()  # by now the silent one was let in, too
        begun = time.monotonic()
        scene.agent.stop()
        took = time.monotonic() - begun
        silent.settimeout(5)
        assert silent.recv(1) == b""

    assert took < 3
    assert caplog.records == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=10)
