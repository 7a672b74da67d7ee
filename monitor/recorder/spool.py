"""The spool: what the store does not take waits on the disk, in a folder of JSON lines.

Each append is flushed to the disk (fsync) before it returns. Files are numbered and never changed
once another follows; a file goes when all its triples are committed, and the oldest goes when the
bound is reached. Where a triple is committed and its file still there, as after a kill, it is
written again, which is harmless.
"""

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from monitor.model.triple import Triple
from monitor.recorder.codec import LineError, decode, encode
from monitor.recorder.segment import Segment

_SUFFIX = ".jsonl"
#: The file that is written to find out whether one can be, and a page of it.
_CHECK, _TRIAL = "check", b" " * 4095 + b"\n"
#: A file grows up to this share of the bound, and up to so many bytes.
_SEGMENT_SHARE = 8
_SEGMENT_BYTES = 8 << 20
#: After so many lines the probing loop gets its turn; else it may wait 5 ms for the interpreter.
_BREATH = 16


class Spool:
    """Keeps triples in their order; one thread at a time may use it, but for its properties.

    Nothing is touched before `open`, and no folder is made before the first `append`.

    Args:
        folder: Where the files are; this process's own while it is in use.
        max_bytes: The bound of all files together; beyond it the oldest file is given up.
        on_lost: Told how many triples were lost just now, and why.

    Attributes:
        is_sound: Nothing speaks against the next append, as far as was seen.
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_bytes: int = 256 << 20,
        on_lost: Callable[[int, str], None] | None = None,
    ) -> None:
        self.folder = folder
        self.is_sound = True
        self._max_bytes = max_bytes
        self._segment_bytes = min(max_bytes // _SEGMENT_SHARE, _SEGMENT_BYTES)
        self._on_lost = on_lost
        self._segments: list[Segment] = []
        self._head = self._end = self._lost = 0
        self._name = 1
        self._lock: int | None = None

    @property
    def count(self) -> int:
        """Triples that wait here."""
        return self._end - self._head

    @property
    def size_bytes(self) -> int:
        """Bytes of all files."""
        return sum(segment.size_bytes for segment in self._segments)

    @property
    def lost(self) -> int:
        """Triples lost since the start: beyond the bound, or cut off, or unreadable."""
        return self._lost

    def open(self) -> None:
        """Take up what an earlier life left behind.

        Raises:
            OSError: Another monitor uses it, nothing can be added to it, or some of its files
                cannot be read: they stay, and the others are taken up.
        """
        self.is_sound = False
        trouble = None
        if self.folder.is_dir():
            self._own()
            for path in self._files():
                try:
                    self._take_up(path)
                except OSError as error:
                    trouble = error
            self.release(self._head)
        _check_access(self.folder)
        if trouble:
            raise trouble
        self.is_sound = True

    def check(self) -> None:
        """Find out whether something can be added, by a file that is gone afterwards.

        Raises:
            OSError: It cannot.
        """
        self._make_folder()
        path = self.folder / _CHECK
        path.unlink(missing_ok=True)
        trial = Segment.create(path, 0)
        try:
            trial.append([_TRIAL])
        finally:
            trial.delete()
        self.is_sound = True

    def append(self, triples: Sequence[Triple]) -> int:
        """Add triples, all or none, and flush them to the disk.

        Returns:
            The number after the last one; `release` takes it.

        Raises:
            OSError: The disk is full, the folder cannot be written, or another monitor uses it.
        """
        lines = []
        for number, triple in enumerate(triples, 1):
            lines.append(encode(triple))
            if number % _BREATH == 0:
                time.sleep(0)
        self._make_room(sum(map(len, lines)))
        self.is_sound = False
        segment = self._writable()
        try:
            segment.append(lines)
        finally:
            self._end = segment.end
            if not segment.size_bytes:
                self._remove(self._segments.pop())
        self.is_sound = True
        return self._end

    def peek(self, count: int) -> tuple[Sequence[Triple], int]:
        """Give up to so many of the oldest triples, and the number that releases them.

        There may be none among them that can be read; then there is still something to release.
        """
        segment = self._segments[0]
        try:
            lines = segment.read(self._head, count)
        except OSError as error:
            self._segments.pop(0)  # the file stays, for whoever can read it
            segment.close()
            self.lose(segment.end - self._head, f"{segment.path.name} cannot be read: {error}")
            return [], segment.end
        return self._decoded(lines), self._head + len(lines)

    def release(self, until: int) -> None:
        """Forget all before a number: they are committed."""
        self._head = max(self._head, until)
        while self._segments and self._segments[0].end <= self._head:
            self._remove(self._segments.pop(0))

    def lose(self, count: int, why: str) -> None:
        """Count triples that nothing can bring back."""
        self._lost += count
        if count and self._on_lost:
            self._on_lost(count, why)

    def close(self) -> None:
        """Leave the folder to the next life."""
        for segment in self._segments:
            segment.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_up(self, path: Path) -> None:
        segment = Segment.scan(path, self._end)
        self._segments.append(segment)
        self._end = segment.end
        if segment.has_tail:
            self.lose(1, f"a line of {path.name} was cut off while it was written")

    def _make_folder(self) -> None:
        missing = [each for each in (self.folder, *self.folder.parents) if not each.exists()]
        self.folder.mkdir(parents=True, exist_ok=True)
        for each in missing:
            _flush_folder(each.parent)
        self._own()

    def _own(self) -> None:
        """Lock the folder; the lock goes with the process, however it ends."""
        if self._lock is not None:
            return
        lock = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            told = "another monitor uses the spool"
            raise OSError(error.errno, told, str(self.folder)) from error
        self._lock = lock
        self._name = max(map(_number, self._files()), default=0) + 1

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob(f"*{_SUFFIX}"))

    def _writable(self) -> Segment:
        newest = self._segments[-1] if self._segments else None
        if newest and newest.is_open and newest.size_bytes < self._segment_bytes:
            return newest
        self._make_folder()
        path = self.folder / f"{self._name:012d}{_SUFFIX}"
        self._name += 1
        segment = Segment.create(path, self._end)
        if newest:
            newest.close()
        self._segments.append(segment)
        _flush_folder(self.folder)
        return segment

    def _make_room(self, size_bytes: int) -> None:
        while self._segments and self.size_bytes + size_bytes > self._max_bytes:
            oldest = self._segments.pop(0)
            self._remove(oldest)
            self.lose(oldest.end - max(self._head, oldest.first), "the spool is full")
            self._head = max(self._head, oldest.end)

    def _remove(self, segment: Segment) -> None:
        # A file that stays is replayed once more at the next start, which is harmless.
        with contextlib.suppress(OSError):
            segment.delete()

    def _decoded(self, lines: Sequence[bytes]) -> Sequence[Triple]:
        triples = []
        for number, line in enumerate(lines, 1):
            try:
                triples.append(decode(line))
            except LineError as error:
                self.lose(1, f"a line of the spool cannot be read: {error}")
            if number % _BREATH == 0:
                time.sleep(0)
        return triples


def _number(path: Path) -> int:
    return int(path.stem) if path.stem.isdecimal() else 0


def _check_access(folder: Path) -> None:
    """Check that files can be made in a folder, or the folder itself where it is missing.

    Raises:
        OSError: They cannot.
    """
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    number = 0 if nearest.is_dir() else errno.ENOTDIR
    if not number and not os.access(nearest, os.W_OK | os.X_OK):
        number = errno.EACCES
    if number:
        raise OSError(number, os.strerror(number), str(nearest))


def _flush_folder(folder: Path) -> None:
    """Have the names in a folder outlive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
