"""LiteLLM's own proxy, with us and without: the emblem case, a wedged monitor, a killed one.

One provider of a model answers "Too many simultaneous queries" under a 404. It does so for 18 s
here, or as long as `MONITOR_EMBLEM_SECONDS` says; the probing interval is 5 s in place of the usual
60, and all the rest in proportion. What happens is recorded once, in `story`; the tests look at it.
"""

import json
import math
import os
import signal
import subprocess
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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
from tests.e2e.gateways import DEPLOYMENTS, MODEL, OTHER, WITH, WITHOUT, both_ways
from tests.e2e.process import MonitorProcess
from tests.e2e.servers import free_port
from tests.e2e.traffic import Traffic
from tests.e2e.venvs import LITELLM, cached_venv
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

REPOSITORY = Path(__file__).parents[2]
INTERVAL = 5.0
CONFIRM = [1, 2]
MAX_AGE = 15.0
OUTAGE = float(os.environ.get("MONITOR_EMBLEM_SECONDS", "18"))
#: A run that is answered by an error at once, on this machine, however busy it is.
RUN = 0.2
#: So long the share of a target that recovers is watched.
RAMP = 6.0
SLACK = 2.0
#: Of so many seconds' requests LiteLLM's lots send some to either target.
STALE_SLACK = 5.0
#: By then a target that fails is known to be down, and its router has heard of it.
BOUND = INTERVAL + 1.2 * sum(CONFIRM) + 3 * RUN + SLACK
SECOND = 1_000_000_000
ACME, BOLT = f"acme/{MODEL}", f"bolt/{MODEL}"
PROVIDERS = ("acme", "bolt")


@dataclass
class Story:
    """What happened, on the clock of `perf_counter_ns`.

    Attributes:
        ns: When which part began.
        at: When the outage began and ended, by the calendar.
        weights: What the feed said of both targets while one recovered.
        arrived: The providers' requests: when, at whom, for which model, by which way.
        incidents: As the API told them.
        traffic: What the users of the model saw.
        other: What those of the other model saw, which one provider fails all the time.
    """

    traffic: Traffic
    other: Traffic
    ns: dict[str, int] = field(default_factory=dict)
    at: dict[str, datetime] = field(default_factory=dict)
    weights: list[tuple[int, dict[str, float]]] = field(default_factory=list)
    arrived: list[tuple[int, str, str, str]] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)

    def mark(self, name: str) -> None:
        """A part of the story begins."""
        self.ns[name], self.at[name] = time.perf_counter_ns(), SystemClock().now()

    def arrivals(self, provider: str, begin: int, end: int, model: str = MODEL) -> list[int]:
        """When a provider was asked for a model in that time, by the way with us."""
        wanted = [provider, model, WITH]
        return [at for at, *where in self.arrived if where == wanted and begin <= at < end]


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    script = Script(first_token_seconds=0.05, gap_seconds=0.001)
    fleet = [
        SimulatedTarget(
            provider=provider,
            model=model,
            group=f"sim/{model}",
            behaviour=Behaviour(script=script),
        )
        for provider, model in DEPLOYMENTS
    ]
    with run_in_thread(Simulator(fleet)) as running:
        yield running


def configure(folder: Path, base_urls: dict[str, str]) -> None:
    settings: dict[str, Any] = {
        "defaults": {
            "interval_seconds": INTERVAL,
            "jitter_seconds": 0,
            "health": {"confirm_seconds": CONFIRM},
        },
        "providers": {
            provider: {
                "base_url": url,
                "api_key": "sim-key",
                "models": {model: {"group": f"sim/{model}"} for model in (MODEL, OTHER)},
            }
            for provider, url in base_urls.items()
        },
    }
    settings["providers"]["bolt"]["models"][MODEL]["deployment"] = DEPLOYMENTS["bolt", MODEL]
    (folder / "monitor.yaml").write_text(yaml.safe_dump(settings))


@pytest.fixture(scope="module")
def story(simulator: RunningSimulator, tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("litellm")
    base_urls = {provider: simulator.base_url(provider) for provider in PROVIDERS}
    configure(folder, base_urls)
    address = f"127.0.0.1:{free_port()}"
    with ExitStack() as stack:
        daemon = stack.enter_context(MonitorProcess(folder, "--listen", address))
        ports = stack.enter_context(both_ways(folder, base_urls, f"http://{address}"))
        wait_until(lambda: set(daemon.states().values()) == {"up"})
        story = Story(Traffic(ports, MODEL), Traffic({WITH: ports[WITH]}, OTHER))
        play(story, simulator, daemon)
    for truth in simulator.call(simulator.simulator.truths):
        way = next((way for way in (WITHOUT, WITH) if way in truth.prompt.split()), "probe")
        story.arrived.append((truth.request_received_ns, truth.provider, truth.model, way))
    return story


def play(story: Story, simulator: RunningSimulator, daemon: MonitorProcess) -> None:
    """An outage and the recovery; then a monitor that stands still, goes on, and is killed."""
    simulator.call(lambda: simulator.simulator.inject("bolt", OTHER, FaultKind.SERVER_ERROR))
    with story.traffic:
        wait_until(lambda: len(story.traffic.asked) > 60)
        story.mark("outage")
        simulator.call(lambda: simulator.simulator.inject("bolt", MODEL, FaultKind.EMBLEM))
        wait_until(lambda: since(story.ns["outage"]) > OUTAGE, seconds=OUTAGE + 30)
        simulator.call(lambda: simulator.simulator.clear("bolt", MODEL))
        story.mark("mended")
        wait_until(lambda: daemon.states()[BOLT] == "recovering")
        watch_weights(story, daemon)
        # Its share is small at first, and LiteLLM casts lots.
        wait_until(lambda: is_asked(simulator, "bolt", story.weights[0][0]))
        story.mark("recovered")
    story.incidents = json.loads(daemon.get(f"/api/v1/incidents?target={BOLT}"))["incidents"]
    with story.other:
        play_the_end(story, simulator, daemon)
    story.mark("end")


def play_the_end(story: Story, simulator: RunningSimulator, daemon: MonitorProcess) -> None:
    """The target that is down is well again when nobody is there to see it."""
    wait_for_requests(story.other, 10)
    daemon.signal(signal.SIGSTOP)
    simulator.call(lambda: simulator.simulator.clear("bolt", OTHER))
    story.mark("wedged")
    wait_until(lambda: since(story.ns["wedged"]) > MAX_AGE + STALE_SLACK)
    wait_for_requests(story.other, 15)
    daemon.signal(signal.SIGCONT)
    wait_until(lambda: daemon.get("/healthz"))
    wait_for_requests(story.other, 15)
    daemon.signal(signal.SIGKILL)
    story.mark("killed")
    wait_for_requests(story.other, 15)


def since(ns: int) -> float:
    """Seconds since then."""
    return (time.perf_counter_ns() - ns) / SECOND


def wait_for_requests(traffic: Traffic, count: int) -> None:
    """Wait until users asked so many times more."""
    asked = len(traffic.asked) + count
    wait_until(lambda: len(traffic.asked) > asked)


def is_asked(simulator: RunningSimulator, provider: str, since_ns: int) -> bool:
    """Say whether users with the monitor asked a provider since then."""
    return any(
        each.provider == provider and WITH in each.prompt.split()
        for each in simulator.call(simulator.simulator.truths)
        if each.request_received_ns >= since_ns
    )


def watch_weights(story: Story, daemon: MonitorProcess) -> None:
    """Ask the feed for a while what both targets should get."""
    begun = time.perf_counter_ns()

    def is_over() -> bool:
        (group,) = json.loads(daemon.get("/api/v1/routing?group=sim/chat"))["groups"]
        told = {each["target"]: each["weight"] for each in group["candidates"]}
        story.weights.append((time.perf_counter_ns(), told))
        return since(begun) > RAMP

    wait_until(is_over)


def test_a_target_that_is_down_gets_no_requests_in_time(story: Story) -> None:
    known = story.ns["outage"] + int(BOUND * SECOND)

    assert story.arrivals("bolt", story.ns["outage"], known)
    assert story.arrivals("bolt", known, story.ns["mended"]) == []
    assert len(story.arrivals("acme", known, story.ns["mended"])) > 10


def test_nobody_gets_an_error_after_the_detection(story: Story) -> None:
    known = story.ns["outage"] + int(BOUND * SECOND)

    assert story.traffic.failed_ratio(WITH, known, story.ns["recovered"]) == 0


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
    begin, end = story.weights[0][0], story.ns["recovered"]
    bolt, acme = (len(story.arrivals(name, begin, end)) for name in ("bolt", "acme"))
    shares = [told[BOLT] / (told[BOLT] + told[ACME]) for _, told in story.weights]
    expected = (bolt + acme) * sum(shares) / len(shares)
    spread = math.sqrt((bolt + acme) * sum(p * (1 - p) for p in shares) / len(shares))

    assert bolt > 0
    assert max(shares) < 0.5
    assert bolt == pytest.approx(expected, abs=4 * spread + 3)
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
    wedged, killed = story.ns["wedged"], story.ns["killed"]
    stale = wedged + int((MAX_AGE + STALE_SLACK) * SECOND)
    down, up = (story.arrivals(provider, wedged, killed, OTHER) for provider in ("bolt", "acme"))

    # Its last beat was a second old at most, and was obeyed as long as it may be.
    assert all(at > wedged + 5 * SECOND for at in down)
    assert len([at for at in up if at < wedged + 5 * SECOND]) > 5
    assert min(down) < stale


def test_neither_a_wedged_nor_a_killed_monitor_fails_a_request(story: Story) -> None:
    assert story.other.failed_ratio(WITH, story.ns["wedged"], story.ns["killed"]) == 0
    assert story.other.failed_ratio(WITH, story.ns["killed"], story.ns["end"]) == 0


def test_both_can_share_an_environment() -> None:
    """As the extra promises: of what both need, LiteLLM takes nothing that is too old for us."""
    listing = [str(cached_venv(LITELLM) / "python"), "-m", "pip", "list", "--format", "json"]
    told = subprocess.run(listing, check=True, capture_output=True, text=True, timeout=120)
    theirs = {canonicalize_name(each["name"]): each["version"] for each in json.loads(told.stdout)}
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    ours = [Requirement(each) for each in project["dependencies"]]
    shared = [each for each in ours if canonicalize_name(each.name) in theirs]

    assert {"rich", "fastapi"} <= {each.name for each in shared}
    for each in shared:
        assert each.specifier.contains(theirs[canonicalize_name(each.name)]), each
