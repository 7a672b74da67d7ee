"""A network of our own between two network namespaces, with a cable that can be pulled."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.process import MonitorProcess

_ASK = "import sys, urllib.request as r; sys.stdout.write(r.urlopen(sys.argv[1]).read().decode())"
#: Where the others are, and where we are: of a range that is nobody's.
FAR = ("192.0.2.2", "192.0.2.3", "192.0.2.4")
_NEAR = "192.0.2.1"


@dataclass(frozen=True)
class Cable:
    """Two ends: here, and there.

    Attributes:
        here: What a command that is to run at this end begins with.
        there: What one at the other end begins with.
    """

    here: tuple[str, ...]
    there: tuple[str, ...]

    def pull(self) -> None:
        """Nothing gets through any more, and nobody is told."""
        _ip(self.there, "link", "set", "far", "down")

    def plug(self) -> None:
        """It is as before."""
        _ip(self.there, "link", "set", "far", "up")


class MonitorHere(MonitorProcess):
    """`monitor run` at this end of a cable; what it serves is asked for at this end, too."""

    def __init__(self, cable: Cable, folder: Path) -> None:
        self._here = cable.here
        super().__init__(folder, command=(*cable.here, sys.executable, "-m", "monitor"))

    def get(self, path: str) -> str:
        url = f"http://{self.address}{path}"
        command = [*self._here, sys.executable, "-c", _ASK, url]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout


@contextmanager
def cable() -> Iterator[Cable]:
    """Lay a cable; skip the test where this machine lets nobody have a network of his own."""
    if not all(shutil.which(tool) for tool in ("unshare", "nsenter", "ip")):
        pytest.skip("there is no unshare, nsenter or ip; closed ports stand in for it")
    as_root = () if os.geteuid() == 0 else ("--map-root-user",)
    enter = () if os.geteuid() == 0 else ("--user", "--preserve-credentials")
    with _holder("unshare", *as_root, "--net") as near:
        here = ("nsenter", f"--target={near}", *enter, "--net")
        with _holder(*here, "unshare", "--net") as far:
            there = ("nsenter", f"--target={far}", *enter, "--net")
            _ip(here, "link", "set", "lo", "up")
            _ip(here, "link", "add", "near", "type", "veth", "peer", "name", "far")
            _ip(here, "link", "set", "far", "netns", str(far))
            _ip(here, "address", "add", f"{_NEAR}/24", "dev", "near")
            _ip(here, "link", "set", "near", "up")
            for address in FAR:
                _ip(there, "address", "add", f"{address}/24", "dev", "far")
            _ip(there, "link", "set", "far", "up")
            yield Cable(here, there)


@contextmanager
def _holder(*command: str) -> Iterator[int]:
    """Keep a namespace by a process that says when it is there; give its id."""
    holding = subprocess.Popen(
        [*command, "sh", "-c", "echo here; exec sleep 600"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert holding.stdout
        said = holding.stdout.readline()
        if said != "here\n":
            pytest.skip(f"no namespaces on this machine: {said}")
        yield holding.pid
    finally:
        holding.kill()
        holding.communicate()


def _ip(where: tuple[str, ...], *arguments: str) -> None:
    done = subprocess.run([*where, "ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no cable on this machine: {done.stderr}")
