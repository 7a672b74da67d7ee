"""A provider that refuses everything, in words that try to do something to whoever shows them."""

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.hostile import HOSTILE

#: A model for each of the hostile words, and one that says them in turns.
MODELS = {name.replace(" ", "-"): text for name, text in HOSTILE.items()}
TURNS = "in-turns"


class _Refusing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    turns = itertools.cycle(HOSTILE.values())

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        text = MODELS.get(asked["model"]) or next(self.turns)
        # Of all that a provider may do, it also repeats the key.
        told = f"{text} (your key: {self.headers['authorization']})"
        error = {"message": told, "type": "server_error", "code": "bad_luck"}
        body = json.dumps({"error": error}).encode()
        self.send_response(503)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("x-request-id", "<script>alert(2)</script>")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of those who hang up."""


@contextmanager
def hostile_provider() -> Iterator[str]:
    """Serve it; give the base URL for the dialect `openai_chat`."""
    server = _Server(("127.0.0.1", 0), _Refusing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
