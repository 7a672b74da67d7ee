"""`monitor status`: of a daemon that answers, and of a database where none does."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Response
from fastapi.responses import RedirectResponse
from typer.testing import CliRunner

from monitor.app.remote import Remote, UnansweredError
from monitor.cli import app
from monitor.export.api import build_api
from monitor.export.guard import Access
from monitor.export.server import ApiServer, bind
from monitor.model.clock import SystemClock
from monitor.model.health import State
from monitor.model.snapshot import Snapshot
from monitor.model.target import Secret
from tests.hostile import COMMANDS, HOSTILE
from tests.integration.doors import shut_door
from tests.integration.lives import LARGE, OTHER, SMALL, live
from tests.integration.site import site
from tests.unit.export.pictures import make_snapshot, make_view
from tests.unit.export.test_metrics import make_metrics

#: The first target is down at the end.
DOWN = {LARGE: "ssssffssssff", SMALL: "ssssssssssss", OTHER: "ssffssssssss"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and nothing of ours in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "OPENROUTER_API_KEY", "GROQ_API_KEY", "MONITOR_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["status", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@contextmanager
def served(api: FastAPI) -> Iterator[str]:
    """Serve on a free port; give the address."""
    server = ApiServer(api, bind("127.0.0.1:0"))
    server.start()
    try:
        yield f"http://{server.address}"
    finally:
        server.stop()


def api_of(picture: Snapshot, token: str | None = None) -> FastAPI:
    return build_api(
        snapshot=lambda: picture,
        metrics=make_metrics(picture),
        clock=SystemClock(),
        access=Access(Secret(token)) if token else None,
    )


UP = make_snapshot(make_view("acme/large"), make_view("acme/small", State.DEGRADED))
BROKEN = make_snapshot(make_view("acme/large", State.DOWN))


@pytest.mark.parametrize(("picture", "code"), [(UP, 0), (BROKEN, 1)], ids=["up", "down"])
def test_it_is_bad_that_a_target_is_down(picture: Snapshot, code: int) -> None:
    with served(api_of(picture)) as url:
        found, told, _ = run("--url", url)

    assert found == code
    assert url in told
    assert "acme/large" in told


def test_a_program_reads_what_the_api_says() -> None:
    with served(api_of(UP)) as url:
        code, text, _ = run("--url", url, "--json")

    told = json.loads(text)
    assert code == 0
    assert told["is_live"] is True
    assert [each["key"] for each in told["targets"]] == ["acme/large", "acme/small"]
    assert told["targets"][0]["windows"]["24h"]["uptime_ratio"] == 0.9
    assert told["incidents"] is None


def test_incidents_of_a_daemon_stand_below(migrated_database: str) -> None:
    live(migrated_database, stories=DOWN)
    with site(migrated_database, state=State.DOWN) as opened:
        opened.first("/api/v1/incidents?limit=50")
        _, told, _ = run("--url", f"http://{opened._server.address}")

    lines = told.splitlines()
    below = lines[lines.index("Incidents") :]
    assert [line[0] for line in below[1:]] == ["✗", "✓", "✓"]
    assert "→ now" in below[1]


@pytest.mark.parametrize("given", ["configuration", "environment"])
def test_the_token_is_sent(given: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(api_of(UP, "sesame-123456")) as url:
        refused, _, complaint = run("--url", url)
        if given == "environment":
            monkeypatch.setenv("MONITOR_TOKEN", "sesame-123456")
            code, told, _ = run("--url", url)
        else:
            write_config(folder, url.removeprefix("http://"), "token: sesame-123456")
            code, told, _ = run()

    assert (refused, code) == (2, 0)
    assert "asks for its token" in complaint
    assert "acme/large" in told


def write_config(folder: Path, listen: str, *lines: str) -> None:
    provider = 'providers: {acme: {base_url: "http://127.0.0.1:1/v1", models: {large: }}}'
    text = "\n".join((f"listen: '{listen}'", provider, *lines))
    (folder / "monitor.yaml").write_text(text + "\n")


def test_where_no_daemon_answers_the_database_of_the_configuration_is_read(
    migrated_database: str, folder: Path
) -> None:
    live(migrated_database)
    with shut_door() as port:
        listen = f"127.0.0.1:{port}"
        write_config(folder, listen, f"database: '{migrated_database}'", "vantage: here")

        code, told, complaint = run()

    assert code == 0
    assert f"no monitor answers at http://{listen} (Connection refused)" in complaint
    assert "the database is read" in complaint
    assert ", 8h ago" in told or ", 9h ago" in told
    assert SMALL in told


def test_a_database_tells_what_a_daemon_would_have_told_at_its_newest_run(
    migrated_database: str,
) -> None:
    life = live(migrated_database, stories=DOWN)

    code, text, _ = run("--database", life.url, "--json")

    told = json.loads(text)
    large, small, other = (
        next(each for each in told["targets"] if each["key"] == key)
        for key in (LARGE, SMALL, OTHER)
    )
    windows = {name: each["uptime_ratio"] for name, each in large["windows"].items()}
    day = 1 - 48 / 144
    assert code == 1
    assert told["is_live"] is False
    assert told["age_seconds"] > 7 * 3600
    assert (large["state"], small["state"], other["state"]) == ("down", "up", "up")
    assert windows == {
        "5m": 0.0,
        "30m": 0.0,
        "1h": 0.0,
        "24h": pytest.approx(day),
        "7d": pytest.approx(day),
        "30d": pytest.approx(day),
        "90d": pytest.approx(day),
    }
    assert large["windows"]["30d"]["availability_ratio"] == pytest.approx(0.66, abs=0.02)
    assert large["tokens_per_second"] == 100.0
    assert large["last_result"]["message"] == "Busy"
    assert sorted(each["is_open"] for each in told["incidents"]) == [False, False, True]


def test_hostile_words_from_a_database_are_inert(migrated_database: str) -> None:
    live(migrated_database, stories=DOWN, message=HOSTILE["clear the screen"])

    _, told, _ = run("--database", migrated_database)

    assert not COMMANDS.search(told)
    assert "all is well" in told


def test_of_several_vantages_one_is_named(migrated_database: str) -> None:
    live(migrated_database)
    live(migrated_database, vantage="there", stories=DOWN)

    code, _, complaint = run("--database", migrated_database)
    there, told, _ = run("--database", migrated_database, "--vantage", "there")

    assert code == 2
    assert "name one --vantage; the database knows: here, there" in complaint
    assert there == 1
    assert "vantage there" in told


def html() -> Response:
    return Response("<html>", media_type="text/html")


def elsewhere() -> Response:
    return RedirectResponse("http://127.0.0.1:1/")


def older() -> dict[str, Any]:
    return {"targets": [{"key": "acme/large"}]}


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (html, "is no monitor"),
        (older, "of another version"),
        (elsewhere, "answers with HTTP 307"),
    ],
)
def test_what_is_no_monitor_is_told_so(answer: Callable[[], Any], complaint: str) -> None:
    other = FastAPI()
    other.add_api_route("/{path:path}", answer)
    with served(other) as url:
        code, _, told = run("--url", url)

    assert code == 2
    assert complaint in told


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(("--url", "file:///etc/passwd"), "no address of a monitor", id="scheme"),
        pytest.param(("--url", "http://127.0.0.1:1"), "start one with `monitor run`", id="nobody"),
        pytest.param(("--watch",), "--watch wants a terminal", id="a pipe"),
        pytest.param(("--database", "sqlite:///gone.db"), "no such database", id="no database"),
    ],
)
def test_what_cannot_be_told_is_said(arguments: tuple[str, ...], complaint: str) -> None:
    code, _, told = run(*arguments)

    assert code == 2
    assert complaint in told


def test_an_empty_database_holds_nothing(migrated_database: str) -> None:
    code, _, told = run("--database", migrated_database, "--vantage", "here")

    assert code == 2
    assert "holds no run that was seen from here" in told


def test_each_event_is_a_change_and_a_beat_is_none() -> None:
    other = FastAPI()
    stream = "event: routing\ndata: {}\nid: 1\n\n: beat\n\nevent: transition\ndata: {}\n\n"
    other.add_api_route("/api/v1/events", lambda: Response(stream, media_type="text/event-stream"))
    with served(other) as url:
        assert len(list(Remote(url).changes())) == 2


def test_events_of_nobody_are_an_error() -> None:
    with shut_door() as port, pytest.raises(UnansweredError, match="no monitor answers"):
        next(Remote(f"http://127.0.0.1:{port}").changes())
