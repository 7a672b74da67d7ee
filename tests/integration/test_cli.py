"""The verbs, in process: what they print and how they exit."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from monitor.store.migrate import head
from tests.hostile import COMMANDS, HOSTILE

EMBLEM = '{"error": {"code": 404, "message": "Too many simultaneous queries. Maximum: 1000."}}'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no key in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY", "GROQ_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def test_classify_tells_outcome_fault_rule_and_uptime() -> None:
    code, told, _ = run("classify", "--status", "404", "--body", EMBLEM)

    assert code == 1
    assert told.splitlines()[0].split() == ["outcome", "overloaded"]
    assert "counts as bad" in told


def test_classify_reads_headers_and_a_body_from_a_file(folder: Path) -> None:
    (folder / "body.json").write_text('{"error": {"code": "rate_limit_exceeded"}}')

    arguments = ["--status", "429", "--header", "Retry-After: 7", "--body", "@body.json", "--json"]
    code, told, _ = run("classify", *arguments)

    verdict = json.loads(told)
    assert code == 1
    assert (verdict["outcome"], verdict["retry_after_seconds"]) == ("rate_limited", 7.0)


def test_classify_of_a_good_answer_exits_0() -> None:
    body = 'data: {"choices": [{"delta": {"content": "Hi"}, "finish_reason": "stop"}]}\n\n'

    code, told, _ = run("classify", "--status", "200", "--body", body)

    assert code == 0
    assert "counts as good" in told


def test_classify_of_many_gives_a_line_for_each(folder: Path) -> None:
    rows = [
        {"id": "a", "status": 404, "headers": {}, "body": EMBLEM},
        {"id": "b", "status": 401, "headers": None, "body": ""},
    ]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n\n")

    code, told, _ = run("classify", "--jsonl", "rows.jsonl")

    verdicts = [json.loads(line) for line in told.splitlines()]
    assert code == 0
    assert [(each["id"], each["outcome"]) for each in verdicts] == [
        ("a", "overloaded"),
        ("b", "unauthorized"),
    ]
    assert all(each["rule"] and each["fault"] for each in verdicts)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param([], "give --status, --body or --jsonl", id="nothing"),
        pytest.param(["--status", "500", "--header", "x"], "has no colon", id="no colon"),
        pytest.param(["--body", "@gone.json"], "cannot read gone.json", id="no file"),
        pytest.param(["--jsonl", "gone.jsonl"], "cannot read gone.jsonl", id="no lines"),
        pytest.param(["--jsonl", "bad.jsonl"], "bad.jsonl:1:", id="no JSON"),
    ],
)
def test_classify_says_what_it_cannot_do(
    arguments: list[str], complaint: str, folder: Path
) -> None:
    (folder / "bad.jsonl").write_text("[]\n")

    code, _, told = run("classify", *arguments)

    assert code == 2
    assert complaint in told


def test_probe_explains_a_good_run_instant_by_instant() -> None:
    code, told, warned = run("probe", "aurora/reason-large", "--demo")

    assert code == 0
    assert "SIMULATED FLEET" in warned
    for words in (
        "last byte of the request sent",
        "first token of any channel",
        "first token of the answer",
        "time to first token",
        "of them reasoning",
        "rule  completion-ok",
        "counts as good",
    ):
        assert words in told


def test_probe_draws_the_phases_of_the_run() -> None:
    _, told, _ = run("probe", "aurora/reason-large", "--demo")

    bars = {line[2:16].strip(): line for line in told.splitlines() if re.search("[█-▏]", line)}
    assert [*bars] == ["connect", "request sent", "first byte", "first token", "stream"]
    assert bars["first token"].count("█") > bars["connect"].count("█")


def test_probe_explains_a_failed_run_and_exits_1() -> None:
    code, told, _ = run("probe", "borealis/chat-large")

    assert code == 1
    assert "HTTP 404" in told
    assert "outcome  overloaded   fault  provider" in told
    assert "Too many simultaneous queries" in told


def test_probe_can_speak_json() -> None:
    code, told, _ = run("probe", "aurora/chat-small", "--json")

    result = json.loads(told)
    assert code == 0
    assert result["outcome"] == "ok"
    assert result["ttft_seconds"] > 0


def test_probe_of_an_unknown_target_lists_those_there_are() -> None:
    code, _, told = run("probe", "aurora/chat-huge", "--demo")

    assert code == 2
    assert "aurora/chat-small" in told


def test_probe_of_a_closed_port_tells_what_cut_it(folder: Path) -> None:
    (folder / "monitor.yaml").write_text(
        "providers: {mine: {base_url: 'http://127.0.0.1:1/v1', dialect: openai_chat, "
        "models: {m: {}}}}"
    )

    code, told, _ = run("probe", "mine/m")

    assert code == 1
    assert "cut: refused in phase connect" in told
    assert "outcome  unreachable" in told


def test_check_config_lists_what_would_be_probed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-key-123456")

    code, told, _ = run("check-config")

    assert code == 0
    assert "environment is sound: 1 probe," in told
    assert "openai/" in told
    assert "planted" not in told


def test_check_config_can_speak_json(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-key-123456")

    code, told, _ = run("check-config", "--json")

    plan = json.loads(told)
    (probe,) = plan["probes"]
    assert code == 0
    assert (plan["source"], probe["kind"]) == ("environment", "completion")
    assert probe["cost_per_day"]["output_tokens"] == plan["cost_per_day"]["output_tokens"] > 0
    assert "planted" not in told


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_words_of_a_provider_command_the_terminal(words: str, folder: Path) -> None:
    body = {"error": {"code": words, "type": words, "message": words}}
    (folder / "body.json").write_text(json.dumps(body))
    (folder / "raw.txt").write_bytes(words.encode(errors="replace"))

    for file in ("body.json", "raw.txt"):
        for form in ((), ("--json",)):
            _, told, _ = run("classify", "--status", "500", "--body", f"@{file}", *form)
            assert not COMMANDS.search(told)
            assert len(told) < 20_000


def test_check_config_tells_every_error_and_exits_2(folder: Path) -> None:
    (folder / "monitor.yaml").write_text("vantag: x\nproviders: {}\n")

    code, _, told = run("check-config")

    assert code == 2
    assert "monitor.yaml:1: vantag" in told
    assert "did you mean vantage" in told


def test_check_config_warns_of_what_is_unwise(folder: Path) -> None:
    (folder / "monitor.yaml").write_text(
        "providers: {mine: {base_url: 'http://127.0.0.1:1/v1', dialect: openai_chat, "
        "api_key: sk-literal-key, models: {m: {}}}}"
    )

    code, _, told = run("check-config")

    assert code == 0
    assert told.startswith("warning: ")
    assert "sk-literal-key" not in told


def test_check_config_without_anything_exits_2() -> None:
    code, _, told = run("check-config")

    assert code == 2
    assert "no monitor.yaml" in told


def test_db_upgrade_names_the_database_and_its_revision(folder: Path) -> None:
    code, told, _ = run("db", "upgrade", "--database", "sqlite:///other.db")

    assert code == 0
    assert told.strip().endswith(f"is at revision {head()}")
    assert (folder / "other.db").exists()


def test_db_upgrade_of_no_database_says_what_to_do() -> None:
    code, _, told = run("db", "upgrade", "--database", "sqlite:///no/such/folder/x.db")

    assert code == 2
    assert "does not exist" in told


def test_config_schema_is_a_schema() -> None:
    code, told, _ = run("config", "schema")

    assert code == 0
    assert "providers" in json.loads(told)["properties"]


@pytest.mark.parametrize("listen", ["0.0.0.0:9464", "[::]:9464"])
def test_run_refuses_to_be_reached_by_others_without_a_token(listen: str) -> None:
    code, _, told = run("run", "--demo", "--listen", listen)

    assert code == 2
    assert "token" in told


def test_classify_of_an_unknown_dialect_lists_those_there_are() -> None:
    code, _, told = run("classify", "--status", "500", "--dialect", "foo")

    assert code == 2
    assert "openai_chat" in told


@pytest.mark.parametrize("dialect", ["openai", "other"])
def test_classify_takes_the_short_names_of_recorded_answers(dialect: str) -> None:
    code, told, _ = run("classify", "--status", "404", "--body", EMBLEM, "--dialect", dialect)

    assert code == 1
    assert "overloaded" in told


def test_an_option_that_a_verb_has_not_is_answered_with_those_it_has() -> None:
    code, _, told = run("run", "--port", "9555")
    near, _, nearly = run("run", "--listn", "127.0.0.1:1")

    assert (code, near) == (2, 2)
    assert "No such option: --port" in told
    assert "--listen" in told
    assert "--listen" in nearly
    assert "--database" not in nearly.partition("No such option")[2]


def test_run_takes_the_simulated_fleet_or_a_file_and_not_both() -> None:
    code, _, told = run("run", "--demo", "--config", "x.yaml")

    assert code == 2
    assert "--demo" in told


def test_the_version_is_told() -> None:
    code, told, _ = run("--version")

    assert code == 0
    assert told.startswith("monitor ")
