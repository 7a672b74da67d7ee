"""`monitor report` over both kinds of databases; its figures are those of the API."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from monitor.app.report import Wanted
from monitor.app.reporting import Source, make_report, watched
from monitor.app.spans import spans_of
from monitor.cli import app
from monitor.cli.reports.shape import report_shape
from monitor.config.settings import Settings
from monitor.export.questions import Questions
from monitor.model.clock import SystemClock
from monitor.model.target import Kind
from monitor.store.engine import open_engine, open_reader
from monitor.store.schedules import read_schedule
from tests.databases import KINDS, fresh_database
from tests.factories import make_probe
from tests.integration.lives import LARGE, OTHER, SMALL, Life, live
from tests.integration.site import site


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no key in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY", "GROQ_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture(scope="module", params=KINDS)
def life(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Life]:
    """A database of either kind that is only read."""
    folder = tmp_path_factory.mktemp("life")
    with fresh_database(request.param, folder, migrated=True) as url:
        yield live(url)


@pytest.fixture
def own_life(migrated_database: str) -> Life:
    """A database that a test may change."""
    return live(migrated_database)


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["report", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def span(life: Life) -> tuple[str, ...]:
    times = "--from", life.begin_at.isoformat(), "--to", life.end_at.isoformat()
    return ("--database", life.url, *times)


def reported(life: Life, *arguments: str) -> dict[str, Any]:
    code, told, complaint = run(*span(life), "--format", "json", *arguments)
    assert code == 0, complaint
    answer = json.loads(told)
    assert isinstance(answer, dict)
    return answer


def by_key(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["key"]: each for each in told["targets"]}


@pytest.mark.parametrize("kind", ["completion", "throughput"])
def test_the_figures_are_those_of_the_api(life: Life, kind: str) -> None:
    told = by_key(reported(life))
    with site(life.url) as opened:
        times = f"from={quote(life.begin_at.isoformat())}&to={quote(life.end_at.isoformat())}"
        path = f"/api/v1/targets/{quote(LARGE, safe='')}/window?{times}&kind={kind}"
        body = opened.first(path).body
        incidents = opened.first("/api/v1/incidents").body["incidents"]

    assert told[LARGE][kind] == body["window"]
    assert body["window"]["valid"] == {"completion": 144, "throughput": 12}[kind]
    shown = [each for key in (LARGE, OTHER) for each in told[key]["incidents"]]
    assert [{name: each[name] for name in incidents[0]} for each in shown] == sorted(
        incidents, key=lambda each: str(each["target"])
    )


def test_the_slots_of_configured_targets_are_counted_as_the_daemon_does(life: Life) -> None:
    probes = tuple(make_probe(key, interval_seconds=300.0) for key in (LARGE, SMALL))
    settings, clock = Settings(probes=probes, vantage="here"), SystemClock()
    reader = open_reader(life.url)
    source = Source(reader=reader, settings=settings, now=clock.now())
    wanted = Wanted(begin_at=life.begin_at, end_at=life.end_at)
    told = by_key(report_shape(make_report(source, wanted, watched(reader, wanted))))
    with reader.connect() as connection:
        spans = spans_of(probes, read_schedule(connection, "here"))
        questions = Questions("here", clock, lambda key: spans.get(key, ()))
        stretch = life.begin_at, life.end_at
        answer = questions.window(connection, LARGE, Kind.COMPLETION, stretch)
    reader.dispose()

    assert told[LARGE]["completion"] == json.loads(answer)


def test_an_incident_has_its_evidence_and_the_ids_of_its_requests(life: Life) -> None:
    (incident,) = by_key(reported(life))[LARGE]["incidents"]

    assert incident["reason"] == "overloaded"
    assert incident["duration_seconds"] == pytest.approx(2 * 3600)
    assert datetime.fromisoformat(incident["begin_at"]) == life.begin_at + timedelta(
        hours=4, seconds=7
    )
    assert incident["first_failure"]["request_id"] == "req-48"
    assert incident["last_failure"]["request_id"] == "req-71"
    assert incident["last_failure"]["message"] == "Busy"
    assert incident["request_ids"] == [f"req-{n}" for n in range(71, 61, -1)]
    assert incident["failing_runs"] == {"overloaded": 24}


def test_an_incident_that_began_before_the_time_and_went_on_is_told(life: Life) -> None:
    begin = life.begin_at.isoformat()
    code, told, _ = run("--database", life.url, "--from", begin, "--json", "--target", LARGE)
    (incident,) = json.loads(told)["targets"][0]["incidents"]
    within = ("--from", incident["known_at"], "--to", incident["end_at"])

    _, again, _ = run("--database", life.url, *within, "--json", "--target", LARGE)
    # The hour in which it ended is told of as a whole.
    after = ("--from", f"{datetime.fromisoformat(incident['end_at']) + timedelta(hours=1)}")
    _, later, _ = run("--database", life.url, *after, "--json", "--target", LARGE)

    assert code == 0
    assert len(json.loads(again)["targets"][0]["incidents"]) == 1
    assert json.loads(later)["targets"][0]["incidents"] == []


def test_a_group_is_available_while_one_of_its_targets_is(life: Life) -> None:
    told = reported(life)

    groups = {each["group"]: each for each in told["groups"]}
    large, small = groups["sim/large"], groups["sim/small"]
    assert (large["targets"], large["incidents"], large["valid"]) == (2, 2, 288)
    assert large["uptime_ratio"] == pytest.approx(1 - 48 / 288)
    assert large["availability_ratio"] == 1.0
    assert small["availability_ratio"] == small["uptime_ratio"] == 1.0
    assert large["cost_usd"] == pytest.approx((240 + 12) * 0.001)


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        pytest.param((), [LARGE, OTHER, SMALL], id="all, by group"),
        pytest.param(("--group", "sim/large"), [LARGE, OTHER], id="a group"),
        pytest.param(("--provider", "acme"), [LARGE, SMALL], id="a provider"),
        pytest.param(("--target", SMALL), [SMALL], id="a target"),
        pytest.param(("--vantage", "here", "--target", SMALL), [SMALL], id="a vantage"),
    ],
)
def test_only_what_is_asked_for_is_told(
    life: Life, arguments: tuple[str, ...], keys: list[str]
) -> None:
    assert [each["key"] for each in reported(life, *arguments)["targets"]] == keys


def test_vantages_are_never_merged(own_life: Life) -> None:
    live(own_life.url, vantage="there")

    told = reported(own_life)

    assert [each["vantage"] for each in told["targets"]] == ["here"] * 3 + ["there"] * 3
    assert [each["valid"] for each in told["groups"]] == [288, 144, 288, 144]


def test_the_table_says_what_counts(life: Life) -> None:
    code, told, _ = run(*span(life), "--target", LARGE)

    words = " ".join(told.split())
    assert code == 0
    assert f"Service levels of {LARGE}" in told
    assert "83.333%" in told
    assert "request ids req-71, req-70" in words
    assert "144 scheduled runs, of which 144 count" in words


@pytest.mark.parametrize("form", ["table", "csv", "json", "md", "html"])
def test_every_format_goes_to_a_file_too(life: Life, form: str, folder: Path) -> None:
    _, printed, _ = run(*span(life), "--format", form)

    code, told, said = run(*span(life), "--format", form, "--output", f"report.{form}")

    written = (folder / f"report.{form}").read_bytes().decode().replace("\r\n", "\n")
    made = r"\d\d:\d\d:\d\d(\.\d+)?"
    assert (code, told, said) == (0, "", f"report.{form} is written\n")
    assert re.sub(made, "", written) == re.sub(made, "", printed)


def test_a_spreadsheet_has_a_row_for_each_target_incident_and_group(life: Life) -> None:
    _, told, _ = run(*span(life), "--format", "csv")

    rows = list(csv.DictReader(io.StringIO(told, newline="")))
    assert [each["row"] for each in rows] == ["target"] * 3 + ["incident"] * 2 + ["group"] * 2
    assert float(rows[0]["uptime_ratio"]) == pytest.approx(5 / 6)


def test_the_window_ends_now_unless_told(life: Life) -> None:
    code, text, _ = run("--database", life.url, "--window", "30d", "--json")

    report = json.loads(text)
    assert code == 0
    assert report["end_at"] == report["generated_at"] == report["asked"]["end_at"]
    assert report["begin_at"] == report["asked"]["begin_at"]
    assert {each["probed_since_at"] for each in report["targets"]} == {life.begin_at.isoformat()}
    assert by_key(report)[LARGE]["completion"]["valid"] == 144


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        pytest.param(("--target", "acme/huge"), 2, f"  {LARGE} (sim/large) from here", id="target"),
        pytest.param(("--window", "soon"), 2, "must be a duration", id="window"),
        pytest.param(("--from", "soon"), 2, "2026-03-01T12:00", id="from"),
        pytest.param(("--from", "2100-01-01"), 2, "--from: must lie before", id="future"),
        pytest.param(("--output", "no/such/folder/x"), 2, "cannot write", id="output"),
        pytest.param(("--from", "2020-01-01", "--to", "2020-01-02"), 1, "nothing was", id="empty"),
    ],
)
def test_what_cannot_be_told_is_said(
    life: Life, arguments: tuple[str, ...], code: int, complaint: str
) -> None:
    found, _, told = run("--database", life.url, *arguments)

    assert found == code
    assert complaint in told


def test_a_database_that_is_not_there_is_not_made(folder: Path) -> None:
    code, _, told = run()

    assert code == 2
    assert "There is no such database" in told
    assert not (folder / "monitor.db").exists()


def test_what_was_pruned_is_not_made_up(own_life: Life) -> None:
    engine = open_engine(own_life.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM result")
        connection.exec_driver_sql("DELETE FROM rollup_due")
    engine.dispose()

    (incident,) = by_key(reported(own_life))[LARGE]["incidents"]
    _, told, _ = run(*span(own_life))

    assert incident["first_failure"] is None
    assert incident["request_ids"] == []
    assert "its results are kept no more" in told
