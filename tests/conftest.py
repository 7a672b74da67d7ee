"""What every test may ask for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import KINDS, fresh_database
from tests.fakes import FakeClock

#: A machine that is shared stands still for longer than any example may take.
settings.register_profile(
    "steady", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
#: One round of `make fuzz`: Hypothesis remembers the examples of a round, and so gets slower.
settings.register_profile(
    "long", max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# The width of tables is the terminal's otherwise, or that of what runs the tests.
os.environ.pop("COLUMNS", None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=KINDS)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database without tables; the test runs on SQLite and on PostgreSQL."""
    with fresh_database(request.param, tmp_path, migrated=False) as url:
        yield url


@pytest.fixture(params=KINDS)
def migrated_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database with all tables; the test runs on SQLite and on PostgreSQL."""
    with fresh_database(request.param, tmp_path, migrated=True) as url:
        yield url


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Those that wait come first: several processes share them out, and the short ones fill the end.
    items.sort(key=lambda item: item.get_closest_marker("e2e") is None)
