"""What holds for every benchmark."""

import gc
import sys
from collections.abc import Iterator

import pytest

from monitor.app.interpreter import share_in_short_turns


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    """Spare pytest's own heap the collector, as the daemon does with its own after the start."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    """Share the interpreter as the daemon does."""
    before = sys.getswitchinterval()
    share_in_short_turns()
    yield
    sys.setswitchinterval(before)
