"""A database with all tables, made anew for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store.engine import Engine, open_engine
from monitor.store.migrate import upgrade


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path}/monitor.db")
    upgrade(engine)
    yield engine
    engine.dispose()
