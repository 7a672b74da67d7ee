"""LiteLLM's own proxy, with us and without: the emblem case, a wedged monitor, a killed one.

One provider of a model answers "Too many simultaneous queries" under a 404. It does so for 15 s
here; the probing interval is 5 s in place of the usual 60, and all the rest in proportion. What
happens is recorded once, in `story`; the tests look at it.
"""

import json
import math
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.model.clock import SystemClock
from monitor.simulator import (
    Behaviour,
    FaultKind,
    RunningSimulator,
    Script,
    SimulatedTarget,
    Simulator,
    run_in_thread,
)
from tests.e2e.gateways import DEPLOYMENTS, MODEL, WITH, WITHOUT, both_ways
from tests.e2e.process import MonitorProcess
from tests.e2e.servers import free_port
from tests.e2e.traffic import Traffic
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

INTERVAL = 5.0
CONFIRM = [1, 2]
MAX_AGE = 15.0
OUTAGE = 15.0
#: A run that is answered by an error at once, on this machine, however busy it is.
RUN = 0.2
#: By then a target that fails is known to be down, and its router has heard of it.
BOUND = INTERVAL + 1.2 * sum(CONFIRM) + 3 * RUN + 2
SECOND = 1_000_000_000
ACME, BOLT = f"acme/{MODEL}", f"bolt/{MODEL}"


@dataclass
class Story:
    """What happened, on the clock of `perf_counter_ns`.

    Attributes:
        ns: When which part began.
        at: When the outage began and ended, by the calendar.
        weights: What the feed said of both targets while one recovered.
        arrived: The providers' requests: when, at whom, by which way.
        incidents: As the API told them.
        traffic: What users saw.
    """

    traffic: Traffic
    ns: dict[str, int] = field(default_factory=dict)
    at: dict[str, datetime] = field(default_factory=dict)
    weights: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    arrived: list[tuple[int, str, str]] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)

    def mark(self, name: str) -> None:
        """A part of the story begins."""
        self.ns[name], self.at[name] = time.perf_counter_ns(), SystemClock().now()

    def arrivals(self, provider: str, way: str, begin: int, end: int) -> list[int]:
        """When a provider was asked in that time, by that way."""
        return [
            at for at, *where in self.arrived if where == [provider, way] and begin <= at < end
        ]


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    script = Script(first_token_seconds=0.05, gap_seconds=0.001)
    fleet = [
        SimulatedTarget(
            provider=provider, model=MODEL, group="sim/chat", behaviour=Behaviour(script=script)
        )
        for provider in DEPLOYMENTS
    ]
    with run_in_thread(Simulator(fleet)) as running:
        yield running


def configure(folder: Path, base_urls: dict[str, str]) -> None:
    settings = {
        "defaults": {
            "interval_seconds": INTERVAL,
            "jitter_seconds": 0,
            "health": {"confirm_seconds": CONFIRM},
        },
        "providers": {
            provider: {
                "base_url": url,
                "api_key": "sim-key",
                "models": {MODEL: {"group": "sim/chat", "deployment": DEPLOYMENTS[provider]}},
            }
            for provider, url in base_urls.items()
        },
    }
    # Its key is what LiteLLM calls the first one anyway.
    del settings["providers"]["acme"]["models"][MODEL]["deployment"]  # type: ignore[index]
    (folder / "monitor.yaml").write_text(yaml.safe_dump(settings))


@pytest.fixture(scope="module")
def story(simulator: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("litellm")
    base_urls = {provider: simulator.base_url(provider) for provider in DEPLOYMENTS}
    configure(folder, base_urls)
    address = f"127.0.0.1:{free_port()}"
    with ExitStack() as stack:
        daemon = stack.enter_context(MonitorProcess(folder, "--listen", address))
        ports = stack.enter_context(both_ways(folder, base_urls, f"http://{address}"))
        wait_until(lambda: set(daemon.states().values()) == {"up"})
        story = Story(stack.enter_context(Traffic(ports, MODEL)))
        play(story, simulator, daemon)
    for truth in simulator.call(simulator.simulator.truths):
        way = next((way for way in (WITHOUT, WITH) if way in truth.prompt.split()), "probe")
        story.arrived.append((truth.request_received_ns, truth.provider, way))
    return story


def play(story: Story, simulator: RunningSimulator, daemon: MonitorProcess) -> None:
    """An outage, the recovery, another outage; a monitor that stands still, goes on, is killed."""
    wait_until(lambda: len(story.traffic.asked) > 60)
    break_it(story, simulator, "outage")
    wait_for_second(story, "outage", OUTAGE)
    mend_it(story, simulator, "mended")
    watch(story, daemon, "recovering")
    story.mark("recovering")
    wait_for_second(story, "recovering", 8, watched=daemon)
    story.incidents = json.loads(daemon.get("/api/v1/incidents"))["incidents"]

    break_it(story, simulator, "again")
    wait_until(lambda: daemon.states()[BOLT] == "down")
    wait_for_second(story, "again", BOUND - 3)
    daemon.signal(signal.SIGSTOP)
    mend_it(story, simulator, "wedged")
    wait_for_second(story, "wedged", MAX_AGE + 5)
    daemon.signal(signal.SIGCONT)
    wait_for_second(story, "wedged", MAX_AGE + 7)
    daemon.signal(signal.SIGKILL)
    story.mark("killed")
    wait_for_second(story, "killed", 3)
    story.mark("end")


def break_it(story: Story, simulator: RunningSimulator, name: str) -> None:
    story.mark(name)
    simulator.call(lambda: simulator.simulator.inject("bolt", None, FaultKind.EMBLEM))


def mend_it(story: Story, simulator: RunningSimulator, name: str) -> None:
    simulator.call(lambda: simulator.simulator.clear("bolt"))
    story.mark(name)


def watch(story: Story, daemon: MonitorProcess, state: str) -> None:
    wait_until(lambda: daemon.states()[BOLT] == state)


def wait_for_second(
    story: Story, name: str, seconds: float, *, watched: MonitorProcess | None = None
) -> None:
    """Wait until a part is so old; note the weights meanwhile, if the monitor is watched."""
    end = story.ns[name] + int(seconds * SECOND)

    def is_over() -> bool:
        if watched:
            (group,) = json.loads(watched.get("/api/v1/routing"))["groups"]
            told = {each["target"]: each["weight"] for each in group["candidates"]}
            story.weights.append((time.perf_counter_ns(), told))
        return time.perf_counter_ns() > end

    wait_until(is_over, seconds=seconds + 30)


def test_a_target_that_is_down_gets_no_requests_in_time(story: Story) -> None:
    known = story.ns["outage"] + int(BOUND * SECOND)

    assert story.arrivals("bolt", WITH, story.ns["outage"], known)
    assert story.arrivals("bolt", WITH, known, story.ns["mended"]) == []
    assert len(story.arrivals("acme", WITH, known, story.ns["mended"])) > 10


def test_nobody_gets_an_error_after_the_detection(story: Story) -> None:
    known = story.ns["outage"] + int(BOUND * SECOND)

    assert story.traffic.failed_ratio(WITH, known, story.ns["again"]) == 0


def test_fewer_requests_fail_than_without_us(
    story: Story, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    begin, end = story.ns["outage"], story.ns["mended"]
    ours, theirs = (story.traffic.failed_ratio(way, begin, end) for way in (WITH, WITHOUT))
    record_property("failed_ratio", {WITH: ours, WITHOUT: theirs})
    with capsys.disabled():
        print(f"\nfailed during the outage: {ours:.1%} with us, {theirs:.1%} without")  # noqa: T201

    assert ours < theirs


def test_a_target_that_recovers_gets_its_share(story: Story) -> None:
    begin, end = story.weights[0][0], story.weights[-1][0]
    bolt, acme = (len(story.arrivals(name, WITH, begin, end)) for name in ("bolt", "acme"))
    shares = [told[BOLT] / (told[BOLT] + told[ACME]) for _, told in story.weights]
    expected = (bolt + acme) * sum(shares) / len(shares)
    spread = math.sqrt((bolt + acme) * sum(p * (1 - p) for p in shares) / len(shares))

    assert bolt > 0
    assert max(shares) < 0.5
    assert bolt == pytest.approx(expected, abs=4 * spread)
    assert bolt < (bolt + acme) / 2 - spread


def test_the_outage_is_an_incident_with_its_cause_and_length(story: Story) -> None:
    (incident,) = story.incidents
    begin, end = (datetime.fromisoformat(incident[name]) for name in ("begin_at", "end_at"))
    late = timedelta(seconds=INTERVAL + 2)

    assert (incident["target"], incident["reason"]) == (BOLT, "overloaded")
    assert incident["http_status"] == 404
    assert "Too many simultaneous queries" in incident["message"]
    assert story.at["outage"] <= begin <= story.at["outage"] + late
    assert story.at["mended"] <= end <= story.at["mended"] + late


def test_a_monitor_that_stands_still_is_obeyed_no_more(story: Story) -> None:
    wedged = story.ns["wedged"]
    stale = wedged + int((MAX_AGE + 1) * SECOND)

    assert story.arrivals("bolt", WITH, wedged, wedged + 5 * SECOND) == []
    after = {
        provider: len(story.arrivals(provider, WITH, stale, stale + 3 * SECOND))
        for provider in DEPLOYMENTS
    }
    assert min(after.values()) >= 2, after


def test_neither_a_wedged_nor_a_killed_monitor_fails_a_request(story: Story) -> None:
    assert story.traffic.failed_ratio(WITH, story.ns["wedged"], story.ns["killed"]) == 0
    assert story.traffic.failed_ratio(WITH, story.ns["killed"], story.ns["end"]) == 0
