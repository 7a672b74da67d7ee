"""The age of a read by the kernel's stamp, with clocks that are set and slewed."""

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.probes.network.arrival import Ancillary, Arrivals

MS = 1_000_000
SECOND = 1000 * MS
WALL = 1_790_000_000 * SECOND
STEADY = 5000 * SECOND
linux_only = pytest.mark.skipif(not hasattr(socket, "CMSG_SPACE"), reason="no control messages")


class Wall:
    """A wall clock that is where it was put."""

    def __init__(self) -> None:
        self.ns = WALL

    def __call__(self) -> int:
        return self.ns


def stamped(at_ns: int, *, kind: int = 35) -> Ancillary:
    """What the kernel sends along."""
    return [(socket.SOL_SOCKET, kind, struct.pack("qq", *divmod(at_ns, SECOND)))]


@given(st.integers(0, 100 * SECOND))
def test_the_age_is_now_minus_the_stamp(age_ns: int) -> None:
    arrivals = Arrivals(Wall())

    assert arrivals.delay_ns(stamped(WALL - age_ns), STEADY) == age_ns


@pytest.mark.parametrize(
    "ancillary",
    [[], [(socket.SOL_SOCKET, 35, b"short")], stamped(WALL, kind=36), [(1000, 35, bytes(16))]],
    ids=["nothing", "too short", "another kind", "another level"],
)
def test_without_a_stamp_nobody_knows(ancillary: Ancillary) -> None:
    assert Arrivals(Wall()).delay_ns(ancillary, STEADY) is None


def test_a_stamp_of_the_future_is_no_stamp() -> None:
    assert Arrivals(Wall()).delay_ns(stamped(WALL + 1), STEADY) is None


@pytest.mark.parametrize("step_ns", [3600 * SECOND, -3600 * SECOND, 20 * MS, -20 * MS])
def test_after_a_step_of_the_wall_clock_what_came_before_it_has_no_age(step_ns: int) -> None:
    wall = Wall()
    arrivals = Arrivals(wall)
    assert arrivals.delay_ns(stamped(WALL - MS), STEADY) == MS

    came_ns = wall.ns + 2 * MS
    wall.ns += 5 * MS + step_ns

    assert arrivals.delay_ns(stamped(came_ns), STEADY + 5 * MS) is None


def test_what_came_after_the_step_has_its_age_again() -> None:
    wall = Wall()
    arrivals = Arrivals(wall)
    arrivals.delay_ns(stamped(WALL), STEADY)
    wall.ns += SECOND
    arrivals.delay_ns(stamped(wall.ns), STEADY)  # finds the step

    wall.ns += 10 * MS

    assert arrivals.delay_ns(stamped(wall.ns - 4 * MS), STEADY + 10 * MS) == 4 * MS
    assert arrivals.delay_ns(stamped(wall.ns - 11 * MS), STEADY + 10 * MS) is None


def test_a_clock_that_is_slewed_is_not_taken_for_one_that_was_set() -> None:
    wall = Wall()
    arrivals = Arrivals(wall)
    for minute in range(10):
        now_ns = STEADY + minute * 60 * SECOND
        wall.ns = WALL + round(minute * 60 * SECOND * 1.0005)

        assert arrivals.delay_ns(stamped(wall.ns - MS), now_ns) == MS


@linux_only
def test_a_socket_that_cannot_be_asked_is_left_alone() -> None:
    arrivals = Arrivals()
    closed = socket.socket()
    closed.close()

    arrivals.ask(closed)

    with socket.socket() as other:
        arrivals.ask(other)
        assert other.getsockopt(socket.SOL_SOCKET, 35) == 0
