"""A real Alertmanager with the shipped configuration: who is told what, and what is kept quiet."""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.debian import program
from tests.e2e.servers import serving
from tests.grafana.shipped import SHIPPED, alerts, amtool, read
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

CONFIGURATION = str(SHIPPED / "alertmanager/alertmanager.yml")
FAR_AWAY = "2099-01-01T00:00:00Z"


class Alertmanager:
    """A running one, asked over its API."""

    def __init__(self, origin: str) -> None:
        self._alerts = f"{origin}/api/v2/alerts"

    def tell(self, *alerts: Mapping[str, str], ends_at: str = FAR_AWAY) -> None:
        """Tell it of alerts, by their labels."""
        body = json.dumps([{"labels": labels, "endsAt": ends_at} for labels in alerts]).encode()
        request = Request(  # noqa: S310 - loopback
            self._alerts, body, {"content-type": "application/json"}
        )
        with urlopen(request, timeout=10):  # noqa: S310
            pass

    def shown(self) -> list[dict[str, Any]]:
        """All alerts that it knows."""
        with urlopen(self._alerts, timeout=10) as answer:  # noqa: S310 - loopback
            found: list[dict[str, Any]] = json.load(answer)
            return found

    def inhibited(self) -> list[dict[str, str]]:
        """The labels of those that are kept quiet."""
        return [each["labels"] for each in self.shown() if each["status"]["inhibitedBy"]]

    def quiet(self, of: str) -> set[str]:
        """Name the alerts of an instance that are inhibited."""
        return {each["alertname"] for each in self.inhibited() if each.get("instance") == of}


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    binary = program("prometheus-alertmanager", package="prometheus-alertmanager")
    folder = tmp_path_factory.mktemp("alertmanager")

    def command(port: int) -> list[str]:
        options = {
            "config.file": CONFIGURATION,
            "storage.path": str(folder / "data"),
            "web.listen-address": f"127.0.0.1:{port}",
            "cluster.listen-address": "",
        }
        return [binary, *(f"--{name}={value}" for name, value in options.items())]

    with serving(command, folder, health="/-/ready") as origin:
        yield Alertmanager(origin)


def about(instance: str, alert: str, **labels: str) -> dict[str, str]:
    """Make the labels of an alert, as the rules do."""
    scope = str(alerts()[alert]["labels"]["scope"])
    named = {"monitor": {}, "group": {"group": "g"}}.get(scope, {"group": "g", "target": "acme/a"})
    common = {"alertname": alert, "job": "llmprobe", "instance": instance, "scope": scope}
    return {**common, **named, **labels}


MEMBERS = ("LLMTargetDown", "LLMTargetCredentials", "LLMTargetQuota")
BURNS = tuple(f"LLMTargetBudgetBurn{window}" for window in ("1h", "6h", "1d", "3d"))
SLOW = ("LLMTargetLatencyRegression", "LLMTargetThroughputCollapse", "LLMTargetGenerationSlow")


@pytest.mark.parametrize(
    ("cause", "quiet", "loud"),
    [
        ("LLMMonitorDown", (*MEMBERS, "LLMGroupOneLeft", "LLMMonitorLoopLag"), ()),
        ("LLMMonitorStuck", (*MEMBERS, "LLMGroupNoneLeft"), ("LLMMonitorLoopLag",)),
        ("LLMMonitorNetworkDown", MEMBERS, ("LLMMonitorLoopLag",)),
        ("LLMMonitorLoopLag", (), (*MEMBERS, "LLMGroupOneLeft")),
        ("LLMGroupNoneLeft", MEMBERS, ("LLMMonitorLoopLag",)),
        ("LLMGroupOneLeft", (), MEMBERS),
        ("LLMTargetDown", (*BURNS, *SLOW), ("LLMTargetStale", "LLMGroupOneLeft")),
        ("LLMTargetStale", (), SLOW[:2]),
        ("LLMTargetBudgetBurn1h", BURNS[1:], SLOW[:2]),
        ("LLMTargetThroughputCollapse", SLOW[2:], SLOW[:1]),
        ("LLMTargetBudgetBurn6h", BURNS[2:], ()),
        ("LLMTargetBudgetBurn1d", BURNS[3:], ()),
        ("LLMMonitorResultsDropped", ("LLMMonitorStorageSpooling",), MEMBERS),
        ("LLMMonitorSpoolNotWritable", ("LLMMonitorStorageSpooling",), MEMBERS),
    ],
)
def test_what_follows_from_something_worse_is_kept_quiet(
    alertmanager: Alertmanager, cause: str, quiet: tuple[str, ...], loud: tuple[str, ...]
) -> None:
    here = f"with {cause}"

    alertmanager.tell(*(about(here, each) for each in (cause, *quiet, *loud)))

    wait_until(lambda: alertmanager.quiet(here) == set(quiet))


@pytest.mark.parametrize(
    ("cause", "other", "differs"),
    [
        ("LLMMonitorDown", "LLMTargetDown", {"instance": "another"}),
        ("LLMGroupNoneLeft", "LLMTargetDown", {"group": "another"}),
        ("LLMTargetDown", "LLMTargetBudgetBurn1h", {"target": "another"}),
        ("LLMTargetBudgetBurn1h", "LLMTargetBudgetBurn6h", {"target": "another"}),
    ],
)
def test_what_is_about_something_else_is_told(
    alertmanager: Alertmanager, cause: str, other: str, differs: dict[str, str]
) -> None:
    here = f"beside {cause}"
    follows, apart = about(here, other), {**about(here, other), **differs}

    alertmanager.tell(about(here, cause), follows, apart)

    wait_until(lambda: follows in alertmanager.inhibited())
    assert apart not in alertmanager.inhibited()


def test_without_any_monitor_all_targets_are_kept_quiet_until_there_is_one(
    alertmanager: Alertmanager,
) -> None:
    absent = {"alertname": "LLMMonitorAbsent", "job": "llmprobe", "scope": "monitor"}
    alertmanager.tell(absent, about("gone", "LLMTargetDown"))
    wait_until(lambda: alertmanager.quiet("gone") == {"LLMTargetDown"})

    alertmanager.tell(absent, ends_at="2001-01-01T00:00:00Z")

    wait_until(lambda: alertmanager.quiet("gone") == set())


def test_a_target_that_grows_rare_with_its_budget_is_kept_quiet(alertmanager: Alertmanager) -> None:
    ours, others = (about("poor", "LLMTargetStale", provider=name) for name in ("acme", "other"))

    alertmanager.tell(about("poor", "LLMMonitorBudgetSpent", provider="acme"), ours, others)

    wait_until(lambda: ours in alertmanager.inhibited())
    assert others not in alertmanager.inhibited()


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ({"severity": "page", "simulated": "false"}, "page"),
        ({"severity": "page"}, "page"),
        ({"severity": "ticket"}, "ticket"),
        ({"severity": "info"}, "info"),
        ({"severity": "page", "simulated": "true"}, "simulated"),
        ({}, "ticket"),
    ],
    ids=str,
)
def test_who_is_told(labels: dict[str, str], receiver: str) -> None:
    words = [f"{name}={value}" for name, value in labels.items()]
    command = [amtool(), "config", "routes", "test", f"--config.file={CONFIGURATION}"]
    command += [f"--verify.receivers={receiver}", *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_configuration_is_valid() -> None:
    done = subprocess.run(
        [amtool(), "check-config", CONFIGURATION], check=False, capture_output=True, timeout=60
    )

    assert done.returncode == 0, done.stdout


def test_it_names_only_alerts_that_the_rules_have() -> None:
    inhibits = read(Path(CONFIGURATION))["inhibit_rules"]
    matchers = [m for rule in inhibits for m in rule["source_matchers"] + rule["target_matchers"]]
    patterns = [match[1] for m in matchers if (match := re.search(r'^alertname!?=~?"(.*)"$', m))]
    named = [name for pattern in patterns for name in re.split(r"\|(?![^(]*\))", pattern)]

    assert [n for n in named if not any(re.fullmatch(n, alert) for alert in alerts())] == []
    assert len(named) > len(inhibits)
