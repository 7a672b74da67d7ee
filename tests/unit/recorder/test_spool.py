"""The spool keeps the order, outlives a kill, and knows its bound."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.model.triple import Triple
from monitor.recorder.codec import encode
from monitor.recorder.spool import Spool
from tests.unit.recorder.disk import FullDisk, triples

Lost = list[tuple[int, str]]
Make = Callable[..., Spool]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "below" / "spool"


@pytest.fixture
def lost() -> Lost:
    return []


@pytest.fixture
def make(folder: Path, lost: Lost) -> Iterator[Make]:
    made: list[Spool] = []

    def start(max_bytes: int = 1 << 20) -> Spool:
        for earlier in made:
            earlier.close()
        made.append(Spool(folder, max_bytes=max_bytes, on_lost=lambda *what: lost.append(what)))
        made[-1].open()
        return made[-1]

    yield start
    for each in made:
        each.close()


def drain(spool: Spool, batch: int = 7) -> list[Triple]:
    """Read and release all."""
    found: list[Triple] = []
    while spool.count:
        part, until = spool.peek(batch)
        found += part
        spool.release(until)
    return found


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_nothing_is_made_before_it_is_needed(make: Make, folder: Path) -> None:
    assert make().count == 0
    assert not folder.parent.exists()


def test_triples_come_back_in_their_order_and_leave_no_file(make: Make, folder: Path) -> None:
    spool = make()
    spool.append(triples(10))
    until = spool.append(triples(15, first=10))

    assert until == spool.count == 25
    assert drain(spool) == triples(25)
    assert files(folder) == []
    spool.append(triples(1))
    assert drain(spool) == triples(1)


def test_what_was_peeked_at_stays_until_it_is_released(make: Make) -> None:
    spool = make()
    spool.append(triples(5))

    assert spool.peek(3) == spool.peek(3) == (triples(3), 3)
    spool.release(2)
    assert spool.count == 3
    assert spool.peek(1)[0] == triples(1, first=2)


def test_a_new_life_takes_up_what_the_old_one_left(make: Make) -> None:
    first = make()
    first.append(triples(5))
    first.release(2)

    second = make()
    second.append(triples(3, first=5))

    # Where the reading stood went with the old life: twice is harmless.
    assert drain(second) == triples(8)


def test_a_line_that_was_cut_off_is_left_out_and_told(make: Make, folder: Path, lost: Lost) -> None:
    make().append(triples(3))
    (file,) = folder.iterdir()
    file.write_bytes(file.read_bytes()[:-20])

    spool = make()

    assert spool.count == 2
    assert lost == [(1, f"a line of {file.name} was cut off while it was written")]
    assert drain(spool) == triples(2)
    assert files(folder) == []


def test_a_line_that_cannot_be_read_holds_nobody_up(make: Make, folder: Path, lost: Lost) -> None:
    make().append(triples(3))
    (file,) = folder.iterdir()
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + b"\0" * 30 + b"\n" + b"\r{}\n" + lines[2])

    spool = make()

    assert drain(spool, batch=1) == [triples(3)[0], triples(3)[2]]
    assert [count for count, _ in lost] == [1, 1]
    assert spool.lost == 2


def test_a_file_that_ends_in_an_empty_spool_goes(make: Make, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "000000000007.jsonl").touch()
    (folder / "notes.jsonl").touch()

    spool = make()
    spool.append(triples(1))

    assert files(folder) == ["000000000008.jsonl"]


def test_beyond_its_bound_the_oldest_file_goes_and_is_counted(
    make: Make, folder: Path, lost: Lost
) -> None:
    size = len(encode(triples(1)[0]))
    spool = make(max_bytes=80 * size)  # a file holds ten
    for number in range(30):
        spool.append(triples(5, first=5 * number))
    spool.release(75)

    assert spool.size_bytes <= 80 * size
    assert sum(count for count, _ in lost) == spool.lost == 150 - 80
    assert {why for _, why in lost} == {"the spool is full"}
    assert drain(spool) == triples(75, first=75)


def test_a_part_that_was_released_is_not_counted_as_lost(make: Make, lost: Lost) -> None:
    size = len(encode(triples(1)[0]))
    spool = make(max_bytes=80 * size)
    spool.append(triples(10))
    spool.release(4)
    for number in range(14):
        spool.append(triples(5, first=10 + 5 * number))
    spool.append(triples(1, first=80))

    assert lost == [(6, "the spool is full")]
    assert drain(spool) == triples(71, first=10)


def test_a_full_disk_takes_nothing_and_later_everything(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = make()
    spool.append(triples(2))
    disk = FullDisk(monkeypatch, room=100)

    for _ in range(3):
        with pytest.raises(OSError, match="No space"):
            spool.append(triples(5, first=2))
    assert spool.count == 2
    disk.room = 1 << 30
    spool.append(triples(5, first=2))

    assert len(files(folder)) == 2
    assert drain(spool) == triples(7)


def test_a_folder_that_cannot_be_made_is_told(make: Make, folder: Path) -> None:
    folder.parent.write_text("a file stands here")

    with pytest.raises(OSError, match=r"exists|directory"):
        make().append(triples(1))


def test_another_monitor_keeps_out_of_the_folder(make: Make, folder: Path) -> None:
    spool = make()
    spool.append(triples(2))
    other = Spool(folder)

    with pytest.raises(OSError, match="another monitor"):
        other.open()
    with pytest.raises(OSError, match="another monitor"):
        other.append(triples(1))
    spool.close()
    other.append(triples(1, first=2))

    assert drain(other) == triples(1, first=2)  # what the first one left is not its own
    other.close()
    assert drain(make()) == triples(2)


def test_a_file_that_is_gone_is_lost_and_the_next_one_is_read(
    make: Make, folder: Path, lost: Lost
) -> None:
    size = len(encode(triples(1)[0]))
    spool = make(max_bytes=80 * size)
    for number in range(4):
        spool.append(triples(5, first=5 * number))
    (folder / files(folder)[0]).unlink()

    assert drain(spool) == triples(10, first=10)
    assert [count for count, _ in lost] == [10]


def test_a_file_that_cannot_be_removed_is_replayed_by_the_next_life(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = make()
    spool.append(triples(2))

    def refuse(_path: Path, *, missing_ok: bool) -> None:
        raise PermissionError("read-only")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        assert drain(spool) == triples(2)

    assert spool.count == spool.lost == 0
    assert drain(make()) == triples(2)


def test_a_file_that_cannot_be_read_stays_and_the_others_are_taken_up(
    make: Make, folder: Path, lost: Lost
) -> None:
    make().append(triples(3))
    (folder / "000000000000.jsonl").mkdir()

    with pytest.raises(OSError, match="directory"):
        make()
    (folder / "000000000000.jsonl").rmdir()

    assert drain(make()) == triples(3)
    assert lost == []


def test_what_can_be_read_is_taken_up_where_another_file_cannot(folder: Path) -> None:
    with_trouble = Spool(folder)
    with_trouble.append(triples(3))
    with_trouble.close()
    (folder / "000000000000.jsonl").mkdir()
    spool = Spool(folder)

    with pytest.raises(OSError, match="directory"):
        spool.open()

    assert drain(spool) == triples(3)
    before = spool.is_sound
    spool.append(triples(1))
    assert (before, spool.is_sound) == (False, True)
    spool.close()


def test_a_folder_that_can_never_be_made_is_told_at_the_start(make: Make, folder: Path) -> None:
    folder.parent.write_text("a file stands here")

    with pytest.raises(NotADirectoryError):
        make()


def test_a_folder_without_the_right_to_write_is_told_at_the_start(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.recorder.spool.os.access", lambda *_: False)

    with pytest.raises(PermissionError, match=str(folder.parent.parent)):
        make()


def test_a_check_leaves_nothing_and_says_whether_the_disk_takes_anything(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = make()
    disk = FullDisk(monkeypatch, room=100)
    with pytest.raises(OSError, match="No space"):
        spool.append(triples(5))
    for _ in range(2):
        with pytest.raises(OSError, match="No space"):
            spool.check()
    before = spool.is_sound

    disk.room = 1 << 20
    (folder / "check").write_text("what a kill left")
    spool.check()

    assert (before, spool.is_sound) == (False, True)
    assert files(folder) == []
