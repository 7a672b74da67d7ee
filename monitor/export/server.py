"""Serves the API from a thread with a loop of its own, so that no scrape disturbs a run."""

import socket
import ssl
import threading

import uvicorn
from fastapi import FastAPI


class ServerError(RuntimeError):
    """The server could not begin; the message says what to do."""


class ApiServer:
    """A uvicorn server in a thread.

    Args:
        api: What answers.
        listener: Where; bound.
        tls: For those who ask by HTTPS; without it they ask by HTTP.
    """

    def __init__(
        self, api: FastAPI, listener: socket.socket, tls: ssl.SSLContext | None = None
    ) -> None:
        self._socket = listener
        config = uvicorn.Config(
            api, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2
        )
        config.load()
        config.ssl = tls
        self._scheme = "https" if tls else "http"
        self._server = uvicorn.Server(config)
        # Signals belong to the daemon, not to a server in a thread.
        self._thread = threading.Thread(target=self._serve, name="api", daemon=True)

    @property
    def address(self) -> str:
        """Host and port that are really bound (port 0 asks for a free one)."""
        host, port = self._socket.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def url(self) -> str:
        """As `address`, with what it is asked by."""
        return f"{self._scheme}://{self.address}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering; waits a few seconds for answers under way."""
        self._server.should_exit = True
        self._thread.join(timeout=5)
        self._socket.close()

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])


def bind(
    address: str, advice: str = "choose another address with --listen HOST:PORT"
) -> socket.socket:
    """Listen on HOST:PORT; port 0 asks for a free one.

    Args:
        address: Where.
        advice: What to do if it is taken.

    Raises:
        ServerError: The address is taken, or none of this machine.
    """
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, int(port)))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ServerError(
            f"cannot listen on {address}: {error.strerror}; is another monitor running? {advice}"
        ) from error
    return listener
