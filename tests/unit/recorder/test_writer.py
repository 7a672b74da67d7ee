"""The writer loses nothing that fits, keeps the order, and makes nobody wait."""

import threading

import pytest

from monitor.model.triple import Triple
from monitor.recorder import writer as module
from monitor.recorder.backlog import Backlog
from monitor.recorder.writer import Writer
from tests.unit.recorder.disk import triples
from tests.unit.recorder.stores import PATIENCE_SECONDS, Start, Store, shut


def test_triples_are_written_once_and_in_their_order(store: Store, run: Start) -> None:
    writer = run(Writer(store.write, batch=7, linger_seconds=0.01))
    wanted = triples(100)
    for triple in wanted:
        writer.put(triple)
    assert writer.stop(PATIENCE_SECONDS)
    assert store.triples == wanted
    assert (writer.written, writer.pending, writer.dropped, writer.errors) == (100, 0, 0, 0)


def test_a_full_batch_does_not_wait_for_company(store: Store, run: Start) -> None:
    writer = Writer(store.write, batch=3, linger_seconds=3600)
    for triple in triples(3):  # put before the start: they are written all the same
        writer.put(triple)
    run(writer)
    assert store.wait_for(3)


def test_a_lone_triple_waits_no_longer_than_the_linger(store: Store, run: Start) -> None:
    writer = run(Writer(store.write, batch=3, linger_seconds=0.01))
    writer.put(triples(1)[0])
    assert store.wait_for(1)


def test_no_batch_is_larger_than_told(store: Store, run: Start) -> None:
    writer = run(Writer(store.write, batch=20, linger_seconds=0.01))
    with shut(store):
        for triple in triples(50):
            writer.put(triple)
        assert store.entered.acquire(timeout=PATIENCE_SECONDS)
    assert writer.stop(PATIENCE_SECONDS)
    assert max(len(batch) for batch in store.batches) == 20
    assert len(store.triples) == 50


def test_put_does_not_wait_for_a_store_that_hangs(store: Store, run: Start) -> None:
    writer = run(Writer(store.write, batch=1))
    with shut(store):
        writer.put(triples(1)[0])
        assert store.entered.acquire(timeout=PATIENCE_SECONDS)
        for triple in triples(1000, first=1):
            writer.put(triple)
        assert writer.pending == 1001
        assert writer.written == 0
    assert writer.stop(PATIENCE_SECONDS)
    assert writer.written == 1001


def test_a_full_queue_drops_its_oldest_and_says_so(store: Store, run: Start) -> None:
    told: list[tuple[int, str]] = []
    writer = run(
        Writer(
            store.write,
            backlog=Backlog(capacity=3),
            batch=1,
            on_dropped=lambda *what: told.append(what),
        )
    )
    wanted = triples(6)
    with shut(store):
        writer.put(wanted[0])
        assert store.entered.acquire(timeout=PATIENCE_SECONDS)
        for triple in wanted[1:]:
            writer.put(triple)
    assert writer.stop(PATIENCE_SECONDS)
    assert store.triples == [wanted[0], *wanted[3:]]
    assert writer.dropped == 2
    assert told == [(1, "the queue is full")] * 2


def test_a_failing_write_is_repeated_with_the_same_batch(run: Start) -> None:
    store, told = Store(failures=2), list[str]()
    writer = run(
        Writer(
            store.write,
            batch=3,
            linger_seconds=3600,
            on_error=lambda error: told.append(str(error)),
        )
    )
    wanted = triples(3)
    for triple in wanted:
        writer.put(triple)
    assert store.wait_for(3)
    assert writer.stop(PATIENCE_SECONDS)
    assert store.batches == [wanted]
    assert told == ["the disk is full"] * 2
    assert (writer.errors, writer.last_error) == (2, None)


def test_the_pause_between_attempts_doubles_up_to_its_bound(run: Start) -> None:
    pauses: list[float] = []

    class Restless(Writer):
        def _rest(self, seconds: float, was_stopping: bool) -> bool:
            pauses.append(seconds)
            return was_stopping

    store = Store(failures=8)
    run(Restless(store.write, batch=1)).put(triples(1)[0])
    assert store.wait_for(1)
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_stopping_cuts_a_pause_short(run: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE_SECONDS", 3600.0)
    store, failed = Store(failures=1), threading.Event()
    writer = run(Writer(store.write, batch=1, on_error=lambda _: failed.set()))
    writer.put(triples(1)[0])
    assert failed.wait(PATIENCE_SECONDS)
    assert writer.stop(PATIENCE_SECONDS)
    assert writer.written == 1


def test_a_write_that_fails_while_stopping_is_repeated_at_once(
    run: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE_SECONDS", 3600.0)
    store = Store(failures=1)
    writer = run(Writer(store.write, batch=1))
    stopper = threading.Thread(target=writer.stop, args=[PATIENCE_SECONDS])
    with shut(store):
        writer.put(triples(1)[0])
        assert store.entered.acquire(timeout=PATIENCE_SECONDS)
        stopper.start()
        with writer._changed:
            assert writer._changed.wait_for(lambda: writer._is_stopping, PATIENCE_SECONDS)
    stopper.join(PATIENCE_SECONDS)
    assert writer.written == 1


def test_stopping_gives_up_on_a_store_that_stays_away(run: Start) -> None:
    store = Store(failures=10_000)
    writer = run(Writer(store.write, batch=2, linger_seconds=0.01))
    for triple in triples(5):
        writer.put(triple)
    assert store.entered.acquire(timeout=PATIENCE_SECONDS)
    assert not writer.stop(0.05)
    assert writer.pending == 5
    assert str(writer.last_error) == "the disk is full"
    writer._thread.join(PATIENCE_SECONDS)
    assert not writer._thread.is_alive()


def test_stopping_what_never_started_tells_what_is_left(store: Store) -> None:
    writer = Writer(store.write)
    assert writer.stop(0)
    waiting = Writer(store.write)
    waiting.put(triples(1)[0])
    assert not waiting.stop(0)


def test_what_comes_after_the_end_is_counted_as_dropped(store: Store, run: Start) -> None:
    told: list[str] = []
    writer = run(Writer(store.write, on_dropped=lambda _, why: told.append(why)))
    assert writer.stop(PATIENCE_SECONDS)
    writer.put(triples(1)[0])
    assert (writer.dropped, writer.pending, store.triples) == (1, 0, [])
    assert told == ["the writer has stopped"]


def test_one_unwritable_triple_does_not_hold_up_the_others(run: Start) -> None:
    store, told = Store(), list[tuple[int, str]]()
    wanted = triples(5)
    store.poison = wanted[2]
    writer = run(Writer(store.write, batch=5, on_dropped=lambda *what: told.append(what)))
    for triple in wanted:
        writer.put(triple)
    assert writer.stop(PATIENCE_SECONDS)
    assert store.triples == [*wanted[:2], *wanted[3:]]
    assert (writer.written, writer.dropped) == (4, 1)
    assert told == [(1, "this one never")]


def test_each_batch_is_told_with_its_size_and_time(store: Store, run: Start) -> None:
    told: list[tuple[int, float]] = []
    writer = run(Writer(store.write, batch=2, on_written=lambda *what: told.append(what)))
    for triple in triples(4):
        writer.put(triple)
    assert writer.stop(PATIENCE_SECONDS)
    assert sum(count for count, _ in told) == 4
    assert all(0 <= seconds < PATIENCE_SECONDS for _, seconds in told)


def test_a_callback_that_fails_does_not_end_the_writing(store: Store, run: Start) -> None:
    def fail(_count: int, _seconds: float) -> None:
        raise RuntimeError("the log is full")

    writer = run(Writer(store.write, batch=1, on_written=fail))
    for triple in triples(3):
        writer.put(triple)
    assert writer.stop(PATIENCE_SECONDS)
    assert (writer.written, writer.errors) == (3, 3)
    assert str(writer.last_error) == "the log is full"


def test_many_threads_may_put_at_once(store: Store, run: Start) -> None:
    writer = run(Writer(store.write, batch=50, linger_seconds=0.001))
    parts = [triples(200, first=1000 * part) for part in range(4)]

    def put_all(part: list[Triple]) -> None:
        for triple in part:
            writer.put(triple)

    threads = [threading.Thread(target=put_all, args=[part]) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert writer.stop(PATIENCE_SECONDS)
    assert len(store.triples) == 800
    for part in parts:
        mine = set(map(id, part))
        assert [triple for triple in store.triples if id(triple) in mine] == part
