"""Asks a running daemon, over its API, as any other program would."""

import json
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from monitor.model.target import Secret

_TIMEOUT_SECONDS = 5.0
#: Between two events there is a beat each 15 seconds at the latest.
_SILENCE_SECONDS = 40.0
_MAX_BYTES = 64 << 20
_UNAUTHORIZED = 401
_READINESS, _UNREADY = "/readyz", 503


class UnansweredError(Exception):
    """No daemon answered, or what did is none; the message says so in words."""


class _NoRedirects(HTTPRedirectHandler):
    """Follows nobody: the token is meant for the one who was named."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Refuse."""


class Remote:
    """A daemon at an address.

    Args:
        url: Such as `http://127.0.0.1:9464`.
        token: The bearer token, if it asks for one.

    Raises:
        UnansweredError: That is no address.
    """

    def __init__(self, url: str, token: Secret | None = None) -> None:
        self.url = url.rstrip("/")
        if not self.url.startswith(("http://", "https://")):
            raise UnansweredError(f"{url!r} is no address of a monitor; write http://HOST:PORT")
        self._headers = {"authorization": f"Bearer {token.reveal()}"} if token else {}
        # A daemon is asked directly: no proxy knows the way to this machine's own loopback.
        self._opener = build_opener(ProxyHandler({}), _NoRedirects())

    def targets(self) -> dict[str, Any]:
        """Give all targets, with health and windows.

        Raises:
            UnansweredError: It does not answer.
        """
        return self._get("/api/v1/targets", "targets")

    def routing(self) -> dict[str, Any]:
        """Give the weights, and the speeds beside them; raises as `targets`."""
        return self._get("/api/v1/routing", "groups")

    def incidents(self, limit: int) -> dict[str, Any]:
        """Give the newest incidents; raises as `targets`."""
        return self._get(f"/api/v1/incidents?limit={limit}", "incidents")

    def configuration(self) -> dict[str, Any]:
        """Say how the last reading of the configuration went; raises as `targets`."""
        told: dict[str, Any] = self._get(_READINESS, "configuration", dict)["configuration"]
        return told

    def changes(self) -> Iterator[None]:
        """Follow the events: give a tick for each, until the daemon is gone.

        Raises:
            UnansweredError: It does not answer, or no more.
        """
        try:
            with self._opener.open(
                self._request("/api/v1/events"), timeout=_SILENCE_SECONDS
            ) as told:
                for line in told:
                    if line.startswith(b"event:"):
                        yield
        except (OSError, HTTPException, ValueError) as error:
            raise UnansweredError(self._why(error)) from error

    def _request(self, path: str) -> Request:
        return Request(self.url + path, headers=self._headers)  # noqa: S310 - checked above

    def _get(self, path: str, member: str, kind: type = list) -> dict[str, Any]:
        try:
            with self._answer(path) as answer:
                told = json.loads(answer.read(_MAX_BYTES))
        except (OSError, HTTPException, ValueError) as error:
            raise UnansweredError(self._why(error)) from error
        if not isinstance(told, dict) or not isinstance(told.get(member), kind):
            raise UnansweredError(f"what answers at {self.url} is no monitor")
        return told

    def _answer(self, path: str) -> Any:
        try:
            return self._opener.open(self._request(path), timeout=_TIMEOUT_SECONDS)
        except HTTPError as error:
            # Who is not ready tells as much.
            if path == _READINESS and error.code == _UNREADY:
                return error
            raise

    def _why(self, error: Exception) -> str:
        if isinstance(error, HTTPError):
            error.close()
            if error.code == _UNAUTHORIZED:
                return (
                    f"the monitor at {self.url} asks for its token: name its --config, or put the "
                    "token into MONITOR_TOKEN"
                )
            return f"{self.url} answers with HTTP {error.code}; is it a monitor?"
        if isinstance(error, ValueError):
            return f"what answers at {self.url} is no monitor"
        reason = getattr(error, "reason", error)
        words = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        return f"no monitor answers at {self.url} ({words})"
