"""The scheduler on a real event loop: nothing lost, nothing twice, an orderly end."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

import pytest

from monitor.model.clock import SystemClock
from monitor.model.target import Probe
from monitor.scheduling.grid import Grid
from monitor.scheduling.ledger import Ledger
from monitor.scheduling.scheduler import instant
from tests.integration.slots import Book, make_scheduler, planned, quick
from tests.waiting import until


@pytest.fixture
def book() -> Book:
    return Book()


async def test_a_two_second_stall_loses_no_slot_without_a_missed_row(book: Book) -> None:
    probes = quick(20)
    scheduler = make_scheduler(book)
    scheduler.start(probes)
    await until(lambda: len(book.runs) >= 20)

    threading.Event().wait(2.0)  # the whole loop stands still
    enough = len(book.runs) + 60
    await until(lambda: len(book.runs) >= enough)
    await scheduler.stop(1.0, book.go.set)

    for probe in probes:
        slots = book.accounted(probe.key)
        assert slots == planned(probe, slots[0], slots[-1])
    late = [reason for _, _, reason in book.misses]
    assert late.count("late") >= 20 * 2
    assert not book.errors


async def test_runs_begin_at_their_slots(book: Book) -> None:
    began: list[float] = []
    clock = SystemClock()

    async def run(_probe: Probe, slot_at: datetime, _confirm: int) -> None:
        began.append((clock.now() - slot_at).total_seconds())

    scheduler = make_scheduler(book, clock, run)
    scheduler.start(quick(5))
    await until(lambda: len(began) >= 15)
    await scheduler.stop(1.0, lambda: None)

    assert min(began) >= -0.002
    assert sorted(began)[7] < 0.25  # the median, far within the grace


async def test_a_slot_that_passes_while_probes_are_added_is_run(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, begin = SystemClock(), Ledger.begin
    probe, passed = quick()[0], list[datetime]()

    def begin_slowly(grid: Grid, at_us: int) -> Ledger:
        ledger = begin(grid, at_us)
        passed.append(first_at := instant(grid.slot_us(ledger.last + 1)))
        threading.Event().wait((first_at - clock.now()).total_seconds() + 0.02)
        return ledger

    monkeypatch.setattr(Ledger, "begin", begin_slowly)
    scheduler = make_scheduler(book, clock)
    scheduler.start([probe])
    await until(lambda: len(book.runs) >= 2)
    await scheduler.stop(1.0, book.go.set)

    assert book.runs[0][1] == passed[0]
    assert not book.misses


async def test_a_run_that_outlasts_its_slot_makes_the_next_one_missed(book: Book) -> None:
    book.go.clear()
    scheduler = make_scheduler(book)
    scheduler.start(quick())
    await until(lambda: len(book.misses) >= 2)
    book.go.set()
    await until(lambda: len(book.runs) >= 2)
    await scheduler.stop(1.0, book.go.set)

    reasons = {reason for _, _, reason in book.misses}
    assert {"overlap"} <= reasons <= {"overlap", "late"}  # late, if the machine stood still
    slots = book.accounted("p0/m#completion")
    assert len(slots) == len(set(slots))


async def test_a_confirm_run_takes_place_before_the_next_slot(book: Book) -> None:
    probe = quick(interval=30.0)[0]
    scheduler = make_scheduler(book)
    scheduler.start([probe])
    now = SystemClock().now()
    next_at = planned(probe, now, now + timedelta(seconds=70))[1]
    room = (next_at - now).total_seconds()

    assert not scheduler.confirm(probe, now, 1, room + 0.01)
    if room > 0.5:
        assert scheduler.confirm(probe, now, 1, 0.05)
        await until(lambda: book.runs)
        assert book.runs == [(probe.key, now, 1)]
    await scheduler.stop(1.0, book.go.set)


async def test_a_scheduled_run_takes_the_place_of_a_confirm_run(book: Book) -> None:
    probe = quick(interval=1.0)[0]
    scheduler = make_scheduler(book)
    scheduler.start([probe])
    await until(lambda: book.runs)
    book.go.clear()

    assert scheduler.confirm(probe, book.runs[0][1], 1, 0.01)
    await until(lambda: book.aborted)
    await scheduler.stop(1.0, book.go.set)

    assert book.aborted[0] == (probe.key, 1)
    assert not book.misses


async def test_a_stop_awaits_what_is_in_flight(book: Book) -> None:
    book.go.clear()
    scheduler = make_scheduler(book)
    scheduler.start(quick())
    await until(lambda: book.runs)

    asyncio.get_running_loop().call_later(0.1, book.go.set)
    await scheduler.stop(5.0, lambda: pytest.fail("it was in time"))

    assert book.ended == len(book.runs)


async def test_a_stop_ends_what_takes_too_long(book: Book) -> None:
    book.go.clear()
    scheduler = make_scheduler(book)
    scheduler.start(quick())
    await until(lambda: book.runs)

    await scheduler.stop(0.05, book.go.set)

    assert book.ended == len(book.runs)
    assert not scheduler.confirm(quick()[0], book.runs[0][1], 1, 0.01)


async def test_a_fault_of_our_own_is_kept_and_probing_goes_on(book: Book) -> None:
    async def run(_probe: Probe, slot_at: datetime, confirm: int) -> None:
        book.runs.append(("p", slot_at, confirm))
        raise RuntimeError("ours")

    scheduler = make_scheduler(book, run=run)
    scheduler.start(quick())
    await until(lambda: len(book.runs) >= 2)
    await scheduler.stop(1.0, lambda: None)

    assert str(book.errors[0]) == "ours"


class SteppedDatetime(datetime):
    """The machine's wall clock, set forward or back on command."""

    offset = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return super().now(tz) + cls.offset


class SteppedClock(SystemClock):
    """Our view of it."""

    def now(self) -> datetime:
        return SteppedDatetime.now(UTC)


@pytest.mark.parametrize("hours", [-1, 1], ids=["set back an hour", "set forward an hour"])
async def test_a_step_of_the_clock_stops_no_slot_and_repeats_none(
    book: Book, hours: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apscheduler.schedulers.base.datetime", SteppedDatetime)
    scheduler = make_scheduler(book, SteppedClock())
    probe = quick()[0]
    scheduler.start([probe])
    await until(lambda: len(book.runs) >= 2)
    before = len(book.runs)

    monkeypatch.setattr(SteppedDatetime, "offset", timedelta(hours=hours))
    await until(lambda: len(book.runs) >= before + 3)
    await scheduler.stop(1.0, book.go.set)

    slots = book.accounted(probe.key)
    assert len(slots) == len(set(slots))
    assert len(book.misses) <= 1  # an hour that never was holds no slots


async def test_a_missed_row_that_fails_costs_no_other_and_no_run(book: Book) -> None:
    def miss(_probe: Probe, slot_at: datetime, reason: str) -> None:
        book.misses.append(("p", slot_at, reason))
        raise RuntimeError("ours")

    book.miss = miss  # type: ignore[method-assign,assignment]
    scheduler = make_scheduler(book)
    scheduler.start(quick())
    await until(lambda: book.runs)
    threading.Event().wait(2.2)
    before = len(book.runs)
    await until(lambda: len(book.runs) > before)
    await scheduler.stop(1.0, book.go.set)

    assert len(book.misses) >= 3
    assert len(book.errors) == len(book.misses)


async def test_slots_that_were_run_before_the_clock_was_set_back_do_not_repeat(book: Book) -> None:
    scheduler = make_scheduler(book)
    probe = quick()[0]
    scheduler.start([probe], has_future=True)
    await until(lambda: book.runs)
    await scheduler.stop(1.0, book.go.set)

    slot_at = book.runs[0][1]
    assert slot_at not in planned(probe, slot_at - timedelta(seconds=1), slot_at)


async def test_probes_come_and_go_while_the_others_keep_their_slots(book: Book) -> None:
    stays, goes, comes = quick(3)
    scheduler = make_scheduler(book)
    scheduler.start([stays, goes])
    await until(lambda: {key for key, _, _ in book.runs} == {stays.key, goes.key})

    scheduler.replace([stays, comes])
    gone_after = sum(key == goes.key for key, _, _ in book.runs)
    await until(lambda: sum(key == comes.key for key, _, _ in book.runs) >= 2)
    await scheduler.stop(1.0, book.go.set)

    assert sum(key == goes.key for key, _, _ in book.runs) == gone_after
    slots = book.accounted(stays.key)
    assert slots == planned(stays, slots[0], slots[-1])
    assert not scheduler.confirm(goes, slots[0], 1, 0.01)
