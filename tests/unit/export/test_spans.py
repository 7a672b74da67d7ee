"""Series and windows as the API tells them, from a real store of either kind."""

import pytest

from monitor.health.buckets import DAY
from monitor.model.target import Kind
from tests.factories import make_result
from tests.unit.export.scene import MIDNIGHT, Scene, a_day


def test_a_series_by_hour_tells_each_step(scene: Scene) -> None:
    scene.write(*a_day())
    scene.clock.advance(4 * 3600 + 60)
    scene.fold()

    told = scene.get("series", by="hour", **{"from": "2026-03-01T11:30:00Z"})

    assert told["begin_at"] == "2026-03-01T11:00:00+00:00"
    assert told["end_at"] == "2026-03-01T17:00:00+00:00"
    steps = told["steps"]
    assert [each["valid"] for each in steps] == [0, 60, 60, 60, 60, 0]
    one = steps[1]
    assert (one["good"], one["uptime_ratio"], one["openrouter_uptime_ratio"]) == (54, 0.9, 0.9)
    assert (one["expected"], one["coverage_ratio"]) == (60, 1.0)
    assert one["ttft_median_seconds"] == pytest.approx(0.25, rel=0.01)
    assert one["ttft_p95_seconds"] == pytest.approx(0.25, rel=0.01)
    assert one["ttfat_p75_seconds"] == pytest.approx(0.5, rel=0.01)
    assert one["duration_median_seconds"] == pytest.approx(0.75, rel=0.01)
    assert one["connect_median_seconds"] == pytest.approx(0.01, rel=0.01)
    assert (one["ttft_samples"], one["ttft_p99_seconds"]) == (54, None)
    assert (one["input_tokens"], one["cost_usd"]) == (1200, 0.06)
    assert one["outcomes"] == [
        {"outcome": "ok", "rule": "test", "count": 54},
        {"outcome": "overloaded", "rule": "test", "count": 6},
    ]
    assert {"available_seconds", "unavailable_seconds", "availability_ratio"} <= one.keys()
    empty = steps[0]
    assert (empty["uptime_ratio"], empty["ttft_median_seconds"], empty["outcomes"]) == (
        None,
        None,
        [],
    )


def test_a_series_by_date_has_thirty_days_unless_told(scene: Scene) -> None:
    scene.write(*a_day(), *(make_result(minute=minute) for minute in (1500, 1501)))
    scene.clock.advance(26 * 3600)
    scene.fold()

    told = scene.get("series")

    assert (told["by"], told["kind"]) == ("date", "completion")
    assert [each["valid"] for each in told["steps"]] == [0] * 29 + [240, 2]
    last = told["steps"][-1]
    assert (last["begin_at"], last["end_at"]) == (
        (MIDNIGHT + DAY).isoformat(),
        (MIDNIGHT + 2 * DAY).isoformat(),
    )
    assert told["steps"][-2]["ttft_p99_seconds"] == pytest.approx(0.25, rel=0.01)
    assert last["ttft_median_seconds"] is None


def test_a_series_of_the_other_kind_tells_speeds_and_no_latency(scene: Scene) -> None:
    scene.write(
        *(
            make_result(minute=15 * n, kind=Kind.THROUGHPUT, output_tokens_per_second=50.0 + n)
            for n in range(10)
        )
    )
    scene.clock.advance(5 * 3600)

    (step,) = scene.get("series", kind="throughput", **{"from": "2026-03-01"})["steps"]

    assert step["output_tokens_per_second_median"] == pytest.approx(54.5, rel=0.02)
    assert (step["output_tokens_per_second_samples"], step["e2e_tokens_per_second_median"]) == (
        10,
        None,
    )
    assert "ttft_median_seconds" not in step
    assert "available_seconds" not in step


def test_long_series_are_read_in_parts_and_whole(scene: Scene) -> None:
    scene.write(*(make_result(minute=1440 * day) for day in range(120)))
    scene.clock.advance(119.5 * 86_400)
    scene.fold()

    by_date = scene.get("series", **{"from": "2026-03-01"})
    by_hour = scene.get("series", by="hour", **{"from": (scene.clock.at - 59 * DAY).isoformat()})

    assert [each["valid"] for each in by_date["steps"]] == [1] * 120
    assert sum(each["valid"] for each in by_hour["steps"]) == 59
    for told in (by_date, by_hour):
        begins = [each["begin_at"] for each in told["steps"]]
        assert begins == sorted(set(begins))
        assert (begins[0], told["steps"][-1]["end_at"]) == (told["begin_at"], told["end_at"])


def test_a_window_is_widened_to_whole_hours_and_says_so(scene: Scene) -> None:
    scene.write(*a_day())
    scene.clock.advance(5 * 3600)
    scene.fold()

    told = scene.get("window", **{"from": "2026-03-01T12:30:00Z", "to": "2026-03-01T14:00:01Z"})

    window = told["window"]
    assert (window["begin_at"], window["end_at"]) == (
        "2026-03-01T12:00:00+00:00",
        "2026-03-01T15:00:00+00:00",
    )
    assert told["asked"] == {
        "begin_at": "2026-03-01T12:30:00+00:00",
        "end_at": "2026-03-01T14:00:01+00:00",
    }
    assert told["is_widened"] is True
    assert (window["valid"], window["good"], window["ttft_samples"]) == (180, 162, 162)
    assert window["ttft_p95_seconds"] == pytest.approx(0.25, rel=0.01)
    assert window["ttft_p99_seconds"] is None  # three hours plan fewer than twice the least

    exact = scene.get("window", **{"from": "2026-03-01T12:00:00Z", "to": "2026-03-01T15:00:00Z"})
    assert exact["is_widened"] is False
    assert exact["window"] == window
    assert scene.answers.asked == 1


@pytest.mark.parametrize("begin", ["2026-03-01T12:30:00Z", "2026-03-01", "2020-01-01"])
def test_a_window_of_years_counts_every_run(scene: Scene, begin: str) -> None:
    scene.write(*(make_result(minute=60 * hour) for hour in range(0, 2000, 7)))
    scene.clock.advance(2000 * 3600)
    scene.fold()

    assert scene.get("window", **{"from": begin})["window"]["valid"] == 286


def test_what_was_pruned_does_not_look_like_an_outage_of_ours(scene: Scene) -> None:
    scene.write(make_result(), make_result(minute=1440 * 500))
    scene.clock.advance(500.5 * 86_400)
    scene.fold()

    told = scene.get("window", **{"from": "2026-03-01T14:00:00Z", "to": "2026-03-02T12:30:00Z"})
    assert (told["window"]["begin_at"], told["window"]["end_at"]) == (
        MIDNIGHT.isoformat(),
        (MIDNIGHT + 2 * DAY).isoformat(),
    )
    assert (told["is_widened"], told["window"]["valid"]) == (True, 1)
    refused = scene.refused(
        "targets/acme%2Flarge/series", by="hour", **{"from": "2026-03-01", "to": "2026-03-02"}
    )
    assert refused["errors"][0]["parameter"] == "to"
    since = MIDNIGHT + 101 * DAY
    to = (since + DAY).isoformat()
    clipped = scene.get("series", by="hour", **{"from": (since - DAY).isoformat(), "to": to})
    assert clipped["begin_at"] == since.isoformat()
