"""What a router needs of the monitor: the newest weights, or nothing. It stands alone.

The contract is to fail open. Who asks gets what the monitor said last, as long as that is young
enough to be true; once it is too old, or was never there, every answer is "no opinion", and the
caller routes as if there were no monitor. Nothing here ever raises because the monitor is gone,
and nothing ever waits for it.

    routing = Routing("http://127.0.0.1:9464").start()
    weights = routing.weights("gpt-4o")  # {"openai/gpt-4o": 1.0, "azure/gpt-4o": 0.25}, or None
"""

import json
import logging
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
)

_log = logging.getLogger(__name__)

#: How long the monitor may hold an answer back until there is news; below `max_age_seconds`.
_WAIT_SECONDS = 5
_TIMEOUT_SECONDS = _WAIT_SECONDS + 5.0
#: The pause between two questions, and after one that failed.
_PAUSE_SECONDS = 0.2
_RETRY_SECONDS = 1.0
_UNCHANGED = 304
_MAX_BYTES = 64 << 20


@dataclass(frozen=True)
class Candidate:
    """A target of a group, as the monitor sees it.

    Attributes:
        target: Its key.
        weight: Its share of the group's traffic, in proportion to the others'; 0 is none.
        state: `up`, `degraded`, `recovering`, `down`, `blocked` or `unknown`.
        told: All that the monitor said of it.
    """

    target: str
    weight: float
    state: str
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def deployment(self) -> str | None:
        """What a router calls it, where that is not the key."""
        return self.told.get("deployment")


@dataclass(frozen=True)
class _Feed:
    """What the monitor said.

    Attributes:
        groups: The candidates by group, best first.
        by_name: The candidates by key, and by `deployment` where they have one.
        etag: Names this answer.
        max_age_seconds: Older than this it must not be used.
    """

    groups: Mapping[str, tuple[Candidate, ...]]
    by_name: Mapping[str, Candidate]
    etag: str
    max_age_seconds: float


class Routing:
    """Follows a monitor's routing feed in a thread of its own.

    Args:
        url: The monitor's address, such as `http://127.0.0.1:9464`.
        token: The bearer token, if the monitor asks for one; it is sent to that address alone.
        group: The only group that is wanted; without it all are followed.
    """

    def __init__(self, url: str, *, token: str | None = None, group: str | None = None) -> None:
        query = {"wait": str(_WAIT_SECONDS)} | ({"group": group} if group else {})
        self._url = f"{url.rstrip('/')}/api/v1/routing?{urlencode(query)}"
        if not self._url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is no address of a monitor; write http://HOST:PORT")
        # A file or a variable often ends with the end of a line, which no header may.
        self._token = token.strip() if token else None
        self._opener = _direct_opener()
        self._feed: _Feed | None = None
        self._fresh_until = 0.0
        self._is_failing = False
        self._stopped = threading.Event()
        self._heard = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="llmprobe", daemon=True)

    def start(self) -> Self:
        """Begin to follow; starting twice does no harm, and once stopped it stays so."""
        if self._thread.ident is None:
            self._thread.start()
        return self

    def stop(self) -> None:
        """Follow no more; from now on there is no opinion."""
        self._stopped.set()
        self._feed = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def wait(self, seconds: float) -> bool:
        """Wait for the first answer, at most so long; say whether there is one."""
        self._heard.wait(seconds)
        return self.is_fresh

    @property
    def is_fresh(self) -> bool:
        """What the monitor said last may be used."""
        return self._known() is not None

    def candidates(self, group: str) -> tuple[Candidate, ...] | None:
        """Give a group's targets, best first; None is "no opinion"."""
        feed = self._known()
        return feed.groups.get(group) if feed else None

    def weights(self, group: str) -> dict[str, float] | None:
        """Give the weights of a group by target key, at least one above 0; None is "no opinion"."""
        found = self.candidates(group)
        weights = {each.target: each.weight for each in found or ()}
        return weights if any(weight > 0 for weight in weights.values()) else None

    def candidate(self, name: str) -> Candidate | None:
        """Give what is known of a target, by its key or `deployment`; None is "no opinion"."""
        feed = self._known()
        return feed.by_name.get(name) if feed else None

    def _known(self) -> _Feed | None:
        # Asked here, because an answer may be under way when it is stopped.
        is_usable = not self._stopped.is_set() and time.monotonic() < self._fresh_until
        return self._feed if is_usable else None

    def _follow(self) -> None:
        while not self._stopped.is_set():
            try:
                self._ask()
            except Exception as error:  # noqa: BLE001 - whatever it is, the caller fails open
                self._failed(error)
                self._stopped.wait(_RETRY_SECONDS)
            else:
                self._is_failing = False
                self._stopped.wait(_PAUSE_SECONDS)

    def _ask(self) -> None:
        request = Request(self._url, headers=self._headers())  # noqa: S310 - http(s) only
        try:
            with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
                said_at = time.monotonic()  # its date is that of the headers, not of the body
                feed = _read(answer.read(_MAX_BYTES), answer.headers)
                self._take(feed, answer.headers, said_at)
        except HTTPError as error:
            said_at, known = time.monotonic(), self._feed
            with error:
                if error.code != _UNCHANGED or known is None:
                    raise
                self._take(known, error.headers, said_at)

    def _take(self, feed: _Feed, headers: Message, said_at: float) -> None:
        left = feed.max_age_seconds - _age_seconds(headers)
        self._feed, self._fresh_until = feed, said_at + left
        self._heard.set()

    def _headers(self) -> dict[str, str]:
        headers = {"accept": "application/json"}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        feed = self._feed
        return headers | ({"if-none-match": feed.etag} if feed and feed.etag else {})

    def _failed(self, error: Exception) -> None:
        level = logging.DEBUG if self._is_failing else logging.WARNING
        # Of others only the name: what they say may quote what was sent, the token with it.
        said = error if isinstance(error, OSError) else type(error).__name__
        _log.log(level, "the monitor does not answer, routing goes on without it: %s", said)
        self._is_failing = True


def _direct_opener() -> OpenerDirector:
    """Make what asks one address: no redirect and no proxy may lead the token elsewhere."""
    opener = OpenerDirector()
    for kind in (HTTPHandler, HTTPSHandler, HTTPErrorProcessor, HTTPDefaultErrorHandler):
        opener.add_handler(kind())
    return opener


def _read(body: bytes, headers: Message) -> _Feed:
    told = json.loads(body)
    groups = {
        each["group"]: tuple(
            Candidate(one["target"], float(one["weight"]), str(one["state"]), one)
            for one in each["candidates"]
        )
        for each in told["groups"]
    }
    return _Feed(
        groups=groups,
        by_name=_named(one for candidates in groups.values() for one in candidates),
        etag=headers.get("etag", ""),
        max_age_seconds=float(told["max_age_seconds"]),
    )


def _named(candidates: Iterable[Candidate]) -> dict[str, Candidate]:
    known = tuple(candidates)
    keys = {one.target: one for one in known}
    return {one.deployment: one for one in known if one.deployment} | keys


def _age_seconds(headers: Message) -> float:
    """Say how old an answer was when it was given, by the monitor's own clock on both ends.

    A heartbeat of the future is as wrong as an old one: the clock was set back. Of less than two
    seconds it is usual, because a date is of whole seconds and servers renew it each second.
    """
    beat = datetime.fromisoformat(headers["llmprobe-generated-at"])
    return abs((parsedate_to_datetime(headers["date"]) - beat).total_seconds())
