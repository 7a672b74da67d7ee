"""What one process does at a time, however many run tests: installing, above all."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until no other process is here under the same name, and keep others out."""
    path = Path(tempfile.gettempdir(), f"llm-provider-monitor-{os.getuid()}-{name}.lock")
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
