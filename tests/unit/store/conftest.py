"""A database with all tables, made anew for each test, of either kind."""

from collections.abc import Iterator

import pytest

from monitor.store.engine import Engine, open_engine, open_reader
from tests.unit.store.questions import Store


@pytest.fixture
def engine(migrated_database: str) -> Iterator[Engine]:
    engine = open_engine(migrated_database)
    yield engine
    engine.dispose()


@pytest.fixture
def reader(migrated_database: str) -> Iterator[Engine]:
    reader = open_reader(migrated_database)
    yield reader
    reader.dispose()


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.open.set()
