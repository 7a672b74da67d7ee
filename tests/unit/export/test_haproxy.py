"""What HAProxy is told."""

import socket

import pytest

from monitor.export.haproxy import Agent, agent_line
from monitor.export.server import bind
from monitor.model.health import State
from monitor.model.routing import Candidate
from monitor.model.target import Secret
from tests.fakes import FakeClock
from tests.unit.export.routed import candidate, routing

DOWN = candidate("acme/large", 0.0, State.DOWN, reason="overloaded")


@pytest.mark.parametrize(
    ("one", "line"),
    [
        pytest.param(candidate(), "up 100%\n", id="up"),
        pytest.param(candidate(weight=0.25), "up 25%\n", id="a quarter"),
        pytest.param(candidate(weight=0.004), "up 1%\n", id="never 0, which would drain"),
        pytest.param(candidate(state=State.DOWN), "up 100%\n", id="panic"),
        pytest.param(DOWN, "down #down: overloaded\n", id="down, and why"),
        pytest.param(candidate(weight=0, state=State.BLOCKED), "down #blocked\n", id="no reason"),
        pytest.param(None, "up 100%\n", id="not known"),
    ],
)
def test_a_weight_is_said_in_haproxys_words(one: Candidate | None, line: str) -> None:
    assert agent_line(one) == line


def agent(clock: FakeClock, token: Secret | None = None) -> Agent:
    unused = socket.socket()
    unused.close()
    return Agent(unused, lambda: routing(DOWN, candidate("b/large")), clock, token)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param(b"acme/large\n", "down #down: overloaded\n", id="a key"),
        pytest.param(b"acme-large\r\n", "down #down: overloaded\n", id="a slug"),
        pytest.param(b"acme/small\n", "up 100%\n", id="nobody"),
        pytest.param(b"\xff\xfe\n", "up 100%\n", id="no text"),
    ],
)
def test_who_asks_by_a_name_is_told_of_that_target(
    clock: FakeClock, line: bytes, told: str
) -> None:
    assert agent(clock).answer(line) == told


@pytest.mark.parametrize(("age", "told"), [(15, "down #down: overloaded\n"), (15.1, "up 100%\n")])
def test_an_old_picture_takes_nobody_out(clock: FakeClock, age: float, told: str) -> None:
    clock.advance(age)

    assert agent(clock).answer(b"acme/large\n") == told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param(b"right acme/large\n", "down #down: overloaded\n", id="the token"),
        pytest.param(b"wrong acme/large\n", "up 100%\n", id="another one"),
        pytest.param(b"acme/large\n", "up 100%\n", id="none"),
        pytest.param(b"rightacme/large\n", "up 100%\n", id="no space"),
        pytest.param(b"\n", "up 100%\n", id="nothing"),
    ],
)
def test_with_a_token_nothing_is_told_without_it(clock: FakeClock, line: bytes, told: str) -> None:
    assert agent(clock, Secret("right")).answer(line) == told


def test_one_that_cannot_begin_says_so(clock: FakeClock) -> None:
    one = agent(clock)  # whose socket is closed

    with pytest.raises(OSError, match="Bad file descriptor"):
        one.start()
    one.stop()


def test_one_that_never_began_lets_go_of_its_port(clock: FakeClock) -> None:
    first = Agent(bind("127.0.0.1:0"), routing, clock)
    host, port = first.address
    first.stop()

    bind(f"{host}:{port}").close()
