"""`monitor replay` over what both kinds of databases hold."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from monitor.model.clock import SystemClock
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.model.triple import Triple
from monitor.store.engine import Engine, open_engine
from monitor.store.results import write_triples
from monitor.store.schedules import sync_schedule
from monitor.store.targets import sync_targets
from tests.factories import make_probe, make_result

CONFIG = """\
groups: {acme/large: {health: {confirm_seconds: []}}}
providers:
  acme: {base_url: "http://127.0.0.1:1/v1", models: {large: , small: {health: {failures: 2}}}}
"""
KEYS = ("acme/large", "acme/small", "gone/large")
#: One run a minute: an outage of ten minutes, and a failure by itself.
STORY = "s" * 30 + "f" * 10 + "s" * 30 + "f" + "s" * 10


@pytest.fixture
def begun_at() -> datetime:
    return SystemClock().now().replace(microsecond=0) - timedelta(hours=3)


@pytest.fixture
def url(migrated_database: str, begun_at: datetime, folder: Path) -> str:
    """A database with the story of three targets, one of which is seen from two places."""
    engine = open_engine(migrated_database)
    probes = [make_probe(key) for key in KEYS]
    with engine.begin() as connection:
        sync_targets(connection, [probe.target for probe in probes], begun_at)
        sync_schedule(connection, probes, "here", begun_at)
        sync_schedule(connection, probes[:1], "there", begun_at)
    for key in KEYS:
        write(engine, story(key, "here", begun_at))
    write(engine, story("acme/large", "there", begun_at))
    engine.dispose()
    return migrated_database


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a configuration."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "monitor.yaml").write_text(CONFIG)
    return tmp_path


def story(key: str, vantage: str, begun_at: datetime) -> list[Result]:
    at = [begun_at + timedelta(minutes=minute) for minute in range(len(STORY))]
    return [
        make_result(
            Outcome.OK if letter == "s" else Outcome.SERVER_ERROR,
            target=key,
            vantage=vantage,
            slot_at=slot_at,
            started_at=slot_at,
        )
        for slot_at, letter in zip(at, STORY, strict=True)
    ]


def write(engine: Engine, results: Sequence[Result]) -> None:
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_probe(key).target for key in KEYS], results[0].at)
        write_triples(connection, ids, [Triple(result=each) for each in results])


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["replay", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def replayed(url: str, *arguments: str) -> dict[str, Any]:
    code, told, complaint = run("--database", url, "--json", *arguments)
    assert code == 0, complaint
    answer = json.loads(told)
    assert isinstance(answer, dict)
    return answer


def test_other_settings_stand_beside_the_configured_ones(url: str) -> None:
    told = replayed(url, "--set", "failures=1", "--target", "acme/large", "--vantage", "here")

    (one,) = told["targets"]
    assert (one["target"], one["vantage"], one["is_configured"]) == ("acme/large", "here", True)
    figures = ("results", "downs", "false_downs", "detection_median_seconds", "down_seconds")
    assert [one["configured"][name] for name in figures] == [81, 1, 0, 120, 9 * 60]
    assert [one["other"][name] for name in figures] == [81, 2, 1, 0, 11 * 60 + 2 * 60]
    assert told["changes"] == {"failures": 1}


def test_each_target_has_the_settings_of_its_levels(url: str) -> None:
    told = replayed(url)

    found = {(each["target"], each["vantage"]): each["configured"] for each in told["targets"]}
    delays = {key: each["detection_median_seconds"] for key, each in found.items()}
    assert delays == {
        ("acme/large", "here"): 120,
        ("acme/large", "there"): 120,
        ("acme/small", "here"): 60,
        ("gone/large", "here"): 120,
    }
    # What its group said of one target makes no confirm runs; the others miss theirs.
    assert found["acme/large", "here"]["unmade_confirm_runs"] == 0
    assert found["gone/large", "here"]["unmade_confirm_runs"] > 0
    assert [each["is_configured"] for each in told["targets"]] == [True, True, True, False]
    assert told["total"]["configured"]["downs"] == 4
    assert "other" not in told["total"]


def test_results_before_the_time_are_left_out(url: str) -> None:
    told = replayed(url, "--since", "2h", "--target", "acme/small")

    assert told["targets"][0]["configured"]["results"] <= 21


def test_what_is_false_can_be_said(url: str) -> None:
    told = replayed(url, "--false-below", "11m", "--vantage", "there")

    assert told["total"]["configured"]["false_downs"] == 1


def test_only_completions_are_read(url: str, begun_at: datetime) -> None:
    engine = open_engine(url)
    at = begun_at + timedelta(seconds=7)
    listing = make_result(Outcome.SERVER_ERROR, kind=Kind.MODELS, slot_at=at, started_at=at)
    write(engine, [listing])
    engine.dispose()

    told = replayed(url, "--target", "acme/large", "--vantage", "here")

    assert told["targets"][0]["configured"]["results"] == 81


def test_people_get_a_table_and_its_limits(url: str) -> None:
    code, told, _ = run("--database", url, "--set", "failures=1", "--set", "ramp=0.5,1")

    rows = {line.split("  ")[0]: line.split() for line in told.splitlines() if line}
    assert code == 0
    assert rows["all"][1] == "324"
    assert "4 → 8" in told
    assert "acme/large from there" in rows
    assert "2.0 min → 0.0 s" in told
    assert "behind it: the same with failures=1, ramp=0.5,1" in told
    assert "A replay knows only the runs that were made" in told
    assert "1 of 4 are not in the configuration" in told


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        pytest.param(("--set", "failures=0"), 2, "--set failures: must be at least 1", id="set"),
        pytest.param(("--since", "soon"), 2, "must be a duration like 7d", id="since"),
        pytest.param(("--false-below", "-1"), 2, "must be a duration", id="false below"),
        pytest.param(("--target", "acme/lage"), 2, "acme/large from here", id="no such target"),
        pytest.param(("--vantage", "moon"), 2, "acme/large from there", id="no such vantage"),
        pytest.param(("--since", "1m"), 1, "no run was recorded since", id="nothing"),
    ],
)
def test_what_cannot_be_replayed_is_told(
    url: str, arguments: tuple[str, ...], code: int, complaint: str
) -> None:
    ended, _, told = run("--database", url, *arguments)

    assert ended == code
    assert complaint in told


def test_a_database_that_is_not_there_is_not_made(folder: Path) -> None:
    code, _, told = run("--database", "sqlite:///gone.db")

    assert code == 2
    assert "There is no such database" in told
    assert not (folder / "gone.db").exists()
