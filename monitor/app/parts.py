"""Puts the parts together; nothing is started here."""

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime

from monitor.app import keeping
from monitor.app.in_force import InForce
from monitor.app.line import Line
from monitor.app.observers import Observers
from monitor.app.outlet import Outlet, open_spool
from monitor.app.persistence import Persistence, open_persistence, warm
from monitor.app.probing import make_prober
from monitor.app.refresher import Refresher
from monitor.app.routers import Routers, open_routers
from monitor.app.surfaces import Known, make_api, open_tls, redrawing, show
from monitor.config.settings import Settings
from monitor.export.metrics import Metrics
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

#: Two of the archive's five connections are the historian's and the groups'.
_READERS = Patience(workers=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """All parts of a daemon, connected.

    Attributes:
        in_force: The settings that hold.
        store: The open database.
        lag: Samples the probing loop.
        transport: Sends requests.
        network: Knows whether our own network works.
        prober: Runs probes.
        writer: Takes triples to the store.
        recorder: Knows all targets.
        scheduler: Wakes the probes.
        refresher: Draws the snapshot.
        feed: Knows what each target should get.
        routers: Told that.
        archive: The database again, for the historian and the API, who only read.
        keepers: Fold what is over, keep the long windows, delete what is old.
        server: Serves the surfaces.
        metrics: Shows what happens.
        observers: Tells metrics and log.
        resumed: How many stored results the windows were warmed with.
        has_future: Some of them are of the future: the clock was set back since.
    """

    in_force: InForce
    store: Persistence
    lag: LoopLag
    transport: HttpTransport
    network: OwnNetwork
    prober: Prober
    writer: Outlet
    recorder: Recorder
    scheduler: Scheduler
    refresher: Refresher
    feed: Feed
    routers: Routers
    archive: Engine
    keepers: tuple[keeping.Keeper, ...]
    server: ApiServer
    metrics: Metrics
    observers: Observers
    resumed: int
    has_future: bool


def _answers(archive: Engine, clock: Clock, observers: Observers) -> Answers:
    return Answers(archive, clock, _READERS, observers.read_failed, observers.read_answered)


def assemble(settings: Settings, clock: Clock) -> Parts:
    """Open the store, bind the port and connect everything, so that what is wrong shows at once.

    Raises:
        StoreError: The database cannot be opened.
        ServerError: A port cannot be bound, a folder not written to, or a certificate not used.
    """
    in_force, feed = InForce.begin(settings, clock), Feed(clock)
    observers = Observers(metrics := Metrics(clock, settings.detail))
    tls, listener, routers, spool, store = _bind_and_open(settings, clock, feed, observers)
    writer = Outlet(store.write, spool, observers)
    restraint, limits = _bounds(in_force, store)
    memories, resumed = _remembered(settings, store, clock)
    changes = Changes(store.changes)
    recorder = _recorder(memories, writer, clock, in_force, changes)
    lag, transport = LoopLag(clock), HttpTransport(clock)
    network, prober = make_prober(settings, clock, transport, lag, recorder, observers)
    archive = open_reader(settings.database)
    show(metrics, recorder, prober, limits, writer, _spent(in_force, restraint, clock))
    shares = keeping.shares_of(settings, archive, recorder, clock, observers)
    refresher = Refresher(redrawing(recorder, feed, routers, metrics), observers.failed)
    changes.listen(refresher.wake)
    metrics.route(lambda: feed.routing, lambda: shares.ratios)
    known = Known(_answers(archive, clock, observers), lambda: shares.ratios)
    api = make_api(in_force, clock, metrics, recorder, feed, changes, known)
    return Parts(
        in_force=in_force,
        store=store,
        lag=lag,
        transport=transport,
        network=network,
        prober=prober,
        writer=writer,
        recorder=recorder,
        scheduler=_scheduler(clock, prober, recorder, restraint, limits, observers),
        refresher=refresher,
        feed=feed,
        routers=routers,
        archive=archive,
        keepers=(*keeping.keepers_of(in_force, store, archive, recorder, clock, observers), shares),
        server=ApiServer(api, listener, tls),
        metrics=metrics,
        observers=observers,
        resumed=resumed,
        has_future=store.newest_slot_at is not None and store.newest_slot_at > clock.now(),
    )


def _recorder(
    memories: Mapping[str, TargetMemory],
    writer: Outlet,
    clock: Clock,
    in_force: InForce,
    changes: Changes,
) -> Recorder:
    recorder = Recorder(memories, writer, clock, in_force.settings.vantage, changes.add)
    recorder.maintain(in_force.settings.maintenance)
    in_force.follow(lambda settings: recorder.maintain(settings.maintenance))
    writer.keep_with(recorder.keep)
    return recorder


def _bind_and_open(
    settings: Settings, clock: Clock, feed: Feed, observers: Observers
) -> tuple[ssl.SSLContext | None, socket.socket, Routers, Spool, Persistence]:
    tls = open_tls(settings, observers)
    # The ports first: another monitor that holds them may be using the same database.
    with ExitStack() as opened:
        listener = opened.enter_context(closing(bind(settings.listen)))
        routers = open_routers(settings, lambda: feed.routing, clock, observers)
        opened.callback(routers.stop)
        spool, store = _open(settings, clock, observers)
        opened.pop_all()
    return tls, listener, routers, spool, store


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


def memories_of(
    probes: Sequence[Probe], store: Persistence, now: datetime
) -> dict[str, TargetMemory]:
    """Make what is known of each target at the start, from what the store knows."""
    speeds = {
        probe.target.key: probe.interval_seconds
        for probe in probes
        if probe.kind is Kind.THROUGHPUT
    }
    return {
        probe.target.key: TargetMemory(
            probe=probe,
            health=store.healths.get(probe.target.key, Health()),
            spans=store.spans.get(probe.target.key, ()),
            begun_at=now,
            totals=store.totals.get(probe.target.key, Totals()),
            speed_interval_seconds=speeds.get(probe.target.key),
        )
        for probe in probes
        if probe.kind is Kind.COMPLETION
    }


def _spent(
    in_force: InForce, restraint: Restraint, clock: Clock
) -> Callable[[], Mapping[str, float]]:
    def ratios() -> Mapping[str, float]:
        settings = in_force.settings
        asked = {discovery.provider for discovery in settings.discoveries}
        providers = asked | {probe.target.provider for probe in settings.probes}
        return restraint.spent_ratios(providers, clock.now())

    return ratios


def _bounds(in_force: InForce, store: Persistence) -> tuple[Restraint, Limits]:
    restraint = Restraint(in_force.settings.budget, store.spending)
    limits = Limits(in_force.settings.limits)
    in_force.follow(lambda settings: restraint.replace(settings.budget))
    in_force.follow(lambda settings: limits.replace(settings.limits))
    return restraint, limits


def _remembered(
    settings: Settings, store: Persistence, clock: Clock
) -> tuple[dict[str, TargetMemory], int]:
    memories = memories_of(settings.probes, store, clock.now())
    return memories, warm(store, memories, settings.vantage, clock.now())


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
