"""The world in which the benchmark of detection is played, and what becomes of it."""

from dataclasses import replace

import pytest

from monitor.model.policy import DEFAULT_POLICY, HealthPolicy
from tests.benchmarks.outages import (
    BLIP_SECONDS,
    BLIPS_A_DAY,
    DAY_SECONDS,
    OUTAGE_SECONDS,
    RANDOM_FAILURES,
    Stretch,
    Watch,
    World,
    detections,
    false_downs,
)

PLAIN = replace(DEFAULT_POLICY, confirm_seconds=())
ONE_STRIKE = replace(PLAIN, failures=1)


class CalmWorld(World):
    """One outage, an hour after the begin, and nothing else."""

    def __init__(self, outage_seconds: float = OUTAGE_SECONDS) -> None:
        super().__init__(days=0, seed=1)
        self.seconds, self.outages = 3 * 3600.0, [Stretch(3600.0, 3600.0 + outage_seconds)]

    def fails(self, at: float) -> bool:
        return any(each.begin <= at < each.end for each in self.outages)

    def run_seconds(self) -> float:
        return 1.0


def watched(policy: HealthPolicy, interval_seconds: float = 60.0) -> Watch:
    return Watch(CalmWorld(), policy, interval_seconds).run()


def test_a_world_is_the_same_for_the_same_seed() -> None:
    one, same, other = World(3, 1), World(3, 1), World(3, 2)

    assert (one.outages, one.blips) == (same.outages, same.blips)
    assert one.blips != other.blips


def test_a_world_has_what_it_should() -> None:
    days = 300
    world = World(days, 1)
    lengths = [each.end - each.begin for each in world.blips]

    assert [int(each.begin // DAY_SECONDS) for each in world.outages] == list(range(days))
    assert {round(each.end - each.begin) for each in world.outages} == {OUTAGE_SECONDS}
    assert len(lengths) / days == pytest.approx(BLIPS_A_DAY, rel=0.1)
    assert sum(lengths) / len(lengths) == pytest.approx(BLIP_SECONDS, rel=0.1)


def test_runs_fail_in_an_outage_in_a_blip_and_now_and_then() -> None:
    world = World(30, 1)
    calm = (at for at in range(0, 2_000_000, 20) if not bad(world, at))

    assert all(world.fails(each.begin) and world.fails(each.end - 1e-3) for each in world.outages)
    assert all(world.fails((each.begin + each.end) / 2) for each in world.blips)
    failures = [world.fails(at) for at in calm]
    assert sum(failures) / len(failures) == pytest.approx(RANDOM_FAILURES, rel=0.2)


def bad(world: World, at: float) -> bool:
    return any(each.begin <= at < each.end for each in (*world.outages, *world.blips))


@pytest.mark.parametrize(
    ("policy", "interval", "least", "most"),
    [
        pytest.param(ONE_STRIKE, 60, 0, 67, id="one strike: the wait for a slot"),
        pytest.param(DEFAULT_POLICY, 60, 27, 106, id="and two confirm runs"),
        pytest.param(PLAIN, 60, 114, 193, id="and two more slots, without confirm runs"),
        pytest.param(ONE_STRIKE, 300, 0, 331, id="the wait is long if slots are rare"),
    ],
)
def test_an_outage_is_known_when_the_policy_says(
    policy: HealthPolicy, interval: float, least: float, most: float
) -> None:
    watch = watched(policy, interval)

    (delay,) = detections(watch)
    assert delay is not None
    assert least <= delay <= most
    assert len(watch.downs) == len(watch.ups) == 1
    assert watch.downs[0].begin < watch.downs[0].end == watch.world.outages[0].begin + delay
    assert false_downs(watch.downs, watch.world.outages) == []


def test_confirm_runs_are_counted() -> None:
    assert watched(DEFAULT_POLICY).confirms == 3  # two of the first failure, one of a success
    assert watched(PLAIN).confirms == 0


def test_a_confirm_run_gives_way_to_the_next_slot() -> None:
    late = replace(DEFAULT_POLICY, confirm_seconds=(100.0,))

    assert watched(late).confirms == 0


def test_an_outage_that_nobody_saw_is_told() -> None:
    assert detections(Watch(CalmWorld(60.0), PLAIN).run()) == [None]


def test_a_target_that_was_down_before_needs_no_detection() -> None:
    watch = Watch(CalmWorld(), PLAIN)
    watch.downs.append(Stretch(3000, 3100))
    assert detections(watch) == [0.0]

    watch.ups.append(3200)
    assert detections(watch) == [None]


def test_a_down_without_an_outage_is_false() -> None:
    downs = [Stretch(10, 20), Stretch(95, 120), Stretch(190, 230), Stretch(300, 310)]

    assert false_downs(downs, [Stretch(100, 200)]) == [downs[0], downs[3]]
