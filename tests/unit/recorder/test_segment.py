"""A file of lines: added whole or not at all, read from anywhere, found again as it was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.recorder import segment as module
from monitor.recorder.segment import Segment
from tests.unit.recorder.disk import FullDisk

LINES = [b"one\n", b"three\n", b"\n", b"seven and more\n"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lines"


@pytest.fixture
def segment(path: Path) -> Iterator[Segment]:
    segment = Segment.create(path, 10)
    yield segment
    segment.close()


def test_lines_are_read_from_any_number_on(segment: Segment) -> None:
    segment.append(LINES[:2])
    segment.append(LINES[2:])

    assert segment.end == 14
    assert segment.size_bytes == sum(map(len, LINES))
    assert segment.read(10, 1) == [b"one"]
    assert segment.read(11, 2) == [b"three", b""]
    assert segment.read(13, 100) == [b"seven and more"]


@pytest.mark.parametrize("chunk", [1, 3, 4, 1000])
@pytest.mark.parametrize("tail", [b"", b"cut"])
def test_a_file_is_found_again_as_it_was(
    path: Path, chunk: int, tail: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CHUNK_BYTES", chunk)
    path.write_bytes(b"".join(LINES) + tail)

    found = Segment.scan(path, 5)

    assert (found.first, found.end, found.has_tail) == (5, 9, bool(tail))
    assert found.size_bytes == sum(map(len, LINES))
    assert found.read(5, 100) == [line[:-1] for line in LINES]
    assert not found.is_open


def test_an_empty_file_has_no_lines(path: Path) -> None:
    path.touch()

    assert Segment.scan(path, 5).end == 5


def test_what_fails_is_not_added_and_leaves_no_trace(
    segment: Segment, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segment.append(LINES[:1])
    FullDisk(monkeypatch, room=7)

    with pytest.raises(OSError, match="No space"):
        segment.append(LINES[1:])

    assert segment.end == 11
    assert path.read_bytes() == b"one\n"
    with pytest.raises(OSError, match="nothing can be added"):
        segment.append(LINES)


def test_a_file_that_others_cut_off_is_told(segment: Segment, path: Path) -> None:
    segment.append(LINES)
    path.write_bytes(b"on")

    with pytest.raises(OSError, match="was cut off"):
        segment.read(10, 1)


def test_what_is_deleted_twice_is_gone(segment: Segment, path: Path) -> None:
    segment.delete()
    segment.delete()

    assert not path.exists()
