"""The daemon: everything put together, started in order and stopped in reverse."""

import asyncio
import contextlib
import os
import signal
import ssl
from collections.abc import Iterator

import structlog

from monitor.app.line import Line
from monitor.app.persistence import Persistence, open_persistence
from monitor.app.refresher import Refresher
from monitor.config.settings import Settings
from monitor.export.api import build_api
from monitor.export.metrics import Metrics
from monitor.export.server import ApiServer
from monitor.model.clock import Clock, SystemClock
from monitor.model.health import Health
from monitor.model.result import Result
from monitor.model.target import Kind
from monitor.probes.exchange import Cut
from monitor.probes.lag import LoopLag
from monitor.probes.prober import Prober
from monitor.probes.transport import HttpTransport
from monitor.recorder.memory import TargetMemory
from monitor.recorder.recorder import Recorder
from monitor.recorder.writer import Writer
from monitor.scheduling.scheduler import Scheduler

#: Runs in flight may end by themselves for so long at a stop; then they are marked.
_RUN_GRACE_SECONDS = 3.0
_FLUSH_SECONDS = 3.0
_BEAT_SECONDS = 1.0
_SECOND_SIGNAL_EXIT = 130


class Daemon:
    """One vantage's monitor.

    Building it binds the port and opens the store, so that what is wrong shows at once.

    Args:
        settings: What to probe, and where to keep and show it.
        clock: Tells the instants.

    Raises:
        StoreError: The database cannot be opened.
        ServerError: The port cannot be bound.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._log = structlog.get_logger()
        self._stopping = asyncio.Event()
        host, _, port = settings.listen.rpartition(":")
        store = open_persistence(settings, self._clock.now())
        self._lag = LoopLag(self._clock)
        self._prober = Prober(
            HttpTransport(self._clock, ssl_context=ssl.create_default_context()),
            self._clock,
            vantage=settings.vantage,
            lag=self._lag,
            secrets=settings.secrets,
        )
        self._writer = Writer(store.write, on_written=self._written, on_error=self._write_failed)
        self._recorder = Recorder(
            self._memories(store), self._writer, self._clock, settings.vantage
        )
        self._warmed = self._recorder.warm(store.results)
        self._recorder.refresh()
        self._metrics = self._build_metrics()
        line = Line(
            self._prober,
            self._recorder,
            on_result=self._observe,
            on_error=self._metrics.errors.inc,
        )
        self._scheduler = Scheduler(self._clock, run=line.run, miss=line.miss, abort=line.abort)
        line.confirm_with(self._scheduler.confirm)
        self._refresher = Refresher(self._recorder.refresh, self._metrics.errors.inc)
        api = build_api(
            snapshot=lambda: self._recorder.snapshot,
            metrics=self._metrics,
            clock=self._clock,
            token=settings.token,
        )
        self._server = ApiServer(api, host.strip("[]"), int(port))
        self._engine = store.engine

    @property
    def address(self) -> str:
        """Where the surfaces are served."""
        return self._server.address

    async def run(self) -> None:
        """Probe until a signal or `stop`, then end in order."""
        with self._signals():
            self._writer.start()
            self._refresher.start()
            self._server.start()
            self._scheduler.start(self._settings.probes)
            self._announce()
            async with asyncio.TaskGroup() as group:
                sampling = group.create_task(self._lag.watch())
                beating = group.create_task(self._beat())
                await self._stopping.wait()
                await self._stop()
                sampling.cancel()
                beating.cancel()

    def stop(self) -> None:
        """Ask the daemon to end."""
        self._stopping.set()

    async def _stop(self) -> None:
        in_flight = self._prober.in_flight
        self._log.info("stopping", in_flight=in_flight, pending=self._writer.pending)
        await self._scheduler.stop(_RUN_GRACE_SECONDS, lambda: self._prober.abort_all(Cut.SHUTDOWN))
        is_flushed = await asyncio.to_thread(self._writer.stop, _FLUSH_SECONDS)
        self._refresher.stop()
        await asyncio.to_thread(self._server.stop)
        self._engine.dispose()
        self._log.info("stopped", flushed=is_flushed, lost=self._writer.pending)

    async def _beat(self) -> None:
        while True:
            self._recorder.beat()
            lag = self._lag.newest()
            if lag is not None:
                self._metrics.loop_lag.observe(lag)
            await asyncio.sleep(_BEAT_SECONDS)

    def _memories(self, store: Persistence) -> dict[str, TargetMemory]:
        now = self._clock.now()
        return {
            probe.target.key: TargetMemory(
                probe=probe,
                health=store.healths.get(probe.target.key, Health()),
                spans=store.spans.get(probe.target.key, ()),
                begun_at=now,
            )
            for probe in self._settings.probes
            if probe.kind is Kind.COMPLETION
        }

    def _build_metrics(self) -> Metrics:
        return Metrics(
            snapshot=lambda: self._recorder.snapshot,
            clock=self._clock,
            in_flight=lambda: self._prober.in_flight,
            pending=lambda: self._writer.pending,
            dropped=lambda: self._writer.dropped,
        )

    def _observe(self, result: Result) -> None:
        if result.schedule_delay_seconds is not None:
            self._metrics.schedule_delay.observe(max(result.schedule_delay_seconds, 0.0))

    def _written(self, _count: int, seconds: float) -> None:
        self._metrics.store_write.observe(seconds)

    def _write_failed(self, error: Exception) -> None:
        self._metrics.store_errors.inc()
        self._log.error("store_write_failed", error=type(error).__name__, detail=str(error)[:300])

    def _announce(self) -> None:
        self._log.info(
            "serving",
            address=f"http://{self.address}",
            targets=len(self._settings.probes),
            source=self._settings.source,
            database=self._engine.url.render_as_string(hide_password=True),
            resumed_results=self._warmed,
        )

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled)
        yield
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    def _signalled(self) -> None:
        if self._stopping.is_set():
            os._exit(_SECOND_SIGNAL_EXIT)
        self.stop()
