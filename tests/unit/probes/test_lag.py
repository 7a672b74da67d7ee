"""How long the loop stood still, looked back on from a run."""

import asyncio

import pytest

from monitor.probes.lag import LoopLag
from tests.fakes import FakeClock

MS = 1_000_000


@pytest.fixture
def lag(clock: FakeClock) -> LoopLag:
    sampled = LoopLag(clock)
    for at_ms, seconds in ((10, 0.3), (20, 0.002), (30, 0.004), (40, 0.0001)):
        sampled.note(at_ms * MS, seconds)
    return sampled


@pytest.mark.parametrize(
    ("since_ms", "worst"),
    [
        pytest.param(5, 0.3, id="all of it"),
        pytest.param(15, 0.004, id="what came before does not count"),
        pytest.param(35, 0.0, id="less than a millisecond is nothing"),
        pytest.param(45, None, id="nothing was sampled since"),
    ],
)
def test_the_worst_stall_since_an_instant(lag: LoopLag, since_ms: int, worst: float | None) -> None:
    assert lag.worst_since(since_ms * MS) == worst


async def test_a_stall_that_is_just_ending_counts(clock: FakeClock) -> None:
    """After a stall the run may be woken before the sampler."""
    lag = LoopLag(clock)
    watching = asyncio.ensure_future(lag.watch())
    await asyncio.sleep(0)
    began_ns = clock.monotonic_ns()

    clock.advance(0.3)

    assert lag.worst_since(began_ns) == pytest.approx(0.295)
    watching.cancel()


def test_the_worst_stall_is_told_once(lag: LoopLag) -> None:
    assert lag.take_worst() == 0.3
    assert lag.take_worst() == 0.0


def test_a_loop_that_was_never_watched_tells_nothing(clock: FakeClock) -> None:
    assert LoopLag(clock).worst_since(0) is None
