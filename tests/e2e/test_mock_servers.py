"""Mock servers that others wrote, one for Node and one for Python, speak our dialects to us.

Both follow the providers' formats, both break on demand, and neither knows of the other or of us:
what they say of a run (its tokens, its time to the first token, its trouble) is what we must see.
Left out is llmock's Mistral, which counts tokens only when asked to: the real one always does.
"""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
import yaml

from tests.e2e.process import MonitorProcess
from tests.e2e.servers import require_tools, serving
from tests.e2e.venvs import cached_npm, cached_venv
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

AIMOCK = "@copilotkit/aimock@1.43.0"
LLMOCK = "llmock==0.2.2"

SAID = "Red, orange, yellow, green, blue, indigo and violet."
INPUT_TOKENS, OUTPUT_TOKENS = 9, 13
FIRST_TOKEN_SECONDS = 0.15
#: A timer of theirs may fire that much before its time.
EARLY_SECONDS = 0.005
RETRY_AFTER_SECONDS = 2.0
KEY = "mock-key-0123456789"

OK = "steady"

#: What each server calls a provider: its preset (with a dialect, if not the preset's) and path.
Spoken = dict[str, tuple[dict[str, Any], str]]
_RESPONSES = {"preset": "openai", "dialect": "openai_responses"}
_AWS = {
    "api_key": None,
    "aws": {"access_key_id": "AKIAMOCK", "secret_access_key": KEY},
    "region": "eu-west-3",
}
AIMOCK_SPEAKS: Spoken = {
    "openai": ({}, "/v1"),
    "responses": (_RESPONSES, "/v1"),
    "anthropic": ({}, "/v1"),
    "gemini": ({}, "/v1beta"),
    "vertex": ({}, "/v1/projects/mine/locations/global/publishers/google"),
    "cohere": ({}, ""),
    "ollama": ({}, ""),
    "bedrock": (_AWS, ""),
}
LLMOCK_SPEAKS: Spoken = {
    "openai": ({}, "/v1"),
    "responses": (_RESPONSES, "/v1"),
    "anthropic": ({}, "/anthropic/v1"),
    "gemini": ({}, "/gemini/v1beta"),
    "cohere": ({}, "/cohere"),
    "groq": ({}, "/groq/openai/v1"),
}
#: aimock's Ollama counts 0 tokens whatever it says.
COUNTS_NOTHING = {"ollama"}


@dataclass(frozen=True)
class Trouble:
    """What a server is asked for under a model's name, and what we must make of it."""

    outcome: str
    fault: str
    status: int = 200
    message: str = ""


TROUBLES = {
    "throttled": Trouble("rate_limited", "account", 429, "Rate limit reached for requests."),
    "overloaded": Trouble("overloaded", "provider", 503, "The model is overloaded."),
    "broken": Trouble("server_error", "provider", 500, "An internal error has occurred."),
    "cut": Trouble("truncated", "provider"),
    "dropped": Trouble("truncated", "provider"),
    "garbled": Trouble("malformed", "provider"),
}
#: How providers call these statuses; aimock sends what it is given, llmock knows.
_WORDS = {429: "rate_limit_exceeded", 500: "server_error", 503: "service_unavailable"}
_GOOGLE = {429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}
_WORDS_OF = {
    "anthropic": {429: "rate_limit_error", 500: "api_error", 529: "overloaded_error"},
    "gemini": _GOOGLE,
    "vertex": _GOOGLE,
}


def status_of(provider: str, trouble: str) -> int:
    """What the provider would answer; Anthropic alone has a status for an overload."""
    is_anthropic = (provider, trouble) == ("anthropic", "overloaded")
    return 529 if is_anthropic else TROUBLES[trouble].status


def fixtures() -> list[dict[str, Any]]:
    """What aimock shall answer to whom; the model's name tells."""
    usage = {"prompt_tokens": INPUT_TOKENS, "completion_tokens": OUTPUT_TOKENS}
    usage |= {"total_tokens": INPUT_TOKENS + OUTPUT_TOKENS}
    said = {"response": {"content": SAID, "usage": usage}, "chunkSize": 6}
    pace = {"ttft": FIRST_TOKEN_SECONDS * 1000, "tps": 100}
    slow = {"ttft": 20, "tps": 10}
    in_stream: dict[str, dict[str, Any]] = {
        OK: {"streamingProfile": pace},
        "cut": {"streamingProfile": pace, "truncateAfterChunks": 4},
        "dropped": {"streamingProfile": slow, "disconnectAfterMs": 400},
        "garbled": {"chaos": {"malformedRate": 1}},
    }
    refused = [
        {
            "match": {"model": f"{name}-{provider}"},
            "response": {
                "status": (status := status_of(provider, name)),
                "error": {"message": each.message, "type": _WORDS_OF.get(provider, _WORDS)[status]},
            },
        }
        for name, each in TROUBLES.items()
        if each.message
        for provider in AIMOCK_SPEAKS
    ]
    broken_off = [
        {"match": {"model": f"{name}-{provider}"}} | said | how
        for name, how in in_stream.items()
        for provider in AIMOCK_SPEAKS
    ]
    return refused + broken_off


def behaviours() -> list[dict[str, Any]]:
    """What llmock shall do to whom."""
    breaks = {"cut": "truncate", "dropped": "disconnect", "garbled": "malformed"}
    every: list[dict[str, Any]] = [
        {"type": "fail", "status": status_of(provider, name), "message": each.message}
        | {"match": {"model": f"{name}-{provider}"}}
        | ({"retry_after": RETRY_AFTER_SECONDS} if each.status == 429 else {})
        for name, each in TROUBLES.items()
        if each.message
        for provider in LLMOCK_SPEAKS
    ]
    every += [
        {"type": "stream_fault", "kind": kind, "after_chunks": 4}
        | {"match": {"model": f"{name}-*"}}
        for name, kind in breaks.items()
    ]
    every += [
        {"type": "slow_first_token", "seconds": FIRST_TOKEN_SECONDS, "match": {"model": f"{OK}-*"}},
        {"type": "reply", "text": SAID, "match": {}},
    ]
    return [each | {"times": None} for each in every]


@dataclass(frozen=True)
class Told:
    """What our monitor recorded of a server, by provider and by what was asked for."""

    runs: dict[str, sqlite3.Row]

    def of(self, provider: str, asked: str) -> sqlite3.Row:
        """The first run of that."""
        return self.runs[f"{provider}/{asked}-{provider}"]


def monitored(origin: str, spoken: Spoken, folder: Path) -> Told:
    """Run the monitor against a server until every target was probed."""
    providers: dict[str, dict[str, Any]] = {
        name: {"preset": name, "base_url": origin + path, "api_key": KEY} | more
        for name, (more, path) in spoken.items()
    }
    for name, provider in providers.items():
        provider["models"] = {f"{asked}-{name}": {} for asked in (OK, *TROUBLES)}
    settings = {"defaults": {"interval_seconds": 6}, "providers": providers}
    (folder / "monitor.yaml").write_text(yaml.safe_dump(settings))
    wanted = {f"{name}/{model}" for name, each in providers.items() for model in each["models"]}
    with MonitorProcess(folder):
        wait_until(lambda: wanted <= first_runs(folder / "monitor.db").keys(), seconds=60)
    return Told(first_runs(folder / "monitor.db"))


def first_runs(database: Path) -> dict[str, sqlite3.Row]:
    """The first scheduled run of each target that was made at all."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(
            "select key, result.* from result join target on target.id = target_id "
            "where confirm = 0 and outcome <> 'missed' order by slot_at desc"
        )
        return {row["key"]: row for row in rows}


@pytest.fixture(scope="module")
def aimock(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What we saw of CopilotKit's mock server, which runs on Node."""
    require_tools("node", "npm")
    folder = tmp_path_factory.mktemp("aimock")
    (folder / "fixtures.json").write_text(json.dumps({"fixtures": fixtures()}))
    command = [str(cached_npm(AIMOCK) / "llmock"), "--fixtures", "fixtures.json", "--strict"]
    with serving(lambda port: [*command, "--port", str(port)], folder) as origin:
        return monitored(origin, AIMOCK_SPEAKS, folder)


@pytest.fixture(scope="module")
def llmock(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What we saw of Julien Rabault's mock server, which runs on Python."""
    folder = tmp_path_factory.mktemp("llmock")
    command = [str(cached_venv(LLMOCK) / "llmock"), "serve", "--stream-chunk-delay-ms", "10"]
    with serving(lambda port: [*command, "--port", str(port)], folder) as origin:
        order = json.dumps({"behaviors": behaviours()}).encode()
        told = Request(f"{origin}/_llmock/scenario", order, {"content-type": "application/json"})  # noqa: S310 - loopback
        urlopen(told, timeout=10).close()  # noqa: S310 - loopback
        return monitored(origin, LLMOCK_SPEAKS, folder)


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest) -> Told:
    """What we saw of the server that the test's parameter names."""
    seen: Told = request.getfixturevalue(request.param)
    return seen


SPOKEN = [("aimock", each) for each in AIMOCK_SPEAKS] + [("llmock", each) for each in LLMOCK_SPEAKS]


@pytest.mark.parametrize(("told", "provider"), SPOKEN, indirect=["told"])
def test_an_answer_is_timed_and_counted_as_the_server_made_it(told: Told, provider: str) -> None:
    run = told.of(provider, OK)

    assert (run["outcome"], run["fault"], run["http_status"]) == ("ok", "none", 200)
    assert run["finish_reason"].lower() in {"stop", "end_turn", "complete", "completed"}
    assert FIRST_TOKEN_SECONDS - EARLY_SECONDS < run["ttft_seconds"] < run["duration_seconds"] < 5
    if provider not in COUNTS_NOTHING:
        assert run["output_tokens"] == OUTPUT_TOKENS
        assert run["input_tokens"] > 5


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize(("told", "provider"), SPOKEN, indirect=["told"])
def test_a_trouble_is_named_and_blamed_on_who_caused_it(
    told: Told, provider: str, trouble: str
) -> None:
    run, expected = told.of(provider, trouble), TROUBLES[trouble]

    assert (run["outcome"], run["fault"]) == (expected.outcome, expected.fault)
    assert run["http_status"] == status_of(provider, trouble)
    assert expected.message in (run["message"] or "")


@pytest.mark.parametrize("provider", LLMOCK_SPEAKS)
def test_a_throttling_server_says_how_long_to_wait(llmock: Told, provider: str) -> None:
    assert llmock.of(provider, "throttled")["retry_after_seconds"] == RETRY_AFTER_SECONDS


@pytest.mark.parametrize("provider", AIMOCK_SPEAKS)
def test_the_id_of_a_request_is_kept(aimock: Told, provider: str) -> None:
    asked = ("throttled", "broken", OK)

    assert all(aimock.of(provider, each)["request_id"].startswith("req-") for each in asked)
