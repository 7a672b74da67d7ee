"""Puts the parts together; nothing is started here."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from monitor.app.folder import Folder, fold_step
from monitor.app.historian import Historian, reading
from monitor.app.janitor import Janitor
from monitor.app.line import Line
from monitor.app.observers import Observers
from monitor.app.outlet import Outlet, open_spool
from monitor.app.persistence import Persistence, open_persistence, warm
from monitor.app.probing import make_prober
from monitor.app.refresher import Refresher
from monitor.config.settings import Settings
from monitor.export.api import build_api
from monitor.export.history import History
from monitor.export.metrics import Metrics
from monitor.export.questions import Questions
from monitor.export.routing import RoutingFeed
from monitor.export.server import ApiServer, bind
from monitor.model.clock import Clock
from monitor.model.health import Health
from monitor.model.snapshot import Totals
from monitor.model.target import Kind, Probe
from monitor.model.triple import Triple
from monitor.probes.lag import LoopLag
from monitor.probes.own_network import OwnNetwork
from monitor.probes.prober import Prober
from monitor.probes.restraint import Restraint
from monitor.probes.transport import HttpTransport
from monitor.recorder.changes import Changes
from monitor.recorder.feed import Feed
from monitor.recorder.memory import TargetMemory
from monitor.recorder.recorder import Recorder
from monitor.recorder.replay import replay
from monitor.recorder.spool import Spool
from monitor.scheduling.limits import Limits
from monitor.scheduling.scheduler import Scheduler
from monitor.store.engine import Engine, open_reader
from monitor.store.patience import Patience
from monitor.store.reader import Answers
from monitor.store.retention import empty_log, prune

#: One of the archive's four connections is the historian's.
_READERS = Patience(workers=3)


class Keeper(Protocol):
    """Keeps the store in order, or what is told of it, in a thread of its own."""

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End after what is under way."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """All parts of a daemon, connected.

    Attributes:
        store: The open database.
        lag: Samples the probing loop.
        transport: Sends requests.
        network: Knows whether our own network works.
        prober: Runs probes.
        writer: Takes triples to the store.
        recorder: Knows all targets.
        scheduler: Wakes the probes.
        refresher: Draws the snapshot.
        archive: The database again, for the historian and the API, who only read.
        keepers: Fold what is over, keep the long windows, delete what is old.
        server: Serves the surfaces.
        metrics: Shows what happens.
        observers: Tells metrics and log.
        resumed: How many stored results the windows were warmed with.
        has_future: Some of them are of the future: the clock was set back since.
    """

    store: Persistence
    lag: LoopLag
    transport: HttpTransport
    network: OwnNetwork
    prober: Prober
    writer: Outlet
    recorder: Recorder
    scheduler: Scheduler
    refresher: Refresher
    archive: Engine
    keepers: tuple[Keeper, ...]
    server: ApiServer
    metrics: Metrics
    observers: Observers
    resumed: int
    has_future: bool


def assemble(settings: Settings, clock: Clock) -> Parts:
    """Open the store, bind the port and connect everything, so that what is wrong shows at once.

    Raises:
        StoreError: The database cannot be opened.
        ServerError: The port cannot be bound.
    """
    metrics = Metrics(clock)
    observers = Observers(metrics)
    listener, spool, store = _bind_and_open(settings, clock, observers)
    writer = Outlet(store.write, spool, observers)
    restraint, limits = Restraint(settings.budget, store.spending), Limits(settings.limits)
    memories = memories_of(settings.probes, store, clock.now())
    resumed = warm(store, memories, settings.vantage, clock.now())
    feed, changes = Feed(clock), Changes(store.changes)
    recorder = Recorder(memories, writer, clock, settings.vantage, changes.add)
    lag, transport = LoopLag(clock), HttpTransport(clock)
    network, prober = make_prober(settings, clock, transport, lag, recorder, observers)
    archive = open_reader(settings.database)
    answers = Answers(archive, clock, _READERS, observers.read_failed)
    metrics.show(
        snapshot=lambda: recorder.snapshot,
        in_flight=lambda: prober.in_flight,
        waiting=lambda: limits.waiting,
        pending=lambda: writer.pending,
        spooled=lambda: writer.spooled,
        dropped=lambda: writer.dropped,
        spent_ratios=lambda: restraint.spent_ratios(_providers(settings), clock.now()),
    )
    metrics.route(lambda: feed.routing)
    refresher = Refresher(_redraw(recorder, feed, metrics), observers.failed)
    changes.listen(refresher.wake)
    history = _history(settings, clock, recorder, answers)
    api = build_api(
        snapshot=lambda: recorder.snapshot,
        metrics=metrics,
        clock=clock,
        token=settings.token,
        history=history,
        routing=RoutingFeed(feed, changes),
    )
    return Parts(
        store=store,
        lag=lag,
        transport=transport,
        network=network,
        prober=prober,
        writer=writer,
        recorder=recorder,
        scheduler=_scheduler(clock, prober, recorder, restraint, limits, observers),
        refresher=refresher,
        archive=archive,
        keepers=_keepers(settings, store, archive, recorder, clock, observers),
        server=ApiServer(api, listener),
        metrics=metrics,
        observers=observers,
        resumed=resumed,
        has_future=store.newest_slot_at is not None and store.newest_slot_at > clock.now(),
    )


def _redraw(recorder: Recorder, feed: Feed, metrics: Metrics) -> Callable[[], None]:
    def redraw() -> None:
        feed.draw(recorder.refresh())
        metrics.prepare()

    return redraw


def _bind_and_open(
    settings: Settings, clock: Clock, observers: Observers
) -> tuple[socket.socket, Spool, Persistence]:
    # The port first: another monitor that holds it may be using the same database.
    listener = bind(settings.listen)
    try:
        return listener, *_open(settings, clock, observers)
    except BaseException:
        listener.close()
        raise


def _open(settings: Settings, clock: Clock, observers: Observers) -> tuple[Spool, Persistence]:
    """Open the store; what an outage left in the spool is in it before anything is read back."""
    spool = open_spool(settings, observers)

    def write_left(write: Callable[[Sequence[Triple]], None]) -> int:
        count = replay(spool, write)
        if count:
            observers.replayed(count)
        return count

    try:
        store = open_persistence(settings, clock.now(), observers.duplicated, write_left)
    except BaseException:
        if spool.count:
            observers.left_behind(spool.count, str(spool.folder))
        spool.close()
        raise
    return spool, store


def _keepers(
    settings: Settings,
    store: Persistence,
    archive: Engine,
    recorder: Recorder,
    clock: Clock,
    observers: Observers,
) -> tuple[Keeper, ...]:
    read = reading(archive, settings.vantage)
    janitor = Janitor(
        partial(prune, store.engine, settings.retention),
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


def memories_of(
    probes: Sequence[Probe], store: Persistence, now: datetime
) -> dict[str, TargetMemory]:
    """Make what is known of each target at the start, from what the store knows."""
    return {
        probe.target.key: TargetMemory(
            probe=probe,
            health=store.healths.get(probe.target.key, Health()),
            spans=store.spans.get(probe.target.key, ()),
            begun_at=now,
            totals=store.totals.get(probe.target.key, Totals()),
        )
        for probe in probes
        if probe.kind is Kind.COMPLETION
    }


def _providers(settings: Settings) -> set[str]:
    asked = {discovery.provider for discovery in settings.discoveries}
    return asked | {probe.target.provider for probe in settings.probes}


def _scheduler(
    clock: Clock,
    prober: Prober,
    recorder: Recorder,
    restraint: Restraint,
    limits: Limits,
    observers: Observers,
) -> Scheduler:
    line = Line(
        prober,
        recorder,
        restraint,
        limits=limits,
        clock=clock,
        on_result=observers.recorded,
        on_error=observers.failed,
    )
    scheduler = Scheduler(
        clock,
        run=line.run,
        miss=line.miss,
        abort=line.abort,
        on_error=observers.failed,
        on_stop=limits.close,
    )
    line.confirm_with(scheduler.confirm)
    return scheduler


def _history(settings: Settings, clock: Clock, recorder: Recorder, answers: Answers) -> History:
    questions = Questions(settings.vantage, clock, recorder.spans)
    return History(answers, questions, lambda: recorder.snapshot, clock, settings.retention)
