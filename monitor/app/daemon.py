"""The daemon's life: started in order, stopped in reverse."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterator

import structlog

from monitor.app.explorer import Explorer
from monitor.app.parts import assemble, memories_of
from monitor.app.persistence import replace_probes, warm
from monitor.app.reloading import Reloader
from monitor.config.settings import Settings
from monitor.config.source import Source, in_force, waiting
from monitor.log import redact
from monitor.model.clock import Clock, SystemClock
from monitor.model.target import Probe
from monitor.probes.exchange import Cut
from monitor.probes.extras import library
from monitor.probes.lookups import LookupExecutor
from monitor.recorder.memory import TargetMemory
from monitor.store.errors import StoreError

#: Runs in flight may end by themselves for so long at a stop; then they are marked.
_RUN_GRACE_SECONDS = 3.0
_FLUSH_SECONDS = 5.0
_BEAT_SECONDS = 1.0
_SECOND_SIGNAL_EXIT = 130


class Daemon:
    """One vantage's monitor.

    Args:
        settings: What to probe, and where to keep and show it.
        clock: Tells the instants.
        source: Where they are read again from, and the look at it before that they came from;
            without it they hold to the end.

    Raises:
        StoreError: The database cannot be opened.
        ServerError: The port cannot be bound.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        source: tuple[Source, bytes] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._parts = assemble(settings, self._clock)
        _load_libraries(settings)
        self._explorer = Explorer(settings, self._parts.transport, self._apply, self._failed)
        self._parts.metrics.compare(
            lambda: self._explorer.published, lambda: self._parts.recorder.snapshot
        )
        self._reloader = self._reloading(*source) if source else None
        self._stopping = asyncio.Event()
        self._log = structlog.get_logger()

    async def run(self, on_serving: Callable[[str], None]) -> None:
        """Probe until a signal or `stop`, then end in order.

        Args:
            on_serving: Told the address once signals are heeded and the surfaces answer.
        """
        parts = self._parts
        with self._signals():
            parts.writer.start()
            parts.routers.start(parts.feed.draw(parts.recorder.snapshot))
            parts.refresher.start()
            for keeper in parts.keepers:
                keeper.start()
            parts.server.start()
            parts.scheduler.start(self._settings.probes, has_future=parts.has_future)
            self._announce()
            on_serving(parts.server.url)
            asyncio.get_running_loop().set_default_executor(LookupExecutor())
            async with asyncio.TaskGroup() as group:
                changing = [group.create_task(self._explorer.explore())]
                if self._reloader:
                    changing.append(group.create_task(self._reloader.follow()))
                background = [group.create_task(each) for each in (parts.lag.watch(), self._beat())]
                await self._stopping.wait()
                for task in changing:
                    task.cancel()  # first: what stops takes no new probes
                await self._stop()
                for task in background:
                    task.cancel()

    def stop(self) -> None:
        """Ask the daemon to end."""
        self._stopping.set()

    async def _stop(self) -> None:
        parts = self._parts
        self._log.info("stopping", in_flight=parts.prober.in_flight, pending=parts.writer.pending)
        await parts.scheduler.stop(_RUN_GRACE_SECONDS, lambda: parts.prober.abort_all(Cut.SHUTDOWN))
        parts.transport.keep_only(())
        await asyncio.gather(*(asyncio.to_thread(each.stop) for each in parts.keepers))
        is_flushed = await asyncio.to_thread(parts.writer.stop, _FLUSH_SECONDS)
        parts.refresher.stop()
        await asyncio.to_thread(parts.routers.stop)
        await asyncio.to_thread(parts.server.stop)
        parts.archive.dispose()
        parts.store.engine.dispose()
        self._log.info(
            "stopped", flushed=is_flushed, spooled=parts.writer.spooled, lost=parts.writer.pending
        )

    def _reloading(self, source: Source, seen: bytes) -> Reloader:
        parts = self._parts
        return Reloader(source, seen, parts.in_force, self._change, self._clock, parts.observers)

    async def _change(self, fresh: Settings) -> tuple[str, ...]:
        """Take other settings into force, as far as that takes no start; list what takes one.

        Raises:
            StoreError: The store does not take the targets; nothing has changed.
        """
        parts = self._parts
        settings = in_force(parts.in_force.settings, fresh)
        redact(settings.secrets)  # before they are used; those before may still be echoed
        parts.prober.hide(settings.secrets)
        await asyncio.to_thread(_load_libraries, settings)
        await self._explorer.replace(settings)
        parts.network.watch(settings.canary)
        parts.in_force.change(settings)
        return waiting(settings, fresh)

    async def _apply(self, probes: tuple[Probe, ...], awaited: tuple[str, ...]) -> None:
        """Probe these from now on; the store is asked off the loop, and nothing changes first."""
        memories = await asyncio.to_thread(self._recall, probes, awaited)
        self._parts.recorder.replace(memories)
        self._parts.network.replace(probe.target for probe in probes)
        self._parts.scheduler.replace(probes)
        self._parts.transport.keep_only(probe.connection_name for probe in probes)

    def _recall(
        self, probes: tuple[Probe, ...], awaited: tuple[str, ...]
    ) -> dict[str, TargetMemory]:
        """Bring the store in line; give each target's memory, warm if it is a new one."""
        parts, now, vantage = self._parts, self._clock.now(), self._settings.vantage
        store = replace_probes(parts.store, probes, vantage, now, awaited)
        memories = memories_of(probes, store, now)
        new = {key: memories[key] for key in memories.keys() - parts.recorder.known}
        warm(store, new, vantage, now)
        return memories

    def _failed(self, error: Exception) -> None:
        """Tell why what a gateway lists is not probed yet."""
        observers = self._parts.observers
        tell = observers.write_failed if isinstance(error, StoreError) else observers.failed
        tell(error)

    async def _beat(self) -> None:
        while True:
            self._parts.recorder.beat()
            self._parts.observers.lagged(self._parts.lag.take_worst())
            await asyncio.sleep(_BEAT_SECONDS)

    def _announce(self) -> None:
        parts = self._parts
        self._log.info(
            "serving",
            address=parts.server.url,
            targets=len({probe.target.key for probe in self._settings.probes}),
            probes=len(self._settings.probes),
            source=self._settings.source,
            database=parts.store.engine.url.render_as_string(hide_password=True),
            resumed_results=parts.resumed,
        )

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        handlers = {signal.SIGTERM: self._signalled, signal.SIGINT: self._signalled}
        if self._reloader:  # without it a terminal that is closed ends us
            handlers[signal.SIGHUP] = self._reloader.ask
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        yield
        for number in handlers:
            loop.remove_signal_handler(number)

    def _signalled(self) -> None:
        if self._stopping.is_set():
            os._exit(_SECOND_SIGNAL_EXIT)
        self.stop()


def _load_libraries(settings: Settings) -> None:
    """Load what only some targets need: 120 ms that would else stall their first runs."""
    if any(probe.target.signing for probe in settings.probes):
        library("botocore.auth", "bedrock")
