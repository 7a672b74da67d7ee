"""Who asks without the token sees what anybody may see, and nothing else."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from monitor.export.api import build_api
from monitor.export.guard import Access
from monitor.export.pages.asking import Chronicle
from monitor.export.pages.drawing import Sources
from monitor.export.pages.past import Past
from monitor.export.pages.serving import Pages
from monitor.export.public import is_public_path, published, published_picture
from monitor.model.configuration import Configuration
from monitor.model.health import Health, State
from monitor.model.maintenance import Ongoing
from monitor.model.outcome import Outcome
from monitor.model.snapshot import Snapshot
from monitor.model.target import Prices, Secret
from tests.databases import fresh_database
from tests.factories import make_result
from tests.fakes import START, FakeClock
from tests.unit.export.pages.test_asking import Memory
from tests.unit.export.pictures import make_snapshot, make_view
from tests.unit.export.routed import candidate, routing
from tests.unit.export.scene import Scene, change
from tests.unit.export.test_metrics import make_metrics
from tests.waiting import wait_until

#: Planted where something private stands; none of it may be found in an answer.
PRIVATE = "planted"
TOKEN = {"authorization": "Bearer right-token"}
PAGES = ("/", "/models/acme/large", "/targets/acme/large")
OPEN = (
    *PAGES,
    "/api/v1/targets",
    "/api/v1/targets/acme/large",
    "/api/v1/targets/acme/large/series?by=hour",
    "/api/v1/targets/acme/large/window?from=2026-03-01T00:00:00Z",
    "/api/v1/incidents",
    "/api/v1/incidents.atom",
    "/api/v1/badge/acme/large.svg",
    "/api/v1/badge/acme%2Flarge.svg?show=uptime",
    "/healthz",
    "/readyz",
)
CLOSED = (
    "/metrics",
    "/api/docs",
    "/api/openapi.json",
    "/api/v1/targets/acme/large/results",
    "/api/v1/routing",
    "/api/v1/events",
    "/api/v1/portkey?group=acme/large",
    "/api/v1/models/acme/large/endpoints",
    "/api/v1/check/acme/large",
    "/api/v1/targets/acme%2Flarge/results",
    "/api/v1/badge/../../../metrics",
    "/nowhere",
)


def private_picture() -> Snapshot:
    """A target with something private everywhere."""
    view = make_view(
        prices=Prices(input_usd_per_million=41.5, output_usd_per_million=42.5),
        base_url=f"https://{PRIVATE}.example/v1",
        deployment=f"{PRIVATE}-deployment",
    )
    failed = make_result(
        Outcome.UNAUTHORIZED, request_id=f"req-{PRIVATE}", finish_reason=PRIVATE, cost_usd=41.5
    )
    verdict = replace(failed.verdict, message=f"{PRIVATE} words", provider_code=PRIVATE)
    return replace(
        make_snapshot(
            replace(
                view,
                last_result=replace(failed, verdict=verdict, vantage=PRIVATE),
                health=Health(state=State.BLOCKED, reason="unauthorized"),
                maintenance=Ongoing(end_at=START, reason=PRIVATE),
            )
        ),
        vantage=PRIVATE,
    )


@pytest.fixture
def scene(clock: FakeClock, tmp_path: Path) -> Iterator[Scene]:
    """A store of the one kind: what is asked of it is the same with the other."""
    with fresh_database("sqlite", tmp_path, migrated=True) as url:
        made = Scene(url, clock)
        yield made
        made.close()


@pytest.fixture
def ask(scene: Scene, clock: FakeClock) -> TestClient:
    """The API in public mode, over a store with an incident in it."""
    picture = private_picture()
    made = make_result(Outcome.SERVER_ERROR, cost_usd=41.5, request_id=PRIVATE)
    verdict = replace(made.verdict, message=f"{PRIVATE} words", provider_code=PRIVATE)
    failed = replace(made, verdict=verdict)
    scene.write(change(failed, State.DOWN, failed.slot_at), make_result(minute=1))
    clock.advance(3600)
    past = Past(scene.answers, Chronicle("here", clock, Memory(failed)), lambda: ["acme/large"])
    weights = routing(candidate("acme/large", 0.75, reason=PRIVATE))
    status = Configuration(read_at=START, problems=(PRIVATE,))
    return TestClient(
        build_api(
            snapshot=lambda: picture,
            metrics=make_metrics(picture),
            clock=clock,
            access=Access(Secret("right-token"), is_public=True),
            history=scene.history,
            pages=Pages(
                Sources(
                    snapshot=lambda: picture,
                    clock=clock,
                    past=past,
                    routing=lambda: weights,
                    configuration=lambda: status,
                )
            ),
            configuration=lambda: status,
        )
    )


@pytest.mark.parametrize("path", OPEN)
def test_without_the_token_nothing_private_is_told(ask: TestClient, path: str) -> None:
    answer = ask.get(path)

    assert answer.status_code in (200, 503)
    for private in (PRIVATE, "41.5", "42.5", "unauthorized", "request_id", "cost_usd", "host"):
        assert private not in answer.text
    assert not any(PRIVATE in value for value in answer.headers.values())


def test_anybody_sees_who_was_down_and_when(ask: TestClient) -> None:
    def says(path: str, words: str, headers: dict[str, str]) -> bool:
        return words in ask.get(path, headers=headers).text  # the past may follow a second later

    wait_until(lambda: says("/targets/acme/large", "fails with an error of its own", {}))
    wait_until(lambda: says("/targets/acme/large", "2026-03-01", {}))
    wait_until(lambda: says("/models/acme/large", "41.5", TOKEN))


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/targets", "/api/v1/incidents", "/readyz"])
def test_with_the_token_all_is_told(ask: TestClient, path: str) -> None:
    assert PRIVATE in ask.get(path, headers=TOKEN).text


def test_what_is_left_out_for_anybody_leaves_no_empty_place(ask: TestClient) -> None:
    def page(headers: dict[str, str]) -> str:
        return ask.get("/targets/acme/large", headers=headers).text

    wait_until(lambda: 'id="chart-tokens"' in page(TOKEN))
    wait_until(lambda: 'id="chart-uptime"' in page({}))

    assert 'id="runs"' in page(TOKEN)
    assert 'id="chart-tokens"' not in page({})
    assert "Last runs" not in page({})


def test_a_page_for_what_is_not_there_names_nothing_that_asks_for_the_token(
    ask: TestClient,
) -> None:
    html = {"accept": "text/html"}
    mine, theirs = (ask.get("/targets/no/one", headers=html | sent) for sent in (TOKEN, {}))

    assert mine.status_code == theirs.status_code == 404
    assert 'href="/metrics"' in mine.text
    assert 'href="/metrics"' not in theirs.text
    assert "<h1>Not Found</h1>" in theirs.text


def test_that_a_configuration_was_refused_is_nobody_else_s_business(ask: TestClient) -> None:
    assert "The newest configuration was refused" in ask.get("/", headers=TOKEN).text
    assert "refused" not in ask.get("/").text


@pytest.mark.parametrize("path", CLOSED)
def test_what_is_not_public_asks_for_the_token(ask: TestClient, path: str) -> None:
    assert ask.get(path).status_code == 401


@pytest.mark.parametrize("path", PAGES)
def test_pages_for_anybody_name_nothing_that_asks_for_the_token(ask: TestClient, path: str) -> None:
    mine, theirs = (
        set(re.findall(r'(?:href|src)="(/[^"]+)"', ask.get(path, headers=sent).text))
        for sent in (TOKEN, {})
    )

    assert {"/metrics", "/api/docs"} <= mine - theirs
    assert "/api/v1/incidents.atom" in theirs
    assert {each for each in theirs if ask.get(each).status_code == 401} == set()


def test_what_is_public_is_told_in_full(ask: TestClient) -> None:
    (target,) = ask.get("/api/v1/targets").json()["targets"]

    assert (target["key"], target["state"], target["reason"]) == ("acme/large", "blocked", None)
    assert target["windows"]["24h"]["uptime_ratio"] == 0.9
    assert target["maintenance"] == {"end_at": START.isoformat(), "reason": None}
    (incident,) = ask.get("/api/v1/incidents").json()["incidents"]
    assert incident["reason"] == "server_error"
    assert ask.get("/api/v1/targets").headers["vary"] == "Authorization"


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ({"key": "a", "new_member": "x"}, {"key": "a"}),
        ({"targets": [{"state": "up", "host": "x"}]}, {"targets": [{"state": "up"}]}),
        ({"reason": "overloaded"}, {"reason": "overloaded"}),
        ({"reason": "quota_exhausted"}, {"reason": None}),
        ({"ttft_median_seconds": 1, "cost_usd": 2}, {"ttft_median_seconds": 1}),
    ],
    ids=["a new member", "deep inside", "the provider's doing", "our account's", "costs"],
)
def test_what_is_not_named_is_left_out(shape: Any, expected: Any) -> None:
    assert published(shape) == expected


def test_a_picture_for_anybody_holds_nothing_private() -> None:
    assert PRIVATE not in repr(published_picture(private_picture()))


def test_paths_are_told_apart_however_they_are_spelt() -> None:
    assert is_public_path("/api/v1/targets/acme%2Flarge/series")
    assert not is_public_path("/api/v1/targets/acme/large/results")
    assert not is_public_path("/metrics/")


def test_without_public_mode_badges_and_feed_ask_for_the_token(
    scene: Scene, clock: FakeClock
) -> None:
    picture = make_snapshot(make_view())
    api = build_api(
        snapshot=lambda: picture,
        metrics=make_metrics(picture),
        clock=clock,
        access=Access(Secret("right-token")),
        history=scene.history,
    )
    ask = TestClient(api)

    for path in ("/api/v1/badge/acme/large.svg", "/api/v1/incidents.atom", "/api/v1/targets"):
        assert ask.get(path).status_code == 401
        assert ask.get(path, headers=TOKEN).status_code == 200
