"""The Portkey gateway obeys: it is sent our config with each request, as the page tells."""

import json
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import yaml

from monitor.export.portkey import portkey_config
from monitor.simulator import (
    Behaviour,
    FaultKind,
    RunningSimulator,
    Script,
    SimulatedTarget,
    Simulator,
    Truth,
    run_in_thread,
)
from tests.e2e.portkey import KEY, MODEL, Caller, ask, gateway_command, of_the_page, own_config
from tests.e2e.process import MonitorProcess
from tests.e2e.servers import require_tools, serving
from tests.unit.export.routed import candidate, routing
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

PROVIDERS = ("east", "west")
GROUP = "lab/large"
INTERVAL, CONFIRMS, RUN_SECONDS = 5.0, (1.0, 2.0), 0.5
#: From the begin of an outage on nobody is sent there any more after so long.
BOUND_SECONDS = INTERVAL + 1.2 * sum(CONFIRMS) + 3 * RUN_SECONDS + 2
#: What the caller keeps at the end; the page's 15 seconds would only take longer.
MAX_AGE_SECONDS = 4


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    script = Script(first_token_seconds=0.03, gap_seconds=0.002)
    fleet = [
        SimulatedTarget(provider=name, model=MODEL, group=GROUP, behaviour=Behaviour(script=script))
        for name in PROVIDERS
    ]
    with run_in_thread(Simulator(fleet)) as running:
        yield running


@pytest.fixture(scope="module")
def urls(simulator: RunningSimulator) -> dict[str, str]:
    return {name: simulator.base_url(name) for name in PROVIDERS}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where Portkey serves."""
    require_tools("node", "npm")
    with serving(gateway_command, tmp_path_factory.mktemp("portkey"), health="/") as origin:
        yield origin


def configure(folder: Path, urls: dict[str, str]) -> None:
    settings = {
        "defaults": {
            "interval_seconds": INTERVAL,
            "jitter_seconds": 0,
            "deadlines": {"connect_seconds": 1, "first_token_seconds": 2, "total_seconds": 3},
            "health": {"confirm_seconds": list(CONFIRMS)},
        },
        "providers": {
            name: {
                "base_url": url,
                "dialect": "openai_chat",
                "headers": {"authorization": f"Bearer {KEY}"},
                "models": {MODEL: {"group": GROUP}},
            }
            for name, url in urls.items()
        },
    }
    (folder / "monitor.yaml").write_text(yaml.safe_dump(settings))


@dataclass
class Story:
    """An outage of one of two providers, and then of the monitor itself.

    All instants are monotonic nanoseconds.

    Attributes:
        guided: Asked with our config.
        unguided: Asked with its own.
        truths: What the providers saw.
        metrics: What Prometheus would have seen after the recovery.
        marks: When what began.
    """

    guided: Caller
    unguided: Caller
    truths: tuple[Truth, ...] = ()
    metrics: str = ""

    def __post_init__(self) -> None:
        self.marks: dict[str, int] = {}

    def mark(self, name: str) -> int:
        self.marks[name] = time.monotonic_ns()
        return self.marks[name]

    def begin(self, name: str, later_seconds: float = 0.0) -> int:
        return self.marks[name] + round(later_seconds * 1e9)

    def asked(self, caller: Caller, begin_ns: int, end_ns: int) -> Counter[str]:
        """Count what a caller's requests were, in a time, by provider."""
        return Counter(
            truth.provider
            for truth in self.truths
            if caller.name in truth.prompt and begin_ns <= truth.request_received_ns < end_ns
        )


def pass_seconds(since_ns: int, seconds: float) -> None:
    wait_until(lambda: time.monotonic_ns() >= since_ns + seconds * 1e9, seconds=seconds + 30)


def is_served(simulator: RunningSimulator, caller: Caller, provider: str, since_ns: int) -> bool:
    truths = simulator.call(simulator.simulator.truths)
    return any(
        each.provider == provider and caller.name in each.prompt
        for each in truths
        if each.request_received_ns >= since_ns
    )


@pytest.fixture(scope="module")
def story(
    tmp_path_factory: pytest.TempPathFactory,
    simulator: RunningSimulator,
    urls: dict[str, str],
    gateway: str,
) -> Story:
    folder, page = tmp_path_factory.mktemp("monitor"), of_the_page()
    configure(folder, urls)
    own = own_config(urls)
    with ExitStack() as opened:
        daemon = opened.enter_context(MonitorProcess(folder))
        wait_until(lambda: set(daemon.states().values()) == {"up"}, seconds=60)
        keys = {f"{name}/{MODEL}": KEY for name in PROVIDERS}
        url = f"http://{daemon.address}/api/v1/portkey?group={GROUP}"
        config = page["PortkeyConfig"](url, own, keys)
        wait_until(lambda: config.told is not own)
        guided = opened.enter_context(Caller(gateway, "with us", config.header))
        unguided = opened.enter_context(Caller(gateway, "on my own", lambda: json.dumps(own)))
        story = Story(guided, unguided)
        tell(story, simulator, daemon, page)
    story.truths = simulator.call(simulator.simulator.truths)
    return story


def tell(
    story: Story, simulator: RunningSimulator, daemon: MonitorProcess, page: dict[str, float]
) -> None:
    begin = story.mark("begin")
    for provider in PROVIDERS:  # by lot
        wait_until(partial(is_served, simulator, story.guided, provider, begin))
    simulator.call(lambda: simulator.simulator.inject("east", None, FaultKind.SERVER_ERROR))
    pass_seconds(story.mark("outage"), BOUND_SECONDS + 4)
    simulator.call(simulator.simulator.clear)
    healed = story.mark("healed")
    wait_until(lambda: is_served(simulator, story.guided, "east", healed), seconds=60)
    page["MAX_AGE_SECONDS"] = MAX_AGE_SECONDS
    pass_seconds(story.mark("back"), 2.0)
    story.metrics = daemon.get("/metrics")
    daemon.signal(signal.SIGSTOP)
    pass_seconds(story.mark("wedged"), MAX_AGE_SECONDS + 5)
    daemon.signal(signal.SIGKILL)
    daemon.wait()
    pass_seconds(story.mark("killed"), 2.0)
    story.mark("end")


def test_before_the_outage_both_are_asked_and_answer(story: Story) -> None:
    begin, outage = story.begin("begin"), story.begin("outage")

    assert story.asked(story.guided, begin, outage).keys() == set(PROVIDERS)
    assert story.guided.failures(begin, outage)[0] == 0


def test_a_provider_that_is_down_is_asked_no_more(story: Story) -> None:
    late, healed = story.begin("outage", BOUND_SECONDS), story.begin("healed")

    assert story.asked(story.guided, late, healed).keys() == {"west"}


def test_in_an_outage_fewer_requests_fail_than_without_us(story: Story) -> None:
    outage, healed = story.begin("outage"), story.begin("healed")
    late = story.begin("outage", BOUND_SECONDS)
    failed, asked = story.guided.failures(outage, healed)
    failed_without, asked_without = story.unguided.failures(outage, healed)
    print(  # noqa: T201 - a figure to be had
        f"failed in the outage: {failed}/{asked} with us, {failed_without}/{asked_without} without"
    )

    assert failed / asked < failed_without / asked_without
    assert story.guided.failures(late, healed)[0] == 0
    failed_without, asked_without = story.unguided.failures(late, healed)
    assert failed_without > asked_without / 10


def test_it_is_asked_again_after_its_recovery(story: Story) -> None:
    assert story.begin("back") > story.begin("healed")
    assert story.guided.failures(story.begin("healed"), story.begin("wedged"))[0] == 0


def test_the_group_was_available_throughout_and_its_target_was_not(story: Story) -> None:
    known = dict(re.findall(r"^(llmprobe_\w+\{.*\}) ([\d.]+)$", story.metrics, re.MULTILINE))
    east = f'model="{MODEL}",provider="east",target="east/{MODEL}"'

    assert known[f'llmprobe_group_available{{group="{GROUP}"}}'] == "1.0"
    for window in ("5m", "1h", "24h", "30d"):
        group = f'llmprobe_group_availability_ratio{{group="{GROUP}",window="{window}"}}'
        assert known[group] == "1.0"
    assert float(known[f'llmprobe_availability_ratio{{{east},window="5m"}}']) < 0.95


def test_a_monitor_that_stands_still_is_ignored(story: Story) -> None:
    stale, killed = story.begin("wedged", MAX_AGE_SECONDS + 1), story.begin("killed")
    asked = story.asked(story.guided, stale, killed)

    assert asked["east"] > asked.total() / 10  # half of them by lot, as in its own config


def test_no_request_fails_for_want_of_a_monitor(story: Story) -> None:
    begin, end = story.begin("wedged"), story.begin("end")

    failed, asked = story.guided.failures(begin, end)
    assert failed == 0
    assert asked > 20


@pytest.mark.parametrize(
    ("weights", "least", "most"),
    [
        pytest.param((0.25, 0.75), 1, 40, id="a quarter"),
        pytest.param((0.0, 1.0), 0, 0, id="nothing"),
    ],
)
def test_shares_follow_weights(
    gateway: str,
    simulator: RunningSimulator,
    urls: dict[str, str],
    weights: tuple[float, float],
    least: int,
    most: int,
) -> None:
    told = routing(
        *(
            candidate(f"{name}/{MODEL}", weight, base_url=urls[name])
            for name, weight in zip(PROVIDERS, weights, strict=True)
        )
    )
    config = portkey_config(told.groups[0])
    for target in config["targets"]:
        target["api_key"] = KEY
    words = f"by {weights}"

    with ThreadPoolExecutor(4) as many:
        header = json.dumps(config)
        assert all(many.map(lambda _: ask(gateway, header, words), range(60)))
    truths = simulator.call(simulator.simulator.truths)
    to_east = sum(each.provider == "east" and words in each.prompt for each in truths)
    assert least <= to_east <= most
