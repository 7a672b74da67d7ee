"""The switch to a write-ahead log waits for another daemon that opens the same new file."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.store import engine as module


class Contested(sqlite3.Connection):
    """Is told "locked" as often as set, as if others were switching."""

    refusals = 0
    waits = 0

    def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
        if sql.startswith("PRAGMA journal_mode =") and self.refusals:
            self.refusals -= 1
            raise sqlite3.OperationalError("database is locked")
        self.waits += sql == "BEGIN EXCLUSIVE"
        return super().execute(sql, *given)


@pytest.fixture
def contested(tmp_path: Path) -> Iterator[Contested]:
    connection = sqlite3.connect(tmp_path / "monitor.db", factory=Contested, isolation_level=None)
    yield connection
    connection.close()


def test_each_refusal_is_followed_by_a_wait_and_another_attempt(contested: Contested) -> None:
    contested.refusals = 3
    module._switch_to_wal(contested)
    assert contested.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert contested.waits == 3


def test_a_file_that_stays_contested_is_told(contested: Contested) -> None:
    contested.refusals = 1000
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        module._switch_to_wal(contested)
