"""Ports that let clients in, refuse them, or never answer."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress


@contextmanager
def open_door(host: str = "127.0.0.1") -> Iterator[int]:
    """A port that takes connections into its backlog, and says nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family, backlog=64) as server:
        yield server.getsockname()[1]


@contextmanager
def shut_door() -> Iterator[int]:
    """A port that nobody listens on, nor can while this lasts."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@contextmanager
def silent_door() -> Iterator[int]:
    """A port whose backlog is full: the kernel answers no one else."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port: int = server.getsockname()[1]
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(("127.0.0.1", port))
        yield port
