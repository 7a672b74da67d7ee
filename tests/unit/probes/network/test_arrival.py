"""The age of a read by the kernel's stamp, with clocks that are set and slewed."""

import socket
import struct
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.probes.network.arrival import Ancillary, Arrivals
from tests.fakes import START

MS = 1_000_000
SECOND = 1000 * MS
WALL = 1_790_000_000 * SECOND
STEADY = 5000 * SECOND
linux_only = pytest.mark.skipif(not hasattr(socket, "CMSG_SPACE"), reason="no control messages")


class Steady:
    """A monotonic clock that gives what it was told, the last for ever."""

    def __init__(self, *ns: int) -> None:
        self._left = list(ns)

    def now(self) -> datetime:
        return START

    def monotonic_ns(self) -> int:
        return self._left.pop(0) if len(self._left) > 1 else self._left[0]


def age(arrivals: Arrivals, ancillary: Ancillary, now_ns: int) -> int | None:
    """How long it had waited, at an instant of the monotonic clock."""
    arrival = arrivals.arrival(ancillary, Steady(now_ns))
    assert arrival.at_ns == now_ns - (arrival.delay_ns or 0)
    return arrival.delay_ns


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

    assert age(arrivals, stamped(WALL - age_ns), STEADY) == age_ns


@pytest.mark.parametrize(
    "ancillary",
    [[], [(socket.SOL_SOCKET, 35, b"short")], stamped(WALL, kind=36), [(1000, 35, bytes(16))]],
    ids=["nothing", "too short", "another kind", "another level"],
)
def test_without_a_stamp_nobody_knows(ancillary: Ancillary) -> None:
    assert age(Arrivals(Wall()), ancillary, STEADY) is None


def test_a_stamp_of_the_future_is_no_stamp() -> None:
    assert age(Arrivals(Wall()), stamped(WALL + 1), STEADY) is None


@pytest.mark.parametrize("step_ns", [3600 * SECOND, -3600 * SECOND, 20 * MS, -20 * MS])
def test_after_a_step_of_the_wall_clock_what_came_before_it_has_no_age(step_ns: int) -> None:
    wall = Wall()
    arrivals = Arrivals(wall)
    assert age(arrivals, stamped(WALL - MS), STEADY) == MS

    came_ns = wall.ns + 2 * MS
    wall.ns += 5 * MS + step_ns

    assert age(arrivals, stamped(came_ns), STEADY + 5 * MS) is None


def test_what_came_after_the_step_has_its_age_again() -> None:
    wall = Wall()
    arrivals = Arrivals(wall)
    age(arrivals, stamped(WALL), STEADY)
    wall.ns += SECOND
    age(arrivals, stamped(wall.ns), STEADY)  # finds the step

    wall.ns += 10 * MS

    assert age(arrivals, stamped(wall.ns - 4 * MS), STEADY + 10 * MS) == 4 * MS
    assert age(arrivals, stamped(wall.ns - 11 * MS), STEADY + 10 * MS) is None


def test_a_clock_that_is_slewed_is_not_taken_for_one_that_was_set() -> None:
    wall = Wall()
    arrivals = Arrivals(wall)
    for minute in range(10):
        now_ns = STEADY + minute * 60 * SECOND
        wall.ns = WALL + round(minute * 60 * SECOND * 1.0005)

        assert age(arrivals, stamped(wall.ns - MS), now_ns) == MS


@linux_only
def test_a_socket_that_cannot_be_asked_is_left_alone() -> None:
    arrivals = Arrivals()
    closed = socket.socket()
    closed.close()

    arrivals.ask(closed)

    with socket.socket() as other:
        arrivals.ask(other)
        assert other.getsockopt(socket.SOL_SOCKET, 35) == 0


def test_a_clock_that_was_read_late_is_read_again() -> None:
    """Put aside between the two clocks, a run would seem to have waited for so long."""
    clock = Steady(STEADY, STEADY + 40 * MS, STEADY + 40 * MS + 1000)

    arrival = Arrivals(Wall()).arrival(stamped(WALL - MS), clock)

    assert arrival.at_ns == STEADY + 39 * MS + 1000


def test_on_a_machine_that_is_never_quick_enough_the_last_look_counts() -> None:
    clock = Steady(*(STEADY + n * MS for n in range(9)))

    assert Arrivals(Wall()).arrival(stamped(WALL - MS), clock).at_ns == STEADY + 3 * MS
