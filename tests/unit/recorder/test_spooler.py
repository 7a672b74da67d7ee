"""What waits for long is on the disk, whatever the writer does."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.recorder import spooler as module
from monitor.recorder.backlog import Backlog
from monitor.recorder.spool import Spool
from monitor.recorder.spooler import Spooler
from tests.unit.recorder.disk import FullDisk, triples
from tests.waiting import wait_until

PATIENCE_SECONDS = 20.0
Start = Callable[..., Spooler]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool")
    yield spool
    spool.close()


@pytest.fixture
def backlog(spool: Spool) -> Backlog:
    return Backlog(spool)


@pytest.fixture
def start(backlog: Backlog) -> Iterator[Start]:
    running: list[Spooler] = []

    def run(patience_seconds: float = 0.01, **told: Callable[..., None]) -> Spooler:
        running.append(Spooler(backlog, patience_seconds=patience_seconds, **told))
        running[-1].start()
        return running[-1]

    yield run
    for each in running:
        each.stop(PATIENCE_SECONDS)


def put(backlog: Backlog, count: int, first: int = 0) -> None:
    for triple in triples(count, first):
        backlog.put(triple, 1)


def test_what_waits_for_too_long_moves_to_the_disk(backlog: Backlog, start: Start) -> None:
    told: list[int] = []
    start(on_spooled=told.append)
    put(backlog, 3)
    wait_until(lambda: backlog.spooled == 3)
    put(backlog, 2, first=3)
    wait_until(lambda: sum(told) == 5)

    assert backlog.in_memory == 0


def test_so_does_what_a_store_that_hangs_was_given(backlog: Backlog, start: Start) -> None:
    put(backlog, 3)
    backlog.take(2)
    start()

    wait_until(lambda: backlog.spooled == 3)


def test_what_is_written_in_time_never_gets_there(backlog: Backlog, start: Start) -> None:
    spooler = start(patience_seconds=3600)
    put(backlog, 3)
    backlog.take(3)
    backlog.settle()

    assert spooler.stop(PATIENCE_SECONDS)
    assert backlog.spooled == 0


def test_a_stop_moves_what_is_left(backlog: Backlog, start: Start) -> None:
    spooler = start(patience_seconds=3600)
    put(backlog, 3)

    assert spooler.stop(PATIENCE_SECONDS)
    assert backlog.spooled == 3


def test_a_disk_that_fails_is_told_and_tried_again(
    backlog: Backlog, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE_SECONDS", 0.01)
    disk, errors = FullDisk(monkeypatch), list[str]()
    spooler = start(on_error=lambda error: errors.append(str(error)))
    put(backlog, 3)
    wait_until(lambda: len(errors) >= 2)
    assert backlog.in_memory == 3

    disk.room = 1 << 20
    wait_until(lambda: backlog.spooled == 3)
    disk.room = 0
    put(backlog, 1, first=3)
    assert not spooler.stop(PATIENCE_SECONDS)
    assert "No space" in errors[0]


def test_a_disk_that_takes_something_again_is_told_though_nothing_waits(
    backlog: Backlog, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE_SECONDS", 0.01)
    disk, told, errors = FullDisk(monkeypatch), list[int](), list[Exception]()
    start(on_spooled=told.append, on_error=errors.append)
    put(backlog, 3)
    wait_until(lambda: errors)
    backlog.take(3)
    backlog.settle()  # the store is back
    failed = len(errors)
    wait_until(lambda: len(errors) > failed + 1)
    assert told == []

    disk.room = 1 << 20
    wait_until(lambda: told)
    assert (told, backlog.spooled) == ([0], 0)


def test_a_spool_that_failed_at_the_start_is_looked_after(
    backlog: Backlog, spool: Spool, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE_SECONDS", 0.01)
    spool.is_sound = False
    told: list[int] = []
    start(on_spooled=told.append)

    wait_until(lambda: told == [0])
    assert list(spool.folder.iterdir()) == []


def test_a_stop_does_not_wait_for_a_disk_that_hangs(
    backlog: Backlog, start: Start, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, gate = threading.Event(), threading.Event()
    append = spool.append

    def hang(these: list[object]) -> int:
        entered.set()
        assert gate.wait(PATIENCE_SECONDS)
        return append(these)  # type: ignore[arg-type]

    monkeypatch.setattr(spool, "append", hang)
    spooler = start()
    put(backlog, 1)
    assert entered.wait(PATIENCE_SECONDS)

    assert not spooler.stop(0.01)
    gate.set()
    assert spooler.stop(PATIENCE_SECONDS)
