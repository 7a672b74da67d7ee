"""The routers that are told what each target should get, beside those that ask over HTTP."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from monitor.app.observers import Observers
from monitor.config.settings import RouterSettings, Settings
from monitor.export.envoy import EndpointsFile
from monitor.export.haproxy import Agent
from monitor.export.server import ServerError, bind
from monitor.model.clock import Clock
from monitor.model.routing import Routing

_ADVICE = "choose another address for routing.haproxy_agent"


class Routers:
    """Tells them; whatever goes wrong with one disturbs nobody.

    Args:
        agent: Answers HAProxy, if it asks.
        file: What Envoy watches, if it does.
        clock: Tells how old a picture is.
        observers: Told when the file cannot be written.
    """

    def __init__(
        self,
        agent: Agent | None,
        file: EndpointsFile | None,
        clock: Clock,
        observers: Observers,
    ) -> None:
        self._agent, self._file = agent, file
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
        if self._file is None:
            return
        try:
            self._file.write(routing, is_open=is_open)
        except OSError as error:
            self._observers.routing_failed(error)
        else:
            self._observers.routing_written()


def open_routers(
    settings: Settings, routing: Callable[[], Routing], clock: Clock, observers: Observers
) -> Routers:
    """Bind the agent's port and look at the file's folder, so that what is wrong shows at once.

    Raises:
        ServerError: The port cannot be bound, or the folder cannot be written to.
    """
    given = settings.routers
    file = _endpoints_file(given)
    agent = None
    if given.haproxy_agent:
        listener = bind(given.haproxy_agent, _ADVICE)
        agent = Agent(listener, routing, clock, settings.token)
    return Routers(agent, file, clock, observers)


def _endpoints_file(given: RouterSettings) -> EndpointsFile | None:
    if given.envoy_path is None:
        return None
    path = Path(given.envoy_path)
    if not os.access(path.parent, os.W_OK | os.X_OK) or path.is_dir():
        raise ServerError(
            f"cannot write {path}: routing.envoy.path must be a file in a folder that is there "
            "and can be written to"
        )
    return EndpointsFile(path, given.envoy_addresses)
