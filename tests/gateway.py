"""A gateway on loopback that lists endpoints and answers completions."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ANSWER = (
    b'data: {"choices": [{"delta": {"content": "red"}, "finish_reason": "stop"}]}\n\n'
    b'data: {"choices": [], "usage": {"prompt_tokens": 20, "completion_tokens": 1}}\n\n'
    b"data: [DONE]\n\n"
)
#: A cent for each answer token; what is asked is free.
PRICING = {"prompt": "0", "completion": "0.01"}


class Gateway:
    """What it lists and how it answers may be changed while it runs."""

    def __init__(self) -> None:
        self.tags = ["acme", "bolt/fp8"]
        self.status = 200
        self.listing: str | None = None
        self.listed = 0
        self.asked: list[dict[str, Any]] = []
        self.base_url = ""

    def list(self) -> str:
        """The list, unless another answer was set."""
        endpoints = [{"tag": tag, "uptime_last_30m": 97.5, "pricing": PRICING} for tag in self.tags]
        return self.listing or json.dumps({"data": {"endpoints": endpoints}})


@contextmanager
def running_gateway() -> Iterator[Gateway]:
    """Run a gateway in a thread."""
    gateway = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert re.fullmatch("/api/v1/models/lab/(large|small)/endpoints", self.path)
            gateway.listed += 1
            self._answer(gateway.status, "application/json", gateway.list().encode())

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            gateway.asked.append(
                {
                    "provider": body.get("provider"),
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                }
            )
            self._answer(200, "text/event-stream", ANSWER)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - as the library has it
            """Keep quiet."""

        def _answer(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        gateway.base_url = f"http://127.0.0.1:{server.server_address[1]}/api/v1"
        try:
            yield gateway
        finally:
            server.shutdown()
            thread.join()
