"""A provider fails, and comes back: what users see of it behind the real HAProxy and Envoy.

The routers are set up as their documents say. One story is played and looked at from all sides.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.e2e.process import MonitorProcess
from tests.e2e.routers import ALONE, SECOND_NS, WAYS, Site, both_are_up, open_site, weights
from tests.e2e.traffic import Traffic
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

INTERVAL_SECONDS = 5.0
CONFIRM_SECONDS = (1.0, 2.0)
RUN_SECONDS = 0.3
#: From the begin of an outage, a router may ask the target for no longer.
BOUND_SECONDS = INTERVAL_SECONDS + 1.2 * sum(CONFIRM_SECONDS) + 3 * RUN_SECONDS + 2
DEFAULTS = {
    "interval_seconds": INTERVAL_SECONDS,
    "jitter_seconds": 0,
    "health": {"confirm_seconds": list(CONFIRM_SECONDS), "ramp": [0.1, 0.5, 1]},
    "deadlines": {"first_token_seconds": 3, "total_seconds": 4},
}
#: A router follows a new weight within that, and so much of the time around it says nothing.
_MARGIN_NS = 2 * SECOND_NS


@dataclass
class Story:
    """What happened when.

    Attributes:
        site: The providers, who tell what they saw.
        traffic: The users, who tell what they got.
        begun_ns: Both providers work.
        failed_ns: `acme` fails from here ...
        healed_ns: ... to here.
        ended_ns: It is up again, and asked in all ways.
        told: The weights of `acme` and `bolt` that were published, and since when they were.
    """

    site: Site
    traffic: Traffic
    begun_ns: int = 0
    failed_ns: int = 0
    healed_ns: int = 0
    ended_ns: int = 0
    told: list[tuple[int, dict[str, float]]] = field(default_factory=list)

    def look(self, daemon: MonitorProcess) -> dict[str, float]:
        """Note what is published now."""
        now_ns, found = time.perf_counter_ns(), weights(daemon)
        if not self.told or self.told[-1][1] != found:
            self.told.append((now_ns, found))
        return found

    def watch(self, daemon: MonitorProcess, seconds: float) -> None:
        """Note what is published for some time."""
        end = time.monotonic() + seconds

        def is_over() -> bool:
            self.look(daemon)
            return time.monotonic() > end

        wait_until(is_over, seconds=seconds + 10)

    def spans(self) -> list[tuple[int, int, float]]:
        """When the weights were settled, from and to, and the share of `acme` that they mean."""
        ends = [at_ns for at_ns, _ in self.told[1:]] + [self.ended_ns]
        found = zip(self.told, ends, strict=True)
        return [
            (at_ns + _MARGIN_NS, end_ns, told["acme"] / sum(told.values()))
            for (at_ns, told), end_ns in found
            if end_ns - at_ns > 2 * _MARGIN_NS
        ]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    with (
        open_site(tmp_path_factory.mktemp("routers"), DEFAULTS) as site,
        site.monitor() as daemon,
    ):
        both_are_up(daemon)
        with site.traffic() as traffic:
            played = Story(site, traffic)
            wait_until(site.asks("acme", *site.ways))
            played.begun_ns = time.perf_counter_ns()
            played.watch(daemon, 5)
            played.failed_ns = site.fail()
            played.watch(daemon, BOUND_SECONDS + 3)
            played.healed_ns = site.heal()
            wait_until(lambda: played.look(daemon)["acme"] > 0.5, seconds=40)
            wait_until(site.asks("acme", *WAYS))
            played.ended_ns = time.perf_counter_ns()
        yield played


@pytest.mark.parametrize("way", WAYS)
def test_users_see_much_less_of_an_outage_with_us_than_without(story: Story, way: str) -> None:
    span = (story.failed_ns, story.healed_ns)
    with_us = story.traffic.failed_ratio(way, *span)
    without = story.traffic.failed_ratio(ALONE[way], *span)
    print(f"{way}: {with_us:.0%} of the requests failed, without us {without:.0%}")  # noqa: T201

    assert with_us < without
    # In a longer outage, all that comes after this is without a failure.
    bound_ns = story.failed_ns + round(BOUND_SECONDS * SECOND_NS)
    assert story.traffic.failed_ratio(way, bound_ns, story.healed_ns) == 0
    assert story.traffic.failed_ratio(ALONE[way], bound_ns, story.healed_ns) > 0.3


@pytest.mark.parametrize("way", WAYS)
def test_a_target_that_is_down_is_asked_no_more_and_asked_again_when_it_is_back(
    story: Story, way: str
) -> None:
    seen = [
        each.request_received_ns
        for each in story.site.served(way, story.failed_ns)
        if each.provider == "acme"
    ]
    last_ns = max(at_ns for at_ns in seen if at_ns < story.healed_ns)
    took = (last_ns - story.failed_ns) / SECOND_NS
    print(f"{way}: asked for {took:.1f} s of the outage, bound {BOUND_SECONDS:.1f}")  # noqa: T201

    assert took <= BOUND_SECONDS
    assert [at_ns for at_ns in seen if story.healed_ns < at_ns < story.ended_ns]


@pytest.mark.parametrize("way", ["haproxy", "envoy-file"])
def test_shares_of_the_traffic_follow_the_weights(story: Story, way: str) -> None:
    spans = story.spans()
    shares = [share for _, _, share in spans]
    # While it is down, and on the way back.
    assert 0 in shares, story.told
    assert any(0 < share < 0.4 for share in shares), story.told

    for from_ns, to_ns, share in spans:
        served = [
            each.provider
            for each in story.site.served(way, from_ns)
            if each.request_received_ns < to_ns
        ]
        print(f"{way}: {share:.0%} meant, {served.count('acme')} of {len(served)}")  # noqa: T201
        assert served.count("acme") / len(served) == pytest.approx(share, abs=0.08)


@pytest.mark.parametrize("way", WAYS)
def test_nobody_fails_before_the_outage_and_after_it(story: Story, way: str) -> None:
    before_ns = story.failed_ns - SECOND_NS // 2  # who asks just before it may still be caught
    assert story.traffic.failed_ratio(way, story.begun_ns, before_ns) == 0
    assert story.traffic.failed_ratio(way, story.healed_ns, story.ended_ns) == 0
