"""A server that stands where the monitor's routing feed would be."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from monitor.model.clock import SystemClock

MAX_AGE_SECONDS = 15


@dataclass
class FakeFeed:
    """What the feed says, and what it was asked.

    Attributes:
        url: Its address.
        groups: Weights by target key, by group.
        deployments: What routers call targets, by key.
        behind_seconds: How old the probing loop's last heartbeat is.
        status: Answered in place of the feed, if it is not 200.
        garbage: Answered in place of the feed, if there is any.
        location: Where a redirect leads.
        before_body: Called when the headers are sent, and the body is not.
        asked: The headers of each request.
    """

    url: str = ""
    groups: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    deployments: Mapping[str, str] = field(default_factory=dict)
    behind_seconds: float = 0.0
    status: int = 200
    garbage: bytes = b""
    location: str | None = None
    before_body: Callable[[], None] = lambda: None
    asked: list[Mapping[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    @property
    def etag(self) -> str:
        """Name what is said now."""
        return f'W/"{hash(self.body())}"'

    def body(self) -> bytes:
        """Write what is said now."""
        groups: list[Any] = [
            {
                "group": name,
                "panic": False,
                "candidates": [
                    {
                        "target": key,
                        "deployment": self.deployments.get(key),
                        "weight": weight,
                        "state": "up" if weight else "down",
                    }
                    for key, weight in weights.items()
                ],
            }
            for name, weights in self.groups.items()
        ]
        told = {"seq": 1, "max_age_seconds": MAX_AGE_SECONDS, "groups": groups}
        return self.garbage or json.dumps(told).encode()


@contextmanager
def fake_feed(groups: Mapping[str, Mapping[str, float]]) -> Iterator[FakeFeed]:
    """Serve a feed on a free port of this machine."""
    feed = FakeFeed(groups=groups)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            feed.asked.append(dict(self.headers))
            feed.paths.append(self.path)
            is_known = self.headers.get("if-none-match") == feed.etag and not feed.garbage
            self.send_response(304 if is_known and feed.status == 200 else feed.status)
            beat = SystemClock().now() - timedelta(seconds=feed.behind_seconds)
            self.send_header("llmprobe-generated-at", beat.isoformat())
            self.send_header("etag", feed.etag)
            if feed.location:
                self.send_header("location", feed.location)
            body = feed.body()
            self.end_headers()
            if not is_known:
                feed.before_body()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    feed.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield feed
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
