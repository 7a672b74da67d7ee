"""The schedule's history says which slots could be expected, and when."""

from datetime import datetime, timedelta

import pytest

from monitor.model.target import Kind, Probe
from monitor.store.engine import Engine
from monitor.store.schedules import (
    ScheduleSpan,
    Watched,
    read_schedule,
    read_watched,
    sync_schedule,
)
from monitor.store.targets import sync_targets
from tests.factories import make_probe, make_target
from tests.fakes import START


def later(hours: float) -> datetime:
    return START + timedelta(hours=hours)


@pytest.fixture(autouse=True)
def targets(engine: Engine) -> None:
    with engine.begin() as connection:
        sync_targets(connection, [make_target("a/b"), make_target("c/d")], START)


def sync(
    engine: Engine,
    *probes: Probe,
    at: datetime,
    vantage: str = "here",
    awaited: tuple[str, ...] = (),
) -> None:
    with engine.begin() as connection:
        sync_schedule(connection, probes, vantage, at, awaited)


def history(engine: Engine, vantage: str = "here") -> list[ScheduleSpan]:
    with engine.connect() as connection:
        return read_schedule(connection, vantage)


def span(key: str, seconds: float, begin: float, end: float | None = None) -> ScheduleSpan:
    return ScheduleSpan(
        target=key,
        kind=Kind.COMPLETION,
        interval_seconds=seconds,
        valid_from_at=later(begin),
        valid_to_at=None if end is None else later(end),
    )


def test_a_new_probe_opens_a_span(engine: Engine) -> None:
    sync(engine, make_probe("a/b", interval_seconds=60.0), at=later(0))
    assert history(engine) == [span("a/b", 60, 0)]


def test_an_unchanged_probe_keeps_its_span_over_restarts(engine: Engine) -> None:
    for hours in (0, 1, 2):
        sync(engine, make_probe("a/b"), at=later(hours))
    assert history(engine) == [span("a/b", 60, 0)]


def test_a_changed_interval_closes_the_span_and_opens_another(engine: Engine) -> None:
    sync(engine, make_probe("a/b"), make_probe("c/d"), at=later(0))
    sync(engine, make_probe("a/b", interval_seconds=30.0), make_probe("c/d"), at=later(1))
    assert history(engine) == [span("a/b", 60, 0, 1), span("c/d", 60, 0), span("a/b", 30, 1)]


def test_a_probe_that_went_closes_its_span_and_opens_one_when_it_returns(engine: Engine) -> None:
    sync(engine, make_probe("a/b"), at=later(0))
    sync(engine, at=later(1))
    sync(engine, at=later(2))
    sync(engine, make_probe("a/b"), at=later(3))
    assert history(engine) == [span("a/b", 60, 0, 1), span("a/b", 60, 3)]


def test_a_span_goes_on_until_the_list_that_may_name_its_target_has_come(engine: Engine) -> None:
    sync(engine, make_probe("a/b"), make_probe("c/d"), at=later(0))
    sync(engine, at=later(1), awaited=("a/",))
    assert history(engine) == [span("a/b", 60, 0), span("c/d", 60, 0, 1)]


@pytest.mark.parametrize(
    ("named", "wanted"),
    [
        pytest.param((make_probe("a/b"),), [span("a/b", 60, 0)], id="it is named"),
        pytest.param((), [span("a/b", 60, 0, 2)], id="it is not"),
        pytest.param(
            (make_probe("a/b", interval_seconds=30.0),),
            [span("a/b", 60, 0, 2), span("a/b", 30, 2)],
            id="its interval changed",
        ),
    ],
)
def test_the_list_says_what_becomes_of_a_span(
    engine: Engine, named: tuple[Probe, ...], wanted: list[ScheduleSpan]
) -> None:
    sync(engine, make_probe("a/b"), at=later(0))
    sync(engine, at=later(1), awaited=("a/",))
    sync(engine, *named, at=later(2))
    assert history(engine) == wanted


def test_kinds_and_vantages_have_spans_of_their_own(engine: Engine) -> None:
    sync(engine, make_probe("a/b"), make_probe("a/b", kind=Kind.MODELS), at=later(0))
    sync(engine, make_probe("a/b"), at=later(0), vantage="there")
    assert [each.kind for each in history(engine)] == [Kind.COMPLETION, Kind.MODELS]
    assert history(engine, "there") == [span("a/b", 60, 0)]


def test_an_interval_that_changes_twice_in_one_instant_leaves_one_span(engine: Engine) -> None:
    for seconds in (60.0, 30.0, 10.0):
        sync(engine, make_probe("a/b", interval_seconds=seconds), at=later(0))
    assert history(engine) == [span("a/b", 10, 0)]


def test_spans_do_not_overlap_when_the_clock_steps_back(engine: Engine) -> None:
    sync(engine, make_probe("a/b"), at=later(0))
    sync(engine, make_probe("a/b", interval_seconds=30.0), at=later(5))
    sync(engine, make_probe("a/b", interval_seconds=10.0), at=later(4))
    assert history(engine) == [span("a/b", 60, 0, 5), span("a/b", 10, 5)]


def test_who_is_or_was_probed_from_where_is_known(engine: Engine) -> None:
    sync(engine, make_probe("c/d"), make_probe("a/b"), at=later(0))
    sync(engine, make_probe("a/b", interval_seconds=30.0), at=later(1))
    sync(engine, make_probe("a/b"), at=later(1), vantage="afar")

    with engine.connect() as connection:
        assert read_watched(connection) == [
            Watched("a/b", "afar"),
            Watched("a/b", "here"),
            Watched("c/d", "here"),
        ]
