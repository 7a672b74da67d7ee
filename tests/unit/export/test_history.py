"""What the API says of the past: pages of results, targets, ages, and what it refuses."""

from datetime import timedelta
from typing import Any

import pytest

from monitor.model.outcome import Outcome
from monitor.model.target import Kind
from tests.factories import make_result
from tests.fakes import START
from tests.unit.export.scene import GONE, KEY, ODD, Scene


def test_results_are_told_newest_first_page_by_page(scene: Scene) -> None:
    runs = [make_result(minute=minute) for minute in range(7)]
    runs.insert(4, make_result(Outcome.TIMEOUT, minute=3, confirm=1))
    runs.insert(5, make_result(minute=3, kind=Kind.THROUGHPUT))
    scene.write(*runs, make_result(target=ODD), make_result(vantage="there"))

    seen, page = [], scene.get("results", limit=3)
    seen += page["results"]
    while page["next_cursor"]:
        page = scene.get("results", limit=3, cursor=page["next_cursor"])
        seen += page["results"]

    assert [each["id"] for each in seen] == [each.id for each in reversed(runs)]
    assert (page["target"], page["vantage"]) == (KEY, "here")


def test_a_result_is_told_with_all_that_is_stored_of_it(scene: Scene) -> None:
    scene.write(make_result(Outcome.TIMEOUT, ttft_seconds=0.25, http_status=504))

    (told,) = scene.get("results")["results"]

    assert (told["outcome"], told["rule"], told["http_status"]) == ("timeout", "test", 504)
    assert (told["ttft_seconds"], told["slot_at"]) == (0.25, START.isoformat())


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [
        pytest.param({}, [70, 65, 61, 60, 0], id="all"),
        pytest.param({"limit": 2}, [70, 65], id="the newest"),
        pytest.param({"since": "2026-03-01T13:01:00Z"}, [70, 65, 61], id="since"),
        pytest.param({"since": "2026-03-01T13:01:01", "limit": 2}, [70, 65], id="since, cut"),
        pytest.param({"since": "2026-03-01T13:59:00Z"}, [], id="since the last"),
        pytest.param({"until": "2026-03-01T13:05:00Z"}, [61, 60, 0], id="until"),
        pytest.param({"until": "2026-03-01T15:05:00+02:00"}, [61, 60, 0], id="another zone"),
        pytest.param({"until": "2200-01-01"}, None, id="too late to be meant"),
        pytest.param({"until": "2199-01-01"}, [70, 65, 61, 60, 0], id="until the future"),
        pytest.param({"kind": "throughput"}, [65], id="a kind"),
        pytest.param({"outcome": "overloaded"}, [61], id="an outcome"),
    ],
)
def test_results_are_filtered(
    scene: Scene, asked: dict[str, Any], minutes: list[int] | None
) -> None:
    scene.clock.advance(2 * 3600)
    scene.write(
        *(make_result(minute=minute) for minute in (0, 60, 70)),
        make_result(Outcome.OVERLOADED, minute=61),
        make_result(minute=65, kind=Kind.THROUGHPUT),
    )
    if minutes is None:
        assert scene.refused("targets/acme%2Flarge/results", **asked)["status"] == 422
        return

    told = [each["slot_at"] for each in scene.get("results", **asked)["results"]]

    assert told == [(START + timedelta(minutes=each)).isoformat() for each in minutes]


def test_who_asks_since_another_second_asks_the_same(scene: Scene) -> None:
    for second in range(30):
        scene.get("results", since=f"2026-03-01T11:00:{second:02}Z")

    assert scene.answers.asked == 1


def test_the_past_of_a_target_that_is_probed_no_more_is_told(scene: Scene) -> None:
    scene.write(make_result(target=GONE))

    assert len(scene.get("results", GONE)["results"]) == 1
    assert scene.refused("targets/old%2Fmodel@eu")["status"] == 404


@pytest.mark.parametrize("view", ["results", "series", "window?from=2026-01-01"])
def test_a_target_that_never_was_costs_one_question_however_often(scene: Scene, view: str) -> None:
    for number in range(5):
        told = scene.refused(f"targets/no%2Fone{number}/{view}")
        assert (told["status"], told["detail"]) == (404, "There is no target of this key.")
    assert scene.refused("incidents", target="no/one")["status"] == 404
    assert scene.answers.asked == 1


@pytest.mark.parametrize(
    ("path", "key"),
    [
        pytest.param("acme%2Flarge/results", KEY, id="encoded"),
        pytest.param("acme/large/results", KEY, id="plain"),
        pytest.param("acme%2flarge%2Fseries/results", ODD, id="a key like a view"),
        pytest.param("acme/large/series/results", ODD, id="the same, plain"),
        pytest.param("old/model%40eu/results", GONE, id="a name"),
    ],
)
def test_keys_with_slashes_are_found(scene: Scene, path: str, key: str) -> None:
    answer = scene.client.get(f"/api/v1/targets/{path}")

    assert (answer.status_code, answer.json()["target"]) == (200, key)


@pytest.mark.parametrize(
    ("seconds", "told", "header"),
    [
        pytest.param(9.25, 9.25, "9", id="with a fraction"),
        pytest.param(9.9996, 10.0, "10", id="next to a whole second"),
    ],
)
def test_answers_say_their_age(scene: Scene, seconds: float, told: float, header: str) -> None:
    scene.get("results")
    scene.clock.advance(seconds)

    answer = scene.client.get("/api/v1/targets/acme/large/results")

    assert answer.json()["age_seconds"] == told
    assert (answer.headers["age"], answer.headers["cache-control"]) == (header, "max-age=15")


LARGE = "targets/acme%2Flarge"


@pytest.mark.parametrize(
    ("path", "asked", "parameter"),
    [
        pytest.param(f"{LARGE}/results", {"limit": 501}, "limit", id="too many rows"),
        pytest.param(f"{LARGE}/results", {"limit": 0}, "limit", id="no rows"),
        pytest.param(f"{LARGE}/results", {"kind": "ping"}, "kind", id="no kind"),
        pytest.param(f"{LARGE}/results", {"outcome": "bad"}, "outcome", id="no outcome"),
        pytest.param(f"{LARGE}/results", {"cursor": "sk-planted"}, "cursor", id="no cursor"),
        pytest.param(f"{LARGE}/results", {"sinse": "2026"}, "sinse", id="a word misspelt"),
        pytest.param(f"{LARGE}/results", {"since": "noon"}, "since", id="no instant"),
        pytest.param(f"{LARGE}/series", {"by": "week"}, "by", id="no step"),
        pytest.param(f"{LARGE}/series", {"from": "2024-12-01"}, "from", id="too many dates"),
        pytest.param(
            f"{LARGE}/series", {"from": "2025-12-01", "by": "hour"}, "from", id="too many hours"
        ),
        pytest.param(f"{LARGE}/series", {"from": "2026-03-02"}, "from", id="the future"),
        pytest.param(
            f"{LARGE}/window", {"from": "2026-03-01", "to": "2026-02-01"}, "from", id="backwards"
        ),
        pytest.param(f"{LARGE}/window", {}, "from", id="no begin"),
        pytest.param(f"{LARGE}/window", {"from": "0001-01-01T00:00+14:00"}, "from", id="long ago"),
        pytest.param("incidents", {"cursor": "WzAuNV0"}, "cursor", id="a cursor of nothing"),
        pytest.param("incidents", {"limit": "all"}, "limit", id="no number"),
    ],
)
def test_what_makes_no_sense_is_told_with_what_is_wrong(
    scene: Scene, path: str, asked: dict[str, Any], parameter: str
) -> None:
    told = scene.refused(path, **asked)

    assert told["status"] == 422
    assert [each["parameter"] for each in told["errors"]] == [parameter]
    assert "sk-planted" not in str(told)
    assert scene.answers.asked == 0
