"""The routers that are told what each target should get, beside those that ask over HTTP."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from monitor.app.observers import Observers
from monitor.config.settings import RouterSettings, Settings
from monitor.export.envoy import EndpointsFiles
from monitor.export.haproxy import Agent
from monitor.export.server import ServerError, bind
from monitor.model.clock import Clock
from monitor.model.routing import Routing

_ADVICE = "choose another address for routing.haproxy_agent"


class Routers:
    """Tells them; whatever goes wrong with one disturbs nobody.

    Args:
        agent: Answers HAProxy, if it asks.
        files: What Envoy watches, if it does.
        clock: Tells how old a picture is.
        observers: Told when the files cannot be written.
    """

    def __init__(
        self,
        agent: Agent | None,
        files: EndpointsFiles | None,
        clock: Clock,
        observers: Observers,
    ) -> None:
        self._agent, self._files = agent, files
        self._clock, self._observers = clock, observers
        self._last: Routing | None = None
        self._is_stopped = False
        self._lock = Lock()

    def start(self, routing: Routing) -> None:
        """Begin with what is known of the targets from earlier lives."""
        self.tell(routing)
        if self._agent:
            self._agent.start()

    def tell(self, routing: Routing) -> None:
        """Tell the newest weights; that there are none, if nobody may route by them."""
        with self._lock:
            if not self._is_stopped:
                self._last = routing
                self._write(routing, is_open=routing.is_stale(self._clock.now()))

    def stop(self) -> None:
        """Leave nobody with weights that nobody watches over."""
        with self._lock:
            self._is_stopped = True
            if self._last:
                self._write(self._last, is_open=True)
        if self._agent:
            self._agent.stop()

    def _write(self, routing: Routing, *, is_open: bool) -> None:
        if self._files is None:
            return
        try:
            self._files.write(routing, is_open=is_open)
        except OSError as error:
            self._observers.routing_failed(error)
        else:
            self._observers.routing_written()


def open_routers(
    settings: Settings, routing: Callable[[], Routing], clock: Clock, observers: Observers
) -> Routers:
    """Bind the agent's port and look at the folder, so that what is wrong shows at once.

    Raises:
        ServerError: The port cannot be bound, or the folder cannot be written to.
    """
    given = settings.routers
    files = _endpoints_files(given)
    agent = None
    if given.haproxy_agent:
        listener = bind(given.haproxy_agent, _ADVICE)
        agent = Agent(listener, routing, clock, settings.token)
    return Routers(agent, files, clock, observers)


def _endpoints_files(given: RouterSettings) -> EndpointsFiles | None:
    if given.envoy_folder is None:
        return None
    folder = Path(given.envoy_folder)
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise ServerError(
            f"cannot write into {folder}: routing.envoy.folder must be there, and this user's "
            "to write into"
        )
    return EndpointsFiles(folder, given.envoy_addresses)
