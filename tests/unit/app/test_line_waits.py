"""The line where there is no room: a run waits, as long as it is worth it, and for nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest

from monitor.app.line import _patience_seconds
from monitor.model.outcome import Fault, Outcome, Verdict
from monitor.model.target import Probe
from monitor.scheduling.grid import Grid
from monitor.scheduling.limits import Bounds, Lane
from monitor.scheduling.scheduler import instant, micros
from tests.factories import make_probe, make_result
from tests.fakes import START, FakeClock
from tests.unit.app.scene import Scene

#: The host of `make_probe`, and a provider that shares it.
OTHER = Lane("other", "127.0.0.1:1")


@pytest.fixture
def scene(clock: FakeClock) -> Scene:
    return Scene(clock, overall=1.0, bounds=Bounds(per_host=1))


@asynccontextmanager
async def full(scene: Scene) -> AsyncIterator[None]:
    """Hold the only permit of the host."""
    async with scene.limits.turn(OTHER, "another", lambda: 0.0) as refusal:
        assert refusal is None
        yield


async def waiting(scene: Scene, confirm: int = 0) -> "asyncio.Future[None]":
    """Let a run wait for that permit."""
    run = asyncio.ensure_future(scene.line.run(scene.probe, START, confirm))
    await asyncio.sleep(0)
    assert scene.limits.waiting == 1
    return run


def rules(scene: Scene) -> list[str]:
    return [triple.result.verdict.rule for triple in scene.sink.triples]


async def test_the_wait_for_room_is_told_as_schedule_delay(scene: Scene, clock: FakeClock) -> None:
    async with full(scene):
        run = await waiting(scene)
        clock.advance(7)
    await run

    (triple,) = scene.sink.triples
    assert triple.result.verdict.outcome is Outcome.UNREACHABLE  # nobody listens on port 1
    assert triple.result.schedule_delay_seconds == 7
    assert triple.result.started_at == START + timedelta(seconds=7)
    assert scene.limits.waiting == 0


async def test_a_run_that_waits_until_the_next_slot_is_missed(
    scene: Scene, clock: FakeClock
) -> None:
    clock.advance(scene.probe.interval_seconds)
    async with full(scene):
        await scene.line.run(scene.probe, START, 0)

    (triple,) = scene.sink.triples
    assert (triple.result.verdict.outcome, triple.result.verdict.rule) == (
        Outcome.MISSED,
        "missed-concurrency",
    )
    assert (triple.result.slot_at, triple.result.started_at) == (START, None)
    assert triple.result.schedule_delay_seconds is None
    assert triple.health is None


async def test_a_confirm_run_that_cannot_begin_before_the_next_slot_leaves_no_row(
    scene: Scene, clock: FakeClock
) -> None:
    clock.at = next_slot(scene.probe, START)  # where every patience is at its end
    clock.step(-0.1)
    async with full(scene):
        await scene.line.run(scene.probe, START, 1)

    assert rules(scene) == []


@pytest.mark.parametrize(
    ("confirm", "told"),
    [
        pytest.param(0, ["missed-stopped"], id="a slot is a row"),
        pytest.param(1, [], id="a confirm run is none"),
    ],
)
async def test_a_stop_ends_the_wait_at_once(scene: Scene, confirm: int, told: list[str]) -> None:
    async with full(scene):
        run = await waiting(scene, confirm)
        scene.limits.close()
        await run

        assert rules(scene) == told


async def test_a_scheduled_run_ends_the_wait_of_a_confirm_run(scene: Scene) -> None:
    async with full(scene):
        run = await waiting(scene, confirm=1)
        scene.line.abort(scene.probe, 1)
        await run

        assert (rules(scene), scene.limits.waiting) == ([], 0)


async def test_a_bug_of_ours_costs_no_permit(scene: Scene) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("ours")

    scene.prober.run = broken  # type: ignore[method-assign,assignment]
    for _ in range(2):
        await scene.line.run(scene.probe, START, 0)

    assert rules(scene) == ["prober-error"] * 2


def spend(scene: Scene) -> None:
    scene.restraint.note(scene.probe, make_result(cost_usd=1.5))


def ask_for_a_pause(scene: Scene) -> None:
    verdict = Verdict(
        outcome=Outcome.RATE_LIMITED, fault=Fault.ACCOUNT, rule="test", retry_after_seconds=60
    )
    scene.restraint.note(scene.probe, make_result(verdict=verdict))


@pytest.mark.parametrize(
    ("happens", "rule"),
    [
        pytest.param(spend, "missed-budget", id="the budget was spent"),
        pytest.param(ask_for_a_pause, "missed-retry_after", id="a pause was asked for"),
        pytest.param(lambda _scene: None, "cut-refused", id="nothing"),
    ],
)
async def test_what_happened_during_the_wait_counts(
    scene: Scene, happens: Callable[[Scene], None], rule: str
) -> None:
    async with full(scene):
        run = await waiting(scene)
        happens(scene)
    await run

    assert rules(scene) == [rule]


async def test_near_the_end_of_a_budget_a_slot_that_was_picked_is_run_after_its_wait(
    scene: Scene,
) -> None:
    scene.restraint.note(scene.probe, make_result(cost_usd=0.92))
    await scene.line.run(scene.probe, START, 0)
    async with full(scene):
        run = await waiting(scene)
    await run

    assert rules(scene) == ["missed-budget", "cut-refused"]  # every second slot


async def test_a_host_is_one_however_it_is_written(scene: Scene) -> None:
    shouted = make_probe(base_url="http://LOCALHOST:1/v1")
    async with scene.limits.turn(Lane("other", "localhost:1"), "another", lambda: 0.0):
        run = asyncio.ensure_future(scene.line.run(shouted, START, 0))
        await asyncio.sleep(0)

        assert scene.limits.waiting == 1
    await run


def next_slot(probe: Probe, after: datetime) -> datetime:
    grid = Grid.of(probe.key, probe.interval_seconds, probe.jitter_seconds)
    return instant(grid.slot_us(grid.next_after(micros(after))))


@pytest.mark.parametrize(
    ("interval", "jitter", "margin"),
    [
        pytest.param(60.0, 6.0, 0.5, id="half a second"),
        pytest.param(2.0, 0.0, 0.1, id="of a short interval a twentieth"),
    ],
)
def test_patience_ends_shortly_before_the_next_slot(
    interval: float, jitter: float, margin: float
) -> None:
    probe = make_probe(interval_seconds=interval, jitter_seconds=jitter)
    slot_at = next_slot(probe, START)
    now = slot_at + timedelta(seconds=0.25)

    patience = _patience_seconds(probe, slot_at, now)

    end_at = now + timedelta(seconds=patience + margin)
    assert end_at == next_slot(probe, slot_at)
    assert interval - jitter <= (end_at - slot_at).total_seconds() <= interval + jitter
