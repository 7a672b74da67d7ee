"""What a kill cannot take back any more is told once, whichever way it goes to the store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.model.triple import Triple
from monitor.recorder.backlog import Backlog
from monitor.recorder.spool import Spool
from monitor.recorder.writer import Writer
from tests.unit.recorder.disk import FullDisk, triples
from tests.unit.recorder.stores import PATIENCE_SECONDS, Start, Store, shut
from tests.waiting import wait_until


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool")
    yield spool
    spool.close()


@pytest.fixture
def kept() -> list[Triple]:
    return []


@pytest.fixture
def backlog(spool: Spool, kept: list[Triple]) -> Backlog:
    backlog = Backlog(spool)
    backlog.on_kept = kept.extend
    return backlog


def test_what_is_written_is_kept_and_not_before(
    backlog: Backlog, kept: list[Triple], store: Store, run: Start
) -> None:
    writer = Writer(store.write, backlog=backlog, batch=2)
    for triple in triples(5):
        writer.put(triple)
    with shut(store):
        run(writer)
        assert store.entered.acquire(timeout=PATIENCE_SECONDS)
        assert kept == []

    assert writer.stop(PATIENCE_SECONDS)
    assert kept == triples(5)


def test_what_is_spooled_is_kept_and_not_told_again_when_it_is_written(
    backlog: Backlog, kept: list[Triple], store: Store, run: Start
) -> None:
    writer = Writer(store.write, backlog=backlog, batch=2)
    for triple in triples(5):
        writer.put(triple)
    assert backlog.spill() == 5
    assert kept == triples(5)

    run(writer)
    assert store.wait_for(5)
    assert writer.stop(PATIENCE_SECONDS)
    assert store.triples == triples(5)
    assert kept == triples(5)


def test_a_batch_that_is_spooled_while_it_is_written_is_told_once(
    backlog: Backlog, kept: list[Triple], store: Store, run: Start
) -> None:
    writer = Writer(store.write, backlog=backlog, batch=2)
    for triple in triples(3):
        writer.put(triple)
    with shut(store):
        run(writer)
        assert store.entered.acquire(timeout=PATIENCE_SECONDS)
        assert backlog.spill() == 3
        assert kept == triples(3)

    assert writer.stop(PATIENCE_SECONDS)
    assert store.triples == triples(3)
    assert kept == triples(3)


def test_what_nobody_takes_is_not_kept(
    backlog: Backlog,
    kept: list[Triple],
    store: Store,
    run: Start,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    FullDisk(monkeypatch)
    store.poison = triples(2)[1]
    writer = Writer(store.write, backlog=backlog)
    for triple in triples(3):
        writer.put(triple)
    with pytest.raises(OSError, match="space"):
        backlog.spill()
    assert kept == []

    run(writer)
    wait_until(lambda: writer.written == 2)
    assert writer.stop(PATIENCE_SECONDS)
    assert kept == [triples(3)[0], triples(3)[2]]
