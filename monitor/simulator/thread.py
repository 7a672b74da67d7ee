"""The simulator in a thread and event loop of its own, so that it disturbs nobody's loop."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from types import TracebackType
from typing import Self, TypeVar

from monitor.simulator.simulator import Simulator

_T = TypeVar("_T")


class RunningSimulator:
    """A simulator that runs in its own thread; made by `run_in_thread`."""

    def __init__(self, simulator: Simulator, host: str, ports: Mapping[str, int] | None) -> None:
        self.simulator = simulator
        self._where = (host, ports)
        self._started: Future[asyncio.AbstractEventLoop] = Future()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve()), name="simulator", daemon=True
        )
        self._thread.start()
        if self._started.exception():
            self._thread.join()
        self._loop = self._started.result()

    def call(self, function: Callable[[], _T]) -> _T:
        """Run *function* in the simulator's loop, as its methods want it; give its result.

        Raises:
            RuntimeError: The simulator has been stopped.
            Exception: Whatever the function raised.
        """
        outcome: Future[_T] = Future()
        self._loop.call_soon_threadsafe(_settle, outcome, function)
        return outcome.result()

    def base_url(self, provider: str) -> str:
        """Where the dialect's paths of a provider begin; see `Simulator.base_url`."""
        return self.call(lambda: self.simulator.base_url(provider))

    def stop(self) -> None:
        """Stop the simulator and wait for its thread; harmless if it was stopped before."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def _serve(self) -> None:
        host, ports = self._where
        try:
            await self.simulator.start(host, ports)
        except Exception as error:  # noqa: BLE001 - whoever started the thread gets it
            self._started.set_exception(error)
            return
        self._started.set_result(asyncio.get_running_loop())
        try:
            await self._stopping.wait()
        finally:
            await self.simulator.stop()


def run_in_thread(
    simulator: Simulator, host: str = "127.0.0.1", ports: Mapping[str, int] | None = None
) -> RunningSimulator:
    """Start *simulator* in a thread of its own, and return once its doors are open.

    Raises:
        OSError: As `Simulator.start`.
        ValueError: As `Simulator.start`.
    """
    return RunningSimulator(simulator, host, ports)


def _settle(outcome: Future[_T], function: Callable[[], _T]) -> None:
    try:
        outcome.set_result(function())
    except Exception as error:  # noqa: BLE001 - the caller gets it
        outcome.set_exception(error)
