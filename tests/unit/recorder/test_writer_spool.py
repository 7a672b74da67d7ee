"""The writer and the spool: what is older is written first, and a stop loses nothing."""

from pathlib import Path

import pytest

from monitor.recorder.backlog import Backlog
from monitor.recorder.spool import Spool
from monitor.recorder.writer import Writer
from tests.unit.recorder.disk import FullDisk, triples
from tests.unit.recorder.stores import PATIENCE_SECONDS, Start, Store
from tests.waiting import wait_until


def test_a_stop_gives_a_failing_store_up_once_all_is_in_the_spool(
    tmp_path: Path, run: Start
) -> None:
    store, spool = Store(failures=10_000), Spool(tmp_path / "spool")
    writer = run(Writer(store.write, backlog=Backlog(spool), batch=2, linger_seconds=0.01))
    for triple in triples(5):
        writer.put(triple)
    assert store.entered.acquire(timeout=PATIENCE_SECONDS)

    assert not writer.stop(PATIENCE_SECONDS)
    assert (writer.pending, spool.count, writer.dropped) == (0, 5, 0)
    assert not writer._thread.is_alive()
    spool.close()


def test_a_stop_goes_on_trying_if_the_spool_fails_too(
    tmp_path: Path, run: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    FullDisk(monkeypatch)
    store, spool = Store(failures=3), Spool(tmp_path / "spool")
    writer = run(Writer(store.write, backlog=Backlog(spool), batch=2, linger_seconds=0.01))
    writer.put(triples(1)[0])

    assert writer.stop(PATIENCE_SECONDS)
    assert (writer.written, spool.count) == (1, 0)
    spool.close()


def test_what_is_spooled_is_written_before_what_is_newer(
    tmp_path: Path, store: Store, run: Start
) -> None:
    spool = Spool(tmp_path / "spool")
    spool.append(triples(5))
    writer = Writer(store.write, backlog=Backlog(spool), batch=2)
    for triple in triples(3, first=5):
        writer.put(triple)
    run(writer)

    assert store.wait_for(8)
    assert writer.stop(PATIENCE_SECONDS)
    assert store.triples == triples(8)
    assert spool.count == 0
    spool.close()


def test_a_spool_without_a_line_that_can_be_read_does_not_end_the_writing(
    tmp_path: Path, store: Store, run: Start
) -> None:
    spool = Spool(tmp_path / "spool")
    spool.append(triples(3))
    (file,) = spool.folder.iterdir()
    file.unlink()
    backlog = Backlog(spool)
    writer = run(Writer(store.write, backlog=backlog, linger_seconds=0.01))
    wait_until(lambda: spool.count == 0)
    writer.put(triples(1, first=3)[0])

    assert store.wait_for(1)
    assert writer.stop(PATIENCE_SECONDS)
    assert (store.triples, writer.dropped) == (triples(1, first=3), 3)
    spool.close()
