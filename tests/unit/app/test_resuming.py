"""A start writes what an outage left in the spool before it resumes from the store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.app.persistence import Persistence, open_persistence
from monitor.config.settings import Settings
from monitor.model.health import Health, State
from monitor.model.triple import Triple
from monitor.recorder.replay import replay
from monitor.recorder.spool import Spool
from monitor.store.errors import StoreError
from tests.factories import make_probe, make_result
from tests.fakes import START


@pytest.fixture
def settings(empty_database: str) -> Settings:
    return Settings(probes=(make_probe(),), vantage="here", database=empty_database)


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    """A spool in which a target went down."""
    spool = Spool(tmp_path / "spool")
    down = Health(state=State.DOWN, consecutive_failures=3)
    spool.append([Triple(result=make_result(cost_usd=2.0), health=down)])
    yield spool
    spool.close()


@pytest.fixture
def store(settings: Settings, spool: Spool) -> Iterator[Persistence]:
    store = open_persistence(settings, START, replay=lambda write: replay(spool, write))
    yield store
    store.engine.dispose()


def test_what_was_spooled_is_what_is_believed(store: Persistence, spool: Spool) -> None:
    assert store.healths["acme/large"].state is State.DOWN
    assert store.newest_slot_at == START
    assert store.spending.by_provider == {"acme": 2.0}
    assert spool.count == 0


def test_a_replay_that_fails_is_told_in_words(settings: Settings) -> None:
    def fail(_write: object) -> int:
        raise OSError("the disk is full")

    with pytest.raises(StoreError, match="the disk is full"):
        open_persistence(settings, START, replay=fail)
