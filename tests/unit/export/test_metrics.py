"""What /metrics says: the whole text, and that Prometheus can read it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse_text

from monitor.export.metrics import Metrics
from monitor.model.configuration import Configuration
from monitor.model.detail import Detail
from monitor.model.health import State
from monitor.model.outcome import Outcome
from monitor.model.snapshot import Snapshot
from monitor.model.window import WINDOWS
from monitor.probes.listing import Listed
from monitor.recorder.feed import Feed
from tests.fakes import START, FakeClock
from tests.unit.export.pictures import (
    LATER,
    PRICES,
    full_snapshot,
    lively,
    lively_snapshot,
    make_snapshot,
    make_view,
)

GOLDEN = Path(__file__).parents[2] / "golden"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0"


def make_metrics(snapshot: Snapshot, detail: Detail = Detail.DEFAULT) -> Metrics:
    metrics = Metrics(FakeClock(at=LATER), detail)
    show(metrics, lambda: snapshot)
    routing = Feed(FakeClock()).draw(snapshot)
    metrics.route(lambda: routing, lambda: {"acme/large": {"5m": 1.0, "1h": 0.75}})
    metrics.configure(lambda: Configuration(read_at=START))
    return metrics


def show(metrics: Metrics, snapshot: Callable[[], Snapshot]) -> None:
    metrics.show(
        snapshot=snapshot,
        in_flight=lambda: 2,
        waiting=lambda: 1,
        pending=lambda: 3,
        spooled=lambda: 4,
        dropped=lambda: 0,
        spent_ratios=lambda: {"acme": 0.25},
    )


def values(snapshot: Snapshot, name: str) -> dict[tuple[str, ...], float]:
    """The samples of one series, by the values of their labels but the target's own."""
    text = make_metrics(snapshot).render("")[0].decode()
    own = {"target", "provider", "model"}
    return {
        tuple(v for k, v in sample.labels.items() if k not in own): sample.value
        for family in parse_text(text)
        for sample in family.samples
        if sample.name == f"llmprobe_{name}"
    }


@pytest.mark.parametrize(
    ("name", "accept", "detail"),
    [
        ("metrics", "", Detail.DEFAULT),
        ("metrics-full", "", Detail.FULL),
        ("openmetrics", OPEN_METRICS, Detail.DEFAULT),
        ("openmetrics-full", OPEN_METRICS, Detail.FULL),
    ],
)
def test_the_exposition_is_the_golden_one(
    name: str, accept: str, detail: Detail, request: pytest.FixtureRequest
) -> None:
    text = make_metrics(lively_snapshot(), detail).render(accept)[0].decode()
    golden = GOLDEN / f"{name}.txt"
    if request.config.getoption("--update-golden"):
        golden.write_text(text)

    assert text == golden.read_text()


def test_the_newest_run_that_counts_is_the_exemplar_of_its_bucket() -> None:
    view = make_view(runs=31)
    assert view.last_result is not None
    text = make_metrics(make_snapshot(view)).render(OPEN_METRICS)[0].decode()

    exemplars = {
        (sample.name, sample.labels["le"]): sample.exemplar
        for family in parse_open(text)  # type: ignore[no-untyped-call]
        for sample in family.samples
        if sample.exemplar
    }

    assert exemplars.keys() == {
        ("llmprobe_ttft_seconds_bucket", "0.3"),
        ("llmprobe_request_duration_seconds_bucket", "0.8"),
    }
    for exemplar in exemplars.values():
        assert exemplar.labels == {"result_id": view.last_result.id}
        assert float(exemplar.timestamp) == view.last_result.at.timestamp()
    assert b"result_id" not in make_metrics(make_snapshot(view)).render("")[0]


def test_a_run_that_failed_is_no_exemplar() -> None:
    view = make_view(runs=30)
    assert view.last_result is not None
    assert view.last_result.verdict.outcome is Outcome.OVERLOADED

    assert b"result_id" not in make_metrics(make_snapshot(view)).render(OPEN_METRICS)[0]


def test_the_default_set_is_about_110_series_a_target_and_the_full_one_thrice_that() -> None:
    snapshot = make_snapshot(lively(make_view(prices=PRICES)))
    texts = [make_metrics(snapshot, detail).render("")[0] for detail in Detail]

    assert [text.count(b'target="') for text in texts] == [105, 299]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [("", "text/plain"), (OPEN_METRICS, "application/openmetrics-text")],
    ids=["text", "OpenMetrics"],
)
def test_the_format_is_the_one_that_was_asked_for(accept: str, content_type: str) -> None:
    body, told = make_metrics(full_snapshot()).render(accept)

    assert told.startswith(content_type)
    assert list((parse_open if accept else parse_text)(body.decode()))


def test_no_created_series() -> None:
    assert b"_created" not in make_metrics(full_snapshot()).render("")[0]


def test_every_name_has_the_prefix_and_every_family_says_what_it_is() -> None:
    text = make_metrics(full_snapshot()).render("")[0].decode()

    for family in parse_text(text):
        assert family.name.startswith("llmprobe_")
        assert len(family.documentation) > 10
        assert family.documentation.endswith(".")


@pytest.mark.parametrize(
    ("state", "up"),
    [
        (State.UP, {(): 1.0}),
        (State.DEGRADED, {(): 1.0}),
        (State.RECOVERING, {(): 1.0}),
        (State.DOWN, {(): 0.0}),
        (State.BLOCKED, {(): 0.0}),
        (State.UNKNOWN, {}),
    ],
)
def test_up_is_one_while_the_target_can_be_used(
    state: State, up: dict[tuple[str, ...], float]
) -> None:
    assert values(make_snapshot(make_view(state=state)), "up") == up


def test_failures_over_probes_is_the_failure_ratio() -> None:
    snapshot = make_snapshot(make_view())

    failures = sum(values(snapshot, "probe_failures_total").values())
    probes = sum(values(snapshot, "probes_total").values())

    assert failures / probes == 0.1


def test_a_group_is_shown_as_it_is_published() -> None:
    down, unknown = make_view("b/y", State.DOWN), make_view("c/z", State.UNKNOWN, runs=0)
    snapshot = make_snapshot(make_view("a/x", State.DOWN, group="acme/large"), down, unknown)

    assert values(snapshot, "group_available") == {("acme/large",): 0, ("b/y",): 0}
    assert values(snapshot, "group_panic") == {("acme/large",): 1, ("b/y",): 1, ("c/z",): 0}
    assert values(snapshot, "group_availability_ratio") == {
        ("acme/large", "5m"): 1.0,
        ("acme/large", "1h"): 0.75,
    }


def test_a_weight_is_shown_for_each_target_of_a_group() -> None:
    views = [make_view("a/x", State.DOWN, group="g/x"), make_view("b/x", group="g/x")]
    text = make_metrics(make_snapshot(*views)).render("")[0].decode()

    found = {
        sample.labels["target"]: sample.value
        for family in parse_text(text)
        for sample in family.samples
        if sample.name == "llmprobe_routing_weight"
    }
    assert found == {"a/x": 0.0, "b/x": 1.0}


def test_outcomes_that_rules_watch_begin_at_zero() -> None:
    counts = values(make_snapshot(make_view(runs=0)), "probe_failures_total")

    assert counts[("completion", "overloaded")] == 0
    assert counts[("completion", "timeout")] == 0


def test_what_cannot_be_measured_has_no_series() -> None:
    snapshot = make_snapshot(make_view(runs=3))

    assert values(snapshot, "ttft_median_seconds") == {}
    assert values(snapshot, "cost_dollars_total") == {}
    assert set(values(snapshot, "uptime_ratio").values()) == {1.0}


def test_windows_that_only_the_api_shows_have_no_series() -> None:
    snapshot = make_snapshot(make_view())

    for name in ("availability_ratio", "coverage_ratio", "window_samples"):
        assert values(snapshot, name).keys() == {("5m",), ("1h",), ("24h",), ("30d",)}
    assert {window for _, window in values(snapshot, "uptime_ratio")} == {"5m", "1h", "24h", "30d"}


def test_the_full_detail_has_all_windows() -> None:
    text = make_metrics(make_snapshot(make_view()), Detail.FULL).render("")[0].decode()

    for name in ("availability_ratio", "coverage_ratio", "uptime_ratio", "ttft_median_seconds"):
        found = re.findall(rf'^llmprobe_{name}\{{.*window="(\w+)"', text, re.MULTILINE)
        assert set(found) == set(WINDOWS)


def test_a_series_goes_when_its_target_goes() -> None:
    assert values(make_snapshot(), "up") == {}
    assert values(make_snapshot(), "probes_total") == {}


def test_what_was_prepared_is_shown_and_what_was_not_too() -> None:
    snapshot = make_snapshot(make_view("a/old"))
    metrics = Metrics(FakeClock(at=LATER))
    metrics.prepare()  # before there is anything to show
    show(metrics, lambda: snapshot)
    metrics.prepare()
    assert b'target="a/old"' in metrics.render("")[0]

    snapshot = make_snapshot(make_view("a/new"))

    text = metrics.render("")[0]
    assert b'target="a/new"' in text
    assert b'target="a/old"' not in text


@pytest.mark.parametrize("accept", ["", OPEN_METRICS], ids=["text", "OpenMetrics"])
def test_what_gateways_publish_stands_beside_what_we_measured(accept: str) -> None:
    snapshot = make_snapshot(make_view("a/x"), make_view("b/y"))
    metrics = make_metrics(snapshot)
    listed = Listed(tag="t", provider_name="T", uptime_ratio=0.75)
    metrics.compare(lambda: {"b/y": listed}, lambda: snapshot)

    text = metrics.render(accept)[0].decode()

    told = [line for line in text.splitlines() if line.startswith("llmprobe_published")]
    assert told == [
        'llmprobe_published_uptime_ratio{model="y",provider="b",target="b/y"} 0.75',
    ]
    assert list((parse_open if accept else parse_text)(text))
