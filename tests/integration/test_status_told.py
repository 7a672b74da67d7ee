"""What `monitor status` says beside the table: of the monitor that answers, and of old answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from monitor.export.api import build_api
from monitor.export.guard import Access
from monitor.export.shapes import target_shape
from monitor.model.clock import SystemClock
from monitor.model.configuration import Configuration
from monitor.model.health import State
from monitor.model.snapshot import Snapshot
from monitor.model.target import Secret
from tests.fakes import START
from tests.integration.test_status import UP, run, served, write_config
from tests.unit.cli.test_board import incident
from tests.unit.export.pictures import make_snapshot, make_view
from tests.unit.export.test_metrics import make_metrics


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no token in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONITOR_TOKEN", raising=False)
    return tmp_path


def api_of(
    picture: Snapshot,
    *,
    access: Access | None = None,
    configuration: Configuration | None = None,
) -> FastAPI:
    return build_api(
        snapshot=lambda: picture,
        metrics=make_metrics(picture),
        clock=SystemClock(),
        access=access,
        configuration=(lambda: configuration) if configuration else None,
    )


def test_a_public_monitor_without_its_token_is_no_other_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    access = Access(Secret("sesame-123456"), is_public=True)
    with served(api_of(UP, access=access)) as url:
        refused, _, complaint = run("--url", url)
        monkeypatch.setenv("MONITOR_TOKEN", "sesame-123456")
        code, _, _ = run("--url", url)

    assert (refused, code) == (2, 0)
    assert "shows only its public part" in complaint
    assert "MONITOR_TOKEN" in complaint


def test_a_configuration_that_was_refused_is_told_with_what_is_wrong() -> None:
    problems = ("line 3: listen: must be HOST:PORT", "line 4: providers: is empty")
    with served(api_of(UP, configuration=Configuration(read_at=START, problems=problems))) as url:
        _, told, _ = run("--url", url)
    with served(api_of(UP, configuration=Configuration(read_at=START))) as url:
        _, good, _ = run("--url", url)

    assert "refused, the one of 2026-03-01 12:00:00 UTC holds" in told
    assert "line 3: listen: must be HOST:PORT (and 1 more)" in told
    assert "refused" not in good


@pytest.mark.parametrize(
    ("picture", "vantage", "why"),
    [
        pytest.param(UP, "home", "its vantage is here, not home", id="another vantage"),
        pytest.param(
            make_snapshot(make_view("zeta/large")),
            "here",
            "none of its targets",
            id="other targets",
        ),
        pytest.param(UP, "here", None, id="that of the file"),
    ],
)
def test_it_is_told_that_another_monitor_answers_than_that_of_the_file(
    picture: Snapshot, vantage: str, why: str | None, folder: Path
) -> None:
    with served(api_of(picture)) as url:
        write_config(folder, url.removeprefix("http://"), f"vantage: {vantage}")
        code, _, complaint = run()

    assert code == 0
    assert ("does not run monitor.yaml" in complaint) is (why is not None)
    assert (why or "") in complaint


def test_an_old_answer_about_incidents_is_asked_for_once_more() -> None:
    """The first question in minutes is answered with what was known then, and asks anew."""
    told = [(150.0, True), (0.5, False)]

    def incidents() -> dict[str, Any]:
        age, is_open = told.pop(0)
        return {"age_seconds": age, "incidents": [incident(5, is_open=is_open)]}

    down = target_shape(make_view("acme/large", State.DOWN))
    other = FastAPI()
    shapes = {"vantage": "here", "simulated": False, "targets": [down]}
    other.add_api_route("/api/v1/targets", lambda: shapes)
    other.add_api_route("/api/v1/incidents", incidents)
    with served(other) as url:
        _, text, _ = run("--url", url, "--json")

    shown = json.loads(text)
    assert [each["is_open"] for each in shown["incidents"]] == [False]
    assert shown["incidents_age_seconds"] == 0.5
