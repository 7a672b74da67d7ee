"""Puts together what works beside the probing loop, each in a thread of its own."""

from functools import partial
from typing import Protocol

from monitor.app import groups
from monitor.app.folder import Folder, fold_step
from monitor.app.historian import Historian, reading
from monitor.app.in_force import InForce
from monitor.app.janitor import Janitor
from monitor.app.observers import Observers
from monitor.app.persistence import Persistence
from monitor.config.settings import Settings
from monitor.model.clock import Clock
from monitor.recorder.recorder import Recorder
from monitor.store.engine import Engine
from monitor.store.retention import empty_log, prune


class Keeper(Protocol):
    """Keeps the store in order, or what is told of it, in a thread of its own."""

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End after what is under way."""
        ...


def shares_of(
    settings: Settings, archive: Engine, recorder: Recorder, clock: Clock, observers: Observers
) -> groups.Groups:
    """Make what keeps the availability of groups."""
    reading = groups.reading(archive, settings.vantage)
    return groups.Groups(reading, recorder, clock, observers.history_failed)


def keepers_of(
    in_force: InForce,
    store: Persistence,
    archive: Engine,
    recorder: Recorder,
    clock: Clock,
    observers: Observers,
) -> tuple[Keeper, ...]:
    """Make what folds hours, keeps the long windows and deletes what is old."""
    read = reading(archive, in_force.settings.vantage, recorder.maintained)
    janitor = Janitor(
        lambda now: prune(store.engine, in_force.settings.retention, now),
        partial(empty_log, store.engine),
        clock,
        on_pruned=observers.pruned,
        on_error=observers.prune_failed,
    )
    return (
        Folder(partial(fold_step, store.engine), clock, observers.fold_failed),
        Historian(read, recorder, clock, observers.history_failed),
        janitor,
    )
