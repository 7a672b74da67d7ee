"""The demonstration's fleet, twelve times as quick, probed each second from a configuration."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from monitor.simulator import (
    DEMO_FLEET,
    Behaviour,
    During,
    Rule,
    RunningSimulator,
    SimulatedTarget,
    Simulator,
    run_in_thread,
)
from tests.e2e.process import MonitorProcess
from tests.waiting import wait_until

_QUICKER_TROUBLE = 12
_QUICKER_ANSWERS = 5
_PRICES = {"input_usd_per_million": 0.15, "output_usd_per_million": 0.6}
# What the demonstration does not have, so that every panel can be asked.
_WORK = {"targets": ["cirrus/chat-small"], "from": "2000-01-01T00:00Z", "to": "2100-01-01T00:00Z"}
_MORE: dict[str, Any] = {"budget": {"usd_per_day": 20}, "maintenance": [_WORK]}
_THROUGHPUT = {"interval_seconds": 4, "deadlines": {"total_seconds": 3.3}}


def quick(target: SimulatedTarget) -> SimulatedTarget:
    """Let a target answer, fail and recover sooner."""
    script = target.behaviour.script
    answers = replace(
        script,
        first_token_seconds=script.first_token_seconds / _QUICKER_ANSWERS,
        gap_seconds=script.gap_seconds / _QUICKER_ANSWERS,
    )
    rules = tuple(_quick_rule(rule) for rule in target.behaviour.rules)
    return replace(target, behaviour=replace(target.behaviour, script=answers, rules=rules))


def _quick_rule(rule: Rule) -> Rule:
    when = rule.when
    if not isinstance(when, During):
        return rule
    spans = {
        name: getattr(when, name) / _QUICKER_TROUBLE
        for name in ("from_seconds", "to_seconds", "period_seconds")
    }
    return replace(rule, when=During(**spans))


def settings(simulator: RunningSimulator, fleet: tuple[SimulatedTarget, ...]) -> dict[str, Any]:
    """Say how to probe a fleet each second."""
    providers: dict[str, Any] = {}
    for target in fleet:
        provider = providers.setdefault(
            target.provider,
            {"base_url": simulator.base_url(target.provider), "dialect": "openai_chat"},
        )
        key = {"authorization": f"Bearer {target.api_key}"}
        model = {"group": target.group, "prices": _PRICES, "headers": key}
        provider.setdefault("models", {})[target.model] = model
    levels = {"interval_seconds": 1, "jitter_seconds": 0.2}
    return {"vantage": "here", "defaults": levels, "providers": providers}


@contextmanager
def probed(folder: Path) -> Iterator[MonitorProcess]:
    """Run the monitor over the quick fleet."""
    fleet = tuple(map(quick, DEMO_FLEET))
    with run_in_thread(Simulator(fleet, seed=1)) as simulator:
        said = settings(simulator, fleet) | _MORE
        said["defaults"]["throughput"] = _THROUGHPUT
        (folder / "monitor.yaml").write_text(yaml.safe_dump(said))
        # Long windows are reckoned at the start and then each minute: with results from before,
        # at once.
        with MonitorProcess(folder) as first:
            wait_until(lambda: all(each["windows"]["5m"]["valid"] for each in well(first)))
            first.signal(signal.SIGTERM)
            assert first.wait() == 0
        with MonitorProcess(folder) as daemon:
            yield daemon


def well(daemon: MonitorProcess) -> list[dict[str, Any]]:
    """Give what the API tells of the targets that our account does not keep from being probed."""
    return [each for key, each in daemon.targets().items() if key != "ember/chat-large"]


def steady(provider: str) -> SimulatedTarget:
    """Make a target of the group `sim/steady` that always answers."""
    return SimulatedTarget(
        provider=provider, model="steady", group="sim/steady", behaviour=Behaviour()
    )
