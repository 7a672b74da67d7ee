"""One file of the spool: lines are added at its end, read from anywhere, and go with the file."""

import contextlib
import errno
import os
from array import array
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Self

_CHUNK_BYTES = 1 << 20


class Segment:
    """A file of numbered lines; what is cut off at its end is no line.

    Args:
        path: The file.
        first: The number of its first line.

    Attributes:
        has_tail: The file ends in a line that was cut off.
    """

    def __init__(self, path: Path, first: int) -> None:
        self.path, self.first = path, first
        self.has_tail = False
        self._ends = array("Q")
        self._file: int | None = None

    @classmethod
    def create(cls, path: Path, first: int) -> Self:
        """Begin a new file.

        Raises:
            OSError: That is not possible.
        """
        segment = cls(path, first)
        segment._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o640)
        return segment

    @classmethod
    def scan(cls, path: Path, first: int) -> Self:
        """Take up a file that is there; nothing will be added to it.

        Raises:
            OSError: It cannot be read.
        """
        segment = cls(path, first)
        position = 0
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                lines = chunk.split(b"\n")
                ends = accumulate((len(line) + 1 for line in lines[:-1]), initial=position)
                segment._ends.extend(list(ends)[1:])
                position += len(chunk)
                segment.has_tail = bool(lines[-1])
        return segment

    @property
    def end(self) -> int:
        """The number of the line after its last."""
        return self.first + len(self._ends)

    @property
    def size_bytes(self) -> int:
        """Bytes of all its lines."""
        return self._ends[-1] if self._ends else 0

    @property
    def is_open(self) -> bool:
        """Lines can be added."""
        return self._file is not None

    def append(self, lines: Sequence[bytes]) -> None:
        """Add lines whole and flush them to the disk; where that fails, none was added.

        Raises:
            OSError: It failed. Nothing can be added after that.
        """
        try:
            _write(self._file, b"".join(lines))
        except OSError:
            self._give_up()
            raise
        size = self.size_bytes
        self._ends.extend(size + each for each in accumulate(map(len, lines)))

    def read(self, number: int, count: int) -> list[bytes]:
        """Give up to so many lines, from one number on.

        Raises:
            OSError: The file cannot be read, or is shorter than it was.
        """
        begin = number - self.first
        until = min(begin + count, len(self._ends))
        start = self._ends[begin - 1] if begin else 0
        size = self._ends[until - 1] - start
        with self.path.open("rb") as file:
            file.seek(start)
            data = file.read(size)
        if len(data) < size:
            raise OSError(f"{self.path.name} was cut off")
        return data.split(b"\n")[:-1]

    def close(self) -> None:
        """Add nothing any more."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _give_up(self) -> None:
        with contextlib.suppress(OSError):
            if self._file is not None:
                os.ftruncate(self._file, self.size_bytes)
        self.close()

    def delete(self) -> None:
        """Close and remove the file.

        Raises:
            OSError: It stays.
        """
        self.close()
        self.path.unlink(missing_ok=True)


def _write(file: int | None, data: bytes) -> None:
    if file is None:
        raise OSError(errno.EBADF, "nothing can be added")
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
    os.fsync(file)
