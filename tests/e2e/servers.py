"""Servers that others wrote: started on a free port, stopped at the end."""

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.alone import alone
from tests.waiting import wait_until

#: Below those that the kernel gives to who asks for any; others for each process that runs tests.
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_FIRST, _ROOM = 20_000 + 1_000 * (_WORKER % 12), 1_000
_PORTS = (_FIRST + number % _ROOM for number in itertools.count(os.getpid()))


def require_tools(*names: str) -> None:
    """Skip the test if a program is missing; where tests must be complete, fail it."""
    missing = [name for name in names if not shutil.which(name)]
    if not missing:
        return
    reason = f"not on the PATH: {', '.join(missing)}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def require_package(name: str) -> str:
    """Give the path of the program that Debian's package of this name has, installed if we may."""
    with alone(name):
        found = _program(name)
        if not found and os.geteuid() == 0 and shutil.which("apt-get"):
            # Run level 1: what comes with the package is not started.
            environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
            for words in (["update"], ["install", "-y", "--no-install-recommends", name]):
                command = ["apt-get", "-qq", *words]
                subprocess.run(command, check=False, env=environ, timeout=600)
            found = _program(name)
    if not found:
        require_tools(name)
    return found or name


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextlib.contextmanager
def serving(
    command: Callable[[int], list[str]],
    folder: Path,
    *,
    health: str = "/health",
    environ: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Run what *command* gives for a port, in *folder*; give its origin once it is healthy."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command(port),
            cwd=folder,
            env=os.environ | dict(environ or {}),
            stdout=output,
            stderr=output,
        )
    try:
        wait_until(lambda: _answers(origin + health) or server.poll() is not None, seconds=180)
        assert server.poll() is None, log.read_text()[-3000:]
        yield origin
    finally:
        server.terminate()
        server.wait(timeout=30)


def free_port() -> int:
    """Find a port of this machine that nobody listens on, and give it once.

    It is none of those that the kernel gives to who asks for any, because it is bound later.
    """
    while True:
        port = next(_PORTS)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):  # noqa: S310 - loopback
            return True
    except OSError:
        return False
