"""The HTTP surfaces, in process."""

import json
import re
from urllib.parse import quote

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse_text
from starlette.testclient import TestClient

from monitor.export.api import build_api
from monitor.export.guard import Access
from monitor.model.snapshot import Snapshot
from monitor.model.target import Secret
from tests.fakes import FakeClock
from tests.unit.export.pictures import LATER, full_snapshot, make_snapshot, make_view
from tests.unit.export.scene import Scene
from tests.unit.export.test_metrics import make_metrics


def client(
    snapshot: Snapshot, *, token: str | None = None, clock: FakeClock | None = None
) -> TestClient:
    api = build_api(
        snapshot=lambda: snapshot,
        metrics=make_metrics(snapshot),
        clock=clock or FakeClock(at=LATER),
        access=Access(Secret(token)) if token else None,
    )
    return TestClient(api)


def test_targets_are_told_with_health_and_windows() -> None:
    answer = client(full_snapshot()).get("/api/v1/targets").json()

    acme, odd = answer["targets"]
    assert (acme["key"], acme["state"], acme["group"]) == ("acme/large", "up", "acme/large")
    assert acme["windows"]["1h"]["uptime_ratio"] == 0.9
    assert acme["last_result"]["outcome"] == "overloaded"
    assert odd["key"] == 'odd/na"me\\x@eu'
    assert odd["windows"]["24h"]["uptime_ratio"] is None
    assert answer["vantage"] == "here"
    assert answer["simulated"] is False


def test_metrics_are_negotiated() -> None:
    ask = client(full_snapshot())
    accept = "application/openmetrics-text; version=1.0.0"

    assert "text/plain" in ask.get("/metrics").headers["content-type"]
    opened = ask.get("/metrics", headers={"accept": accept})
    assert opened.headers["content-type"].startswith("application/openmetrics-text")
    assert opened.text.endswith("# EOF\n")


@pytest.mark.parametrize("accept", ["", "application/openmetrics-text; version=1.0.0"])
def test_metrics_are_compressed_for_who_takes_that_and_say_the_same(accept: str) -> None:
    ask = client(full_snapshot())
    plain = ask.get("/metrics", headers={"accept": accept, "accept-encoding": "identity"})
    packed = ask.get("/metrics", headers={"accept": accept, "accept-encoding": "gzip"})

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept, Accept-Encoding"
    assert packed.text == plain.text
    assert list((parse_open if accept else parse_text)(packed.text))


def test_healthz_answers_whatever_the_picture() -> None:
    assert client(make_snapshot()).get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize(
    ("age", "status"), [(0, 200), (15, 200), (16, 503), (-15, 200), (-16, 503), (-3600, 503)]
)
def test_readyz_fails_only_on_a_stale_picture(age: int, status: int) -> None:
    clock = FakeClock(at=LATER)
    clock.step(age)

    answer = client(full_snapshot(), clock=clock).get("/readyz")

    assert answer.status_code == status
    assert answer.json()["snapshot_age_seconds"] == age


@pytest.mark.parametrize("path", ["/metrics", "/api/v1/targets", "/"])
def test_with_a_token_nothing_is_told_without_it(path: str) -> None:
    ask = client(full_snapshot(), token="right-token")

    refused = ask.get(path)
    wrong = ask.get(path, headers={"authorization": "Bearer wrong-token"})
    right = ask.get(path, headers={"authorization": "Bearer right-token"})

    assert (refused.status_code, wrong.status_code, right.status_code) == (401, 401, 200)
    assert refused.headers["content-type"] == "application/problem+json"
    assert "acme" not in refused.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_checks_need_no_token(path: str) -> None:
    assert client(full_snapshot(), token="right-token").get(path).status_code == 200


def test_no_key_is_told_anywhere() -> None:
    ask = client(full_snapshot())

    paths = ("/", "/metrics", "/api/v1/targets", "/api/v1/targets/acme/large", "/readyz")
    for path in (*paths, "/api/openapi.json", "/api/docs", "/api/v1/planted/none"):
        assert "planted" not in ask.get(path).text


@pytest.mark.parametrize("is_simulated", [True, False])
def test_every_surface_says_when_the_fleet_is_simulated(is_simulated: bool) -> None:
    ask = client(make_snapshot(make_view(simulated=is_simulated), is_simulated=is_simulated))

    assert ("Simulated fleet" in ask.get("/").text) is is_simulated
    assert ask.get("/api/v1/targets").json()["simulated"] is is_simulated
    assert ask.get("/readyz").json()["simulated"] is is_simulated
    assert f"llmprobe_simulated {float(is_simulated)}" in ask.get("/metrics").text
    labels = f'simulated="{json.dumps(is_simulated)}"'
    assert labels in ask.get("/metrics").text


def test_the_page_escapes_what_it_shows() -> None:
    page = client(make_snapshot(make_view("<i>/x"))).get("/").text

    assert "<i>" not in page
    assert "&lt;i&gt;/x" in page


@pytest.mark.parametrize("path", ["acme%2Flarge", "acme/large"], ids=["encoded", "plain"])
def test_one_target_is_told_like_all(path: str) -> None:
    clock = FakeClock(at=LATER)
    clock.advance(2.5)
    ask = client(full_snapshot(), clock=clock)

    told = ask.get(f"/api/v1/targets/{path}").json()
    all_of_them = ask.get("/api/v1/targets").json()

    assert told["target"] == all_of_them["targets"][0]
    assert (told["age_seconds"], told["vantage"], told["simulated"]) == (2.5, "here", False)
    assert told.keys() - {"target"} == all_of_them.keys() - {"targets"}


def test_the_oddest_key_is_found() -> None:
    key = 'odd/na"me\\x@eu'

    told = client(full_snapshot()).get(f"/api/v1/targets/{quote(key, safe='')}").json()

    assert told["target"]["key"] == key


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/v1/targets/no/one", 404),
        ("GET", "/api/v1/targets/", 307),
        ("POST", "/api/v1/targets", 405),
    ],
)
def test_what_the_framework_refuses_is_a_problem_too(method: str, path: str, status: int) -> None:
    answer = client(full_snapshot()).request(method, path, follow_redirects=False)

    assert answer.status_code == status
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert (told["status"], told["type"]) == (status, "about:blank")
        assert told["title"]
        assert told["detail"]


def test_a_fault_of_our_own_says_nothing_of_itself() -> None:
    def broken() -> Snapshot:
        raise RuntimeError("sk-planted-key-123456")

    api = build_api(snapshot=broken, metrics=make_metrics(make_snapshot()), clock=FakeClock())

    answer = TestClient(api, raise_server_exceptions=False).get("/api/v1/targets")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "planted" not in answer.text


@pytest.mark.parametrize("host", ["x/healthz?", "x/healthz#"])
def test_no_host_opens_what_the_token_guards(host: str) -> None:
    ask = client(full_snapshot(), token="right-token")

    assert ask.get("/metrics", headers={"host": host}).status_code == 401


def test_the_reference_asks_nobody_else_and_names_every_path(scene: Scene) -> None:
    page = scene.client.get("/api/docs").text
    schema = scene.client.get("/api/openapi.json").json()

    assert not re.search(r"""(src|href|url)\W*=?\W*["'(]?\s*(https?:)?//""", page)
    assert "<script" not in page
    assert len(schema["paths"]) == 10
    for path, methods in schema["paths"].items():
        assert f"GET {path}<" in page
        for parameter in methods["get"].get("parameters", ()):
            assert f"<code>{parameter['name']}</code>" in page
        stale = {"503"} if path == "/readyz" else set()
        assert methods["get"]["responses"].keys() == {"200", "default"} | stale
