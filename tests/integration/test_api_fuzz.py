"""Whatever is asked, and whatever providers say: nothing fails, leaks, or does anything."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.e2e.process import MonitorProcess
from tests.fuzzing import Fuzzed, fuzz, known_too
from tests.hostile import COMMANDS
from tests.hostile_provider import MODELS, hostile_provider
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

PLANTED = "sk-planted-key-0c1f77e2ab"
GROUP = "odd/words"
KEYS = [f"hostile/{name}" for name in MODELS]
KNOWN = {"key": KEYS, "group": [GROUP], "author": ["odd"], "slug": ["words"]}
#: It never ends, so it is read by hand.
EVENTS = "/api/v1/events"
#: These say 503 of a target that gets no traffic; it is what they are for.
EVENT_LINE = re.compile(r"|:.*|retry: \d+|id: \S+|event: \w+|data: \{.*\}")
CHECKS = {"GET /api/v1/check", "GET /api/v1/check/{key}"}
TIMES = {
    "interval_seconds": 2,
    "jitter_seconds": 0,
    "deadlines": {"connect_seconds": 0.5, "total_seconds": 1.9},
}


def configure(folder: Path, base_url: str) -> None:
    provider = {
        "base_url": base_url,
        "dialect": "openai_chat",
        "api_key": "${PLANTED}",
        "models": {name: {"group": GROUP} for name in MODELS},
    }
    settings = {"defaults": TIMES, "providers": {"hostile": provider}}
    (folder / "monitor.yaml").write_text(yaml.safe_dump(settings))


def start(folder: Path, *words: str) -> MonitorProcess:
    return MonitorProcess(folder, *words, environ={"PLANTED": PLANTED})


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with hostile_provider() as url:
        yield url


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory, provider: str) -> Iterator[MonitorProcess]:
    folder = tmp_path_factory.mktemp("hostile")
    configure(folder, provider)
    with start(folder, "--log-json") as running:
        wait_until(lambda: set(running.states().values()) == {"down"})
        wait_until(lambda: json.loads(running.get("/api/v1/incidents")).get("incidents"))
        yield running


@pytest.fixture(scope="module")
def fuzzed(daemon: MonitorProcess, tmp_path_factory: pytest.TempPathFactory) -> Fuzzed:
    document = known_too(json.loads(daemon.get("/api/openapi.json")), KNOWN)
    folder = tmp_path_factory.mktemp("fuzzed")
    return fuzz(document, f"http://{daemon.address}", folder, without=EVENTS)


def test_every_answer_is_of_the_documented_form(fuzzed: Fuzzed) -> None:
    assert fuzzed.is_good, fuzzed.output


def test_every_operation_was_asked_and_had_something_to_tell(
    fuzzed: Fuzzed, daemon: MonitorProcess
) -> None:
    document = json.loads(daemon.get("/api/openapi.json"))
    wanted = {f"GET {path}" for path in document["paths"]} - {f"GET {EVENTS}"}
    told = {each.operation for each in fuzzed.exchanges if each.status == 200}

    assert {each.operation for each in fuzzed.exchanges} == wanted
    assert wanted == told
    assert len(fuzzed.exchanges) > 300


def test_nothing_asked_is_too_much_for_it(fuzzed: Fuzzed) -> None:
    failed = {
        (each.operation, each.status, each.text[:300])
        for each in fuzzed.exchanges
        if each.status >= 500 and not (each.status == 503 and each.operation in CHECKS)
    }

    assert failed == set()


def test_no_answer_shows_a_secret_or_the_inside(fuzzed: Fuzzed, daemon: MonitorProcess) -> None:
    told = [*(each.text for each in fuzzed.exchanges), daemon.log]

    assert not any(PLANTED in each for each in told)
    assert not any(re.search(r"Traceback|File \"|sqlalchemy|monitor/export", each) for each in told)


class Shown(HTMLParser):
    """What stands in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("path", ["/", f"/models/{GROUP}", *(f"/targets/{each}" for each in KEYS)])
def test_hostile_words_do_nothing_on_a_page(daemon: MonitorProcess, path: str) -> None:
    text = daemon.get(path)
    shown = Shown(text)
    places = [(attrs.get("href") or "") + (attrs.get("src") or "") for _, attrs in shown.tags]

    assert "server error" in shown.words or "an error of its own" in shown.words
    assert COMMANDS.search(shown.words) is None
    assert [tag for tag, _ in shown.tags].count("script") == 1
    assert all(each[:1] in {"", "/", "#"} for each in places)
    assert not any(name.startswith("on") for _, attrs in shown.tags for name in attrs)
    assert PLANTED not in text


@pytest.mark.parametrize("key", KEYS)
def test_hostile_words_are_only_words_in_the_api(daemon: MonitorProcess, key: str) -> None:
    path = f"/api/v1/targets/{quote(key, safe='')}"
    text = daemon.get(path) + daemon.get(f"{path}/results?limit=3")
    message = json.loads(daemon.get(f"{path}/results?limit=3"))["results"][0]["message"]

    assert COMMANDS.search(text) is None
    assert 0 < len(message.encode()) <= 512
    # The provider repeats the key; of a megabyte nothing is read that far.
    assert ("***" in message) is (key != "hostile/a-megabyte")
    assert PLANTED not in text


def test_hostile_words_neither_end_nor_add_an_entry_of_the_feed(daemon: MonitorProcess) -> None:
    text = daemon.get("/api/v1/incidents.atom")
    feed = ET.fromstring(text)  # noqa: S314 - it is ours
    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    names = {each.tag.rpartition("}")[2] for entry in entries for each in entry.iter()}

    assert len(entries) == len(KEYS)
    assert names <= {"entry", "id", "title", "updated", "published", "link", "summary", "category"}
    assert COMMANDS.search("".join(feed.itertext()).replace("\n", "")) is None
    assert PLANTED not in text


def test_hostile_words_neither_end_nor_add_an_event_of_the_stream(daemon: MonitorProcess) -> None:
    since = {"Last-Event-ID": "0"}
    with urlopen(Request(f"http://{daemon.address}{EVENTS}", headers=since), timeout=20) as stream:
        lines = [stream.readline().decode().removesuffix("\n") for _ in range(20)]

    assert [each for each in lines if not EVENT_LINE.fullmatch(each)] == []
    assert COMMANDS.search("".join(lines)) is None
    assert not any(PLANTED in each for each in lines)


@pytest.mark.parametrize("form", ["--log-json", "--log-text"])
def test_hostile_words_are_only_words_in_the_log(
    tmp_path: Path, provider: str, daemon: MonitorProcess, form: str
) -> None:
    if form == "--log-json":
        log = daemon.log
    else:
        configure(tmp_path, provider)
        with start(tmp_path, form) as running:
            wait_until(lambda: running.log.count("server_error") >= len(KEYS))
            log = running.log

    assert COMMANDS.search(log) is None
    assert PLANTED not in log
    assert "Traceback" not in log
