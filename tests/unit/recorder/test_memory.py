"""What is known of one target: the figures of its windows, whatever came and whoever looks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.health.availability import availability, silences, stays
from monitor.health.coverage import Span, expected_slots
from monitor.health.percentiles import Lately
from monitor.health.stats import sample, summarize
from monitor.model.health import Health, Transition
from monitor.model.outcome import Outcome
from monitor.model.result import Result
from monitor.model.target import Deadlines, Kind
from monitor.model.window import EXACT_WINDOWS, WindowStats
from monitor.recorder.memory import TargetMemory
from tests.factories import make_probe, make_result
from tests.fakes import START

#: How long the windows wait for a run beyond its total deadline.
PATIENCE_SECONDS = 2.0
#: Mostly the first minutes, so that samples lie close by; sometimes a day and more.
MINUTES = st.integers(0, 15) | st.integers(0, 2000)


def by_minute(begin: float, end: float) -> int:
    """Slots on whole minutes, after one instant and up to another."""
    return int(end // 60) - int(begin // 60)


SPAN = Span(begin_at=START.timestamp() - 86400, end_at=None, count=by_minute)


def make_memory(total_seconds: float = 50.0) -> TargetMemory:
    probe = make_probe(deadlines=Deadlines(total_seconds=total_seconds))
    return TargetMemory(probe=probe, health=Health(), spans=(SPAN,), begun_at=START)


def recall(memory: TargetMemory, stored: Result) -> None:
    """Take in one result from the store."""
    memory.recall([sample(stored)], stored, stored)


def reckoned(
    results: Sequence[Result],
    now: datetime,
    total_seconds: float = 50.0,
    changes: Sequence[Transition] = (),
) -> dict[str, WindowStats]:
    """All windows, each added up from all results and changes of state."""
    heard = sorted(each.slot_at.timestamp() for each in results if each.started_at)
    windows = {}
    settled = now - timedelta(seconds=total_seconds + PATIENCE_SECONDS)
    for name, seconds in EXACT_WINDOWS.items():
        begin = now - timedelta(seconds=seconds)
        inside = [each for each in results if begin < each.slot_at <= now]
        expected = expected_slots([SPAN], begin.timestamp(), settled.timestamp())
        expected += sum(1 for each in inside if each.slot_at > settled)
        samples = [sample(each) for each in inside]
        span = begin.timestamp(), now.timestamp()
        known = availability(stays(changes, *span), silences(heard, *span, 180.0))
        windows[name] = replace(
            summarize(samples, expected, planned=seconds / 60), availability_ratio=known.ratio
        )
    return windows


@st.composite
def runs(draw: st.DrawFn) -> Result:
    outcome = draw(st.sampled_from((Outcome.OK, Outcome.OK, Outcome.TIMEOUT, Outcome.MISSED)))
    minute = draw(MINUTES) + draw(st.sampled_from((0.0, 0.05)))
    unstarted = {"started_at": None} if outcome is Outcome.MISSED else {}
    return make_result(
        outcome,
        minute=minute,
        **unstarted,
        ttft_seconds=draw(st.integers(1, 3_000_000)) / 1e6,
        duration_seconds=draw(st.integers(1, 3_000_000)) / 1e6,
    )


@settings(deadline=None)
@given(
    results=st.lists(runs(), max_size=80),
    stored=st.integers(0, 80),
    minutes=MINUTES,
    total_seconds=st.sampled_from((50.0, 400.0)),
)
def test_a_view_is_what_its_results_add_up_to(
    results: list[Result], stored: int, minutes: int, total_seconds: float
) -> None:
    memory = make_memory(total_seconds)
    for each in results[:stored]:
        recall(memory, each)
    changes: list[Transition | None] = []
    for n, each in enumerate(results[stored:]):
        memory.view(START + timedelta(minutes=minutes * n / len(results)))
        changes.append(memory.take(each, each.slot_at).transition)

    now = START + timedelta(minutes=minutes)

    told = [each for each in changes if each]
    assert memory.view(now).windows == reckoned(results, now, total_seconds, told)


def test_a_window_shorter_than_a_run_expects_the_runs_that_are_over() -> None:
    """Where a run may take longer than the window, no slot of it need be over."""
    memory = make_memory(total_seconds=400.0)
    for minute in range(10):
        recall(memory, make_result(minute=minute))

    windows = memory.view(START + timedelta(minutes=9.5)).windows

    assert windows["5m"].expected == windows["5m"].valid == 5


def test_a_view_can_be_drawn_while_results_come() -> None:
    memory = make_memory()
    results = [make_result(minute=n / 10, ttft_seconds=0.001 * (n % 97)) for n in range(2000)]

    changes: list[Transition | None] = []

    def record() -> None:
        changes.extend(memory.take(each, each.slot_at).transition for each in results)

    thread = Thread(target=record)
    thread.start()
    n = 0
    while thread.is_alive():
        n += 1
        assert memory.view(START + timedelta(seconds=n)).windows["24h"].valid <= len(results)
    thread.join()

    now = START + timedelta(days=1)
    told = [each for each in changes if each]
    assert memory.view(now).windows == reckoned(results, now, changes=told)


def test_what_was_stored_is_in_the_windows_and_not_in_the_totals() -> None:
    memory = make_memory()
    missed = make_result(Outcome.MISSED, minute=2, started_at=None)
    ran = make_result(minute=1)

    count = memory.recall([sample(make_result()), sample(ran), sample(missed)], missed, ran)

    view = memory.view(START + timedelta(minutes=3))
    assert count == 3
    assert view.windows["1h"].valid == 2
    assert view.totals.valid == {}
    assert (view.last_result, view.last_probe_at) == (missed, ran.started_at)


def test_where_nothing_was_stored_nothing_is_recalled() -> None:
    memory = make_memory()

    assert memory.recall([], None, None) == 0
    assert memory.view(START).last_result is None


@pytest.mark.parametrize("stored_minute", [1, 3], ids=["before", "after"])
def test_a_stored_result_is_the_newest_run_only_if_it_is(stored_minute: int) -> None:
    memory = make_memory()
    live, stored = make_result(minute=2), make_result(minute=stored_minute)
    memory.take(live, live.slot_at)

    recall(memory, stored)

    view = memory.view(START + timedelta(minutes=5))
    assert view.last_result == max(live, stored, key=lambda each: each.slot_at)
    assert view.last_probe_at == view.last_result.started_at
    assert view.windows["5m"].valid == 2


def test_the_last_half_hour_is_told_by_the_ring_and_by_the_throughput_runs() -> None:
    memory = make_memory()
    for minute in range(61):
        memory.take(make_result(minute=minute, ttft_seconds=minute / 10), START)
        quick = make_result(
            minute=minute, kind=Kind.THROUGHPUT, output_tokens_per_second=100.0 - minute
        )
        memory.take(quick, START)
    lately = memory.lately(START + timedelta(minutes=60))

    # Runs after minute 30, up to the one of minute 60.
    assert lately.ttft_seconds is not None
    assert lately.ttft_seconds.p50 == pytest.approx(4.55)
    assert lately.ttft_seconds.p99 == pytest.approx(6.0)
    assert lately.tokens_per_second is not None
    assert lately.tokens_per_second.p50 == pytest.approx(54.5)
    assert lately.tokens_per_second.p99 == pytest.approx(40.0)


def test_only_good_runs_tell_how_quick_a_target_was() -> None:
    memory = make_memory()
    for minute in range(10):
        is_good = minute % 3 == 0
        outcome = Outcome.OK if is_good else Outcome.OVERLOADED
        memory.take(make_result(outcome, minute=minute, ttft_seconds=0.5), START)

    assert memory.lately(START + timedelta(minutes=10)) == Lately()


def test_it_tells_when_the_target_was_available() -> None:
    memory = make_memory()
    for minute in range(20):
        outcome = Outcome.OVERLOADED if minute >= 10 else Outcome.OK
        memory.take(make_result(outcome, minute=minute), START + timedelta(minutes=minute))
    begin = START.timestamp()

    told = memory.times(begin, begin + 1200)

    assert told.available == [(begin, begin + 600)]
    assert told.unavailable == [(begin + 600, begin + 1200)]
