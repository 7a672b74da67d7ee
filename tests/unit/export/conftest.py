"""The API over a real store of either kind."""

from collections.abc import Iterator

import pytest

from tests.fakes import FakeClock
from tests.unit.export.scene import Scene


@pytest.fixture
def scene(migrated_database: str, clock: FakeClock) -> Iterator[Scene]:
    scene = Scene(migrated_database, clock)
    yield scene
    scene.close()
