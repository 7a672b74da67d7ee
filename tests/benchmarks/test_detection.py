"""How soon an outage is known, and how often one is told that was none."""

import time
from statistics import median

import pytest

from monitor.health.stats import quantile
from monitor.model.policy import DEFAULT_POLICY, HealthPolicy
from tests.benchmarks.effort import IS_SMALL, effort
from tests.benchmarks.outages import Watch, World, detections, false_downs
from tests.benchmarks.server import Row, show

pytestmark = pytest.mark.timeout(1800)

DAYS = effort(400, 20)
SEED = 1
MOST_FALSE_DOWNS_A_DAY = 1.0
MOST_MEDIAN_SECONDS = 75.0
#: What many probers do: the first failure is an outage, the first success its end.
ONE_STRIKE = HealthPolicy(
    failures=1, successes=1, confirm_seconds=(), ramp=(1.0,), hold_seconds=0.0
)


def _row(name: str, policy: HealthPolicy, interval_seconds: float) -> Row:
    begin = time.process_time()
    watch = Watch(World(DAYS, SEED), policy, interval_seconds).run()
    found = [each for each in detections(watch) if each is not None]
    return {
        "policy": name,
        "every s": interval_seconds,
        "false downs a day": len(false_downs(watch.downs, watch.world.outages)) / DAYS,
        "detection median s": median(found),
        "p95 s": quantile(sorted(found), 0.95, 1),
        "at worst s": max(found),
        "outages not seen": DAYS - len(found),
        "confirm runs a day": watch.confirms / DAYS,
        "CPU s": time.process_time() - begin,
    }


def test_outages_are_known_within_75_s_and_blips_are_none() -> None:
    rows = [
        _row("ours", DEFAULT_POLICY, 60.0),
        _row("one strike", ONE_STRIKE, 60.0),
        _row("one strike", ONE_STRIKE, 300.0),
    ]
    show(f"{DAYS} days of 12 blips, 0.5 % failures and an outage of 20 minutes each", rows)
    ours, strict, seldom = rows

    assert ours["outages not seen"] == 0
    assert ours["false downs a day"] <= MOST_FALSE_DOWNS_A_DAY
    assert ours["detection median s"] <= MOST_MEDIAN_SECONDS
    assert ours["false downs a day"] < strict["false downs a day"]
    assert IS_SMALL or ours["detection median s"] < seldom["detection median s"]
