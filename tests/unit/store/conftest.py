"""A database with all tables, made anew for each test, of either kind."""

from collections.abc import Iterator

import pytest

from monitor.store.engine import Engine, open_engine


@pytest.fixture
def engine(migrated_database: str) -> Iterator[Engine]:
    engine = open_engine(migrated_database)
    yield engine
    engine.dispose()
