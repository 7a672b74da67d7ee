"""What a restart reads of the past: samples, the newest runs, costs; the same as of the results."""

from datetime import timedelta
from typing import Any

import pytest

from monitor.health.stats import Sample, sample
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.model.triple import Triple
from monitor.store.engine import Engine
from monitor.store.history import (
    read_completions,
    read_costs,
    read_newest,
    read_newest_slot,
    read_samples,
)
from monitor.store.results import write_triples
from monitor.store.targets import sync_targets
from tests.factories import make_result, make_target
from tests.fakes import START

KEY = "acme/large"


def write(engine: Engine, *results: Result) -> None:
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_target(KEY), make_target("b/c")], START)
        write_triples(
            connection, ids, [Triple(result=each, health=None, transition=None) for each in results]
        )


def samples(engine: Engine, **given: Any) -> list[Sample]:
    with engine.connect() as connection:
        return list(read_samples(connection, "here", given.get("since", START), KEY))


def test_samples_are_those_of_the_results_in_the_order_of_their_slots(engine: Engine) -> None:
    results = [
        make_result(minute=2, ttft_seconds=0.25, duration_seconds=0.5),
        make_result(Outcome.TIMEOUT, minute=1, http_status=None),
        make_result(Outcome.UNAUTHORIZED, http_status=401, openrouter_good=None),
        make_result(Outcome.MISSED, minute=3, started_at=None, openrouter_good=None),
        make_result(minute=4, ttft_seconds=0.75, tainted=True),
        make_result(Outcome.STARVED, minute=5, ttft_seconds=0.75),
    ]
    write(engine, *results)

    assert samples(engine) == [sample(each) for each in sorted(results, key=lambda r: r.slot_at)]


@pytest.mark.parametrize(
    "other",
    [
        {"confirm": 1},
        {"kind": Kind.MODELS},
        {"vantage": "there"},
        {"target": "b/c"},
        {"minute": -1},
    ],
    ids=lambda other: next(iter(other)),
)
def test_what_is_no_scheduled_completion_run_of_the_window_is_no_sample(
    engine: Engine, other: dict[str, Any]
) -> None:
    write(engine, make_result(minute=1), make_result(**other))

    assert len(samples(engine)) == 1


def test_the_newest_result_and_the_newest_run_may_be_two(engine: Engine) -> None:
    ran, confirm = make_result(minute=1), make_result(Outcome.TIMEOUT, minute=1, confirm=1)
    missed = make_result(Outcome.MISSED, minute=2, started_at=None)
    listing = make_result(minute=3, kind=Kind.MODELS)
    write(engine, ran, confirm, missed, listing, make_result(minute=5, target="b/c"))

    with engine.connect() as connection:
        assert read_newest(connection, "here", KEY) == (missed, confirm)
        assert read_newest(connection, "there", KEY) == (None, None)


def test_the_newest_slot_is_that_of_all_targets(engine: Engine) -> None:
    with engine.connect() as connection:
        assert read_newest_slot(connection, "here") is None
    write(
        engine,
        make_result(),
        make_result(minute=2, target="b/c"),
        make_result(minute=9, vantage="there"),
    )

    with engine.connect() as connection:
        assert read_newest_slot(connection, "here") == START + timedelta(minutes=2)


def test_costs_are_summed_up_by_target_since_a_slot(engine: Engine) -> None:
    write(
        engine,
        make_result(minute=-1, cost_usd=100.0),
        make_result(cost_usd=1.0),
        make_result(minute=1, confirm=1, cost_usd=2.0),
        make_result(minute=2, kind=Kind.THROUGHPUT, cost_usd=4.0),
        make_result(minute=3, vantage="there", cost_usd=100.0),
        make_result(minute=4, target="b/c"),
    )

    with engine.connect() as connection:
        assert read_costs(connection, "here", START) == {KEY: 7.0}


def test_completions_are_whole_results_each_before_what_confirms_it(engine: Engine) -> None:
    wanted = [
        make_result(Outcome.TIMEOUT, minute=1, http_status=None),
        make_result(Outcome.SERVER_ERROR, minute=1, confirm=1, headers_seconds=0.5),
        make_result(minute=1, confirm=2, ttft_seconds=0.25),
        make_result(minute=2),
    ]
    others = [
        make_result(minute=0),
        make_result(minute=1, kind=Kind.MODELS),
        make_result(minute=1, vantage="there"),
        make_result(minute=1, target="b/c"),
    ]
    write(engine, *others, *reversed(wanted))

    with engine.connect() as connection:
        since = START + timedelta(minutes=1)
        assert list(read_completions(connection, "here", since, KEY)) == wanted
