"""Triples by number, and disks that fail on command."""

import errno
import os
from collections.abc import Callable

import pytest

from monitor.model.triple import Triple
from tests.factories import make_result


def triples(count: int, first: int = 0) -> list[Triple]:
    """So many triples, a minute apart; equal ones where called twice."""
    return [Triple(result=make_result(minute=first + each)) for each in range(count)]


class FullDisk:
    """Lets *room* bytes through to the disk, and then none until there is room again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, room: int = 0) -> None:
        self.room = room
        self._write: Callable[[int, bytes], int] = os.write
        monkeypatch.setattr("monitor.recorder.segment.os.write", self.write)

    def write(self, file: int, data: bytes) -> int:
        """As `os.write`, which writes what it can before it fails."""
        if self.room <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = self._write(file, data[: self.room])
        self.room -= written
        return written
