"""What holds for every benchmark."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    """Spare pytest's own heap the collector, as the daemon does with its own after the start."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()
