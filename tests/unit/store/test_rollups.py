"""Hours are folded once they got results, again if they get more, and never from what is left."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from monitor.health.buckets import DAY, HOUR, Resolution, Stretch
from monitor.health.rollup import Bucket, Quantity, Run, fold, merge_buckets
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.model.triple import Triple
from monitor.store import tables
from monitor.store.buckets import Whose, read_buckets, read_stored
from monitor.store.engine import Engine
from monitor.store.marks import mark_due
from monitor.store.results import write_triples
from monitor.store.rollups import fold_due, seal
from monitor.store.targets import read_target_ids, sync_targets
from tests.factories import make_result, make_target
from tests.fakes import START

KEY = "acme/large"
MIDNIGHT = START.replace(hour=0)
DAY_STRETCH = (MIDNIGHT, MIDNIGHT + DAY)


def write(engine: Engine, *results: Result) -> None:
    with engine.begin() as connection:
        ids = sync_targets(connection, [make_target(KEY), make_target("b/c")], START)
        write_triples(connection, ids, [Triple(result=each) for each in results])


def fold_all(engine: Engine, before_at: datetime = START + 90 * DAY) -> int:
    with engine.begin() as connection:
        return fold_due(connection, before_at)


def stored(engine: Engine, resolution: Resolution, kind: Kind = Kind.COMPLETION) -> list[Bucket]:
    with engine.connect() as connection:
        known = tables.target.c
        number = connection.execute(select(known.id).where(known.key == KEY)).scalar_one()
        stretch = Stretch(resolution, MIDNIGHT - DAY, MIDNIGHT + 2 * DAY)
        found = read_stored(connection, Whose(number, kind, "here"), stretch)
    return [each.bucket for each in found]


def folded(results: Sequence[Result], kind: Kind = Kind.COMPLETION) -> Bucket:
    return fold(kind, map(Run.of, results))


def marks(engine: Engine) -> int:
    with engine.connect() as connection:
        query = select(func.count()).select_from(tables.rollup_due)
        return int(connection.execute(query).scalar_one())


HISTORY = [
    make_result(ttft_seconds=0.25, duration_seconds=0.5, input_tokens=20, cost_usd=0.001),
    make_result(Outcome.TIMEOUT, minute=1, http_status=None),
    make_result(Outcome.TIMEOUT, minute=1, confirm=1),
    make_result(minute=61, ttft_seconds=0.75, connect_seconds=0.01),
]


def test_an_hour_is_what_its_results_are_and_a_day_what_its_hours_are(engine: Engine) -> None:
    write(engine, *HISTORY)

    assert fold_all(engine) == 2
    assert stored(engine, Resolution.HOUR) == [folded(HISTORY[:3]), folded(HISTORY[3:])]
    assert stored(engine, Resolution.DAY) == [folded(HISTORY)]
    assert fold_all(engine) == marks(engine) == 0


def test_folding_again_changes_nothing(engine: Engine) -> None:
    write(engine, *HISTORY)
    fold_all(engine)
    before = stored(engine, Resolution.HOUR), stored(engine, Resolution.DAY)

    write(engine, *HISTORY)
    assert fold_all(engine) == 0
    with engine.begin() as connection:
        mark_due(connection, read_target_ids(connection), HISTORY)
    assert fold_all(engine) == 2

    assert (stored(engine, Resolution.HOUR), stored(engine, Resolution.DAY)) == before


def test_a_late_result_folds_its_hour_again(engine: Engine) -> None:
    write(engine, *HISTORY)
    fold_all(engine)
    late = make_result(minute=7, ttft_seconds=3.0)

    write(engine, late)
    fold_all(engine)

    assert stored(engine, Resolution.HOUR)[0] == folded([*HISTORY[:3], late])
    assert stored(engine, Resolution.DAY) == [folded([*HISTORY, late])]


def test_the_running_hour_waits(engine: Engine) -> None:
    write(engine, *HISTORY)

    assert fold_all(engine, START + HOUR) == 1
    assert marks(engine) == 1


def test_kinds_and_vantages_and_targets_are_kept_apart(engine: Engine) -> None:
    speed = make_result(kind=Kind.THROUGHPUT, output_tokens_per_second=80.0)
    write(engine, HISTORY[0], speed, make_result(vantage="there"), make_result(target="b/c"))

    assert fold_all(engine) == 4
    assert stored(engine, Resolution.DAY) == [folded(HISTORY[:1])]
    assert stored(engine, Resolution.DAY, Kind.THROUGHPUT) == [folded([speed], Kind.THROUGHPUT)]


def test_folding_goes_on_where_it_was_broken_off(engine: Engine) -> None:
    write(engine, *HISTORY)
    with engine.begin() as connection:
        assert fold_due(connection, START + DAY, limit=1) == 1
    with engine.connect() as connection:
        fold_due(connection, START + DAY)  # lost with the transaction

    assert stored(engine, Resolution.DAY) == [folded(HISTORY[:3])]
    assert fold_all(engine) == 1
    assert stored(engine, Resolution.DAY) == [folded(HISTORY)]


def test_an_hour_that_was_pruned_is_never_folded_from_what_is_left(engine: Engine) -> None:
    write(engine, *HISTORY)
    fold_all(engine)
    with engine.begin() as connection:
        until_at = seal(connection, START + HOUR)
        result = tables.result
        connection.execute(delete(result).where(result.c.slot_at < until_at))

    write(engine, make_result(minute=9), make_result(minute=90))
    assert fold_all(engine) == 2

    assert stored(engine, Resolution.HOUR)[0] == folded(HISTORY[:3])
    assert stored(engine, Resolution.DAY) == [folded([*HISTORY, make_result(minute=90)])]
    assert marks(engine) == 0


@pytest.mark.parametrize(("wanted", "sealed"), [(30, 0), (60, 60), (119, 60), (180, 60)], ids=str)
def test_what_is_due_is_not_to_be_pruned(engine: Engine, wanted: int, sealed: int) -> None:
    write(engine, *HISTORY)
    fold_all(engine, START + HOUR)

    with engine.begin() as connection:
        assert seal(connection, START + timedelta(minutes=wanted)) == START + timedelta(
            minutes=sealed
        )


def test_a_seal_never_goes_back_and_what_came_too_late_holds_nothing_up(engine: Engine) -> None:
    write(engine, *HISTORY)
    fold_all(engine)
    with engine.begin() as connection:
        assert seal(connection, START + HOUR) == START + HOUR
        assert seal(connection, START - HOUR) == START - HOUR
    write(engine, make_result(minute=9))

    with engine.begin() as connection:
        assert seal(connection, START + 2 * HOUR) == START + 2 * HOUR


def test_reading_folds_what_is_due_without_keeping_it(engine: Engine) -> None:
    write(engine, *HISTORY)
    fold_all(engine, START + HOUR)
    late = make_result(minute=8)
    write(engine, late)

    with engine.connect() as connection:
        by_hour = read_buckets(connection, "here", KEY, DAY_STRETCH, resolution=Resolution.HOUR)
        by_day = read_buckets(connection, "here", KEY, DAY_STRETCH)

    wanted = [folded([*HISTORY[:3], late]), folded(HISTORY[3:])]
    assert [each.bucket for each in by_hour] == [each.bucket for each in by_day] == wanted
    assert marks(engine) == 2


def test_a_day_without_what_is_due_is_read_as_one(engine: Engine) -> None:
    write(engine, *HISTORY)
    fold_all(engine)

    with engine.connect() as connection:
        found = read_buckets(connection, "here", KEY, DAY_STRETCH)
        part = read_buckets(connection, "here", KEY, (START, MIDNIGHT + DAY))
        assert read_buckets(connection, "here", "of/nobody", DAY_STRETCH) == []
        assert read_buckets(connection, "there", KEY, DAY_STRETCH) == []

    assert found == [(MIDNIGHT, folded(HISTORY))]
    assert [each.begin_at for each in part] == [START, START + HOUR]
    assert merge_buckets(each.bucket for each in part) == folded(HISTORY)


def test_counts_that_no_column_can_hold_are_absent(engine: Engine) -> None:
    write(engine, *(make_result(minute=each, input_tokens=2**62) for each in range(3)))
    fold_all(engine)

    assert stored(engine, Resolution.DAY)[0].spent.input_tokens == 0


def test_all_quantities_come_back(engine: Engine) -> None:
    measured: dict[str, Any] = {each.value: 0.5 for each in Quantity}
    speed = make_result(kind=Kind.THROUGHPUT, **measured)
    write(engine, make_result(**measured), speed)
    fold_all(engine)

    (completions,), (speeds,) = (
        stored(engine, Resolution.DAY, kind) for kind in (Kind.COMPLETION, Kind.THROUGHPUT)
    )
    assert {*completions.sketches, *speeds.sketches} == set(Quantity)


def test_nothing_to_mark_is_no_trouble(engine: Engine) -> None:
    write(engine)

    assert fold_all(engine) == 0
