"""A store, and writers that end with their test."""

from collections.abc import Iterator

import pytest

from monitor.recorder.writer import Writer
from tests.unit.recorder.stores import PATIENCE_SECONDS, Start, Store


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def run() -> Iterator[Start]:
    running: list[Writer] = []

    def start(writer: Writer) -> Writer:
        writer.start()
        running.append(writer)
        return writer

    yield start
    for writer in running:
        writer.stop(PATIENCE_SECONDS)
