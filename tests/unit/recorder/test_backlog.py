"""What waits keeps its order on every way to the store, and is never in two places for long."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from monitor.model.triple import Triple
from monitor.recorder.backlog import Backlog
from monitor.recorder.spool import Spool
from tests.unit.recorder.disk import FullDisk, triples


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool")
    yield spool
    spool.close()


@pytest.fixture
def backlog(spool: Spool) -> Backlog:
    return Backlog(spool)


def put(backlog: Backlog, *these: Triple) -> None:
    for triple in these:
        backlog.put(triple, 1)


def drain(backlog: Backlog, batch: int = 3) -> list[Triple]:
    found: list[Triple] = []
    while taken := backlog.take(batch):
        found += taken
        backlog.settle()
    return found


def test_without_a_spool_all_waits_in_memory() -> None:
    backlog = Backlog()
    put(backlog, *triples(5))

    assert backlog.spill() == backlog.spooled == backlog.lost == 0
    backlog.check()
    assert backlog.is_sound
    assert (backlog.in_memory, backlog.oldest_ns) == (5, None)
    assert drain(backlog) == triples(5)


def test_the_spool_is_older_than_memory(backlog: Backlog) -> None:
    put(backlog, *triples(4))
    assert backlog.spill() == 4
    put(backlog, *triples(2, first=4))

    assert (backlog.spooled, backlog.in_memory) == (4, 2)
    assert drain(backlog) == triples(6)
    assert (backlog.spooled, backlog.in_memory) == (0, 0)


def test_what_is_being_written_moves_first_and_leaves_with_its_commit(backlog: Backlog) -> None:
    put(backlog, *triples(5))
    assert backlog.take(2) == triples(2)

    assert backlog.spill() == 5
    assert (backlog.spooled, backlog.in_memory, backlog.oldest_ns) == (5, 0, None)
    backlog.settle()

    assert backlog.spooled == 3
    assert drain(backlog) == triples(3, first=2)


def test_the_half_that_is_written_does_not_move(backlog: Backlog) -> None:
    put(backlog, *triples(3))
    backlog.take(3)
    backlog.shrink(1)

    assert backlog.spill() == 2
    backlog.settle()
    assert backlog.spooled == 0


def test_what_came_from_the_spool_does_not_move_there_again(backlog: Backlog) -> None:
    put(backlog, *triples(2))
    backlog.spill()
    assert backlog.take(9) == triples(2)

    assert backlog.spill() == 0
    backlog.settle()
    assert drain(backlog) == []


def test_a_spool_that_cannot_be_written_leaves_all_in_memory_in_order(
    backlog: Backlog, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(backlog, *triples(5))
    disk = FullDisk(monkeypatch)
    with pytest.raises(OSError, match="No space"):
        backlog.spill()

    assert (backlog.spooled, backlog.in_memory) == (0, 5)
    assert backlog.take(2) == triples(2)
    with pytest.raises(OSError, match="No space"):
        backlog.spill()
    assert (backlog.spooled, backlog.in_memory) == (0, 5)
    disk.room = 1 << 20
    assert backlog.spill() == 5
    backlog.settle()
    assert drain(backlog) == triples(3, first=2)


def test_beyond_its_capacity_the_oldest_goes(spool: Spool) -> None:
    backlog = Backlog(spool, capacity=3)

    assert [backlog.put(each, 1) for each in triples(5)] == [True] * 3 + [False] * 2
    assert drain(backlog) == triples(3, first=2)


def test_lines_that_cannot_be_read_are_passed_over(backlog: Backlog, spool: Spool) -> None:
    put(backlog, *triples(2))
    backlog.spill()
    (file,) = spool.folder.iterdir()
    size = file.stat().st_size // 2
    file.write_bytes(b"x" * (size - 1) + b"\n" + b"y" * (size - 1) + b"\n")
    put(backlog, *triples(1, first=2))

    assert drain(backlog, batch=1) == triples(1, first=2)
    assert backlog.lost == 2


class Story(RuleBasedStateMachine):
    """Puts, takes, moves, settles and restarts in any order; nothing is lost, no order breaks."""

    def __init__(self) -> None:
        super().__init__()
        self.home = tempfile.TemporaryDirectory()
        self.spool = Spool(Path(self.home.name) / "spool")
        self.backlog = Backlog(self.spool)
        self.put_count = 0
        self.taken: list[Triple] = []
        self.written: list[Triple] = []

    @rule(count=st.integers(1, 5))
    def put(self, count: int) -> None:
        put(self.backlog, *triples(count, first=self.put_count))
        self.put_count += count

    @rule(count=st.integers(1, 4))
    def take(self, count: int) -> None:
        if not self.taken:
            self.taken = list(self.backlog.take(count))

    @rule()
    def commit(self) -> None:
        self.written += self.taken
        self.taken = []
        self.backlog.settle()

    @rule()
    def spill(self) -> None:
        self.backlog.spill()
        assert self.backlog.in_memory == 0

    @rule()
    def restart_after_a_spill(self) -> None:
        self.backlog.spill()
        self.spool.close()
        self.spool = Spool(self.spool.folder)
        self.spool.open()
        self.backlog, self.taken = Backlog(self.spool), []

    @invariant()
    def each_waits_in_one_place(self) -> None:
        once = len({triple.result.id for triple in self.written})
        waiting = self.backlog.spooled + self.backlog.in_memory
        # After a restart some wait again that were written: twice is harmless.
        assert once + waiting >= self.put_count

    def teardown(self) -> None:
        self.commit()
        self.written += drain(self.backlog)
        self.spool.close()
        self.home.cleanup()
        seen = dict.fromkeys(self.written)
        assert list(seen) == triples(self.put_count)


TestStory = Story.TestCase
