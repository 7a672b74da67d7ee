"""The program as a process: started, asked, signalled, killed."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.waiting import wait_until

#: The environment without anything that would be taken for a provider's key.
CLEAN = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
_SERVING = re.compile(r"serving on http://(\S+)")


class MonitorProcess:
    """`monitor run` in a folder, on a free port."""

    def __init__(
        self,
        folder: Path,
        *arguments: str,
        environ: Mapping[str, str] | None = None,
        command: tuple[str, ...] = (sys.executable, "-m", "monitor"),
    ) -> None:
        self.folder = folder
        self._log = folder / "monitor.log"
        with self._log.open("ab") as log:
            self._before = log.tell()
            self._process = subprocess.Popen(
                [*command, "run", "--listen", "127.0.0.1:0", *arguments],
                cwd=folder,
                env=CLEAN | {"PYTHONWARNINGS": "error::ResourceWarning"} | dict(environ or {}),
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Self:
        wait_until(lambda: _SERVING.search(self.log) or self.has_ended, seconds=60)
        assert _SERVING.search(self.log), self.log
        wait_until(lambda: self.get("/healthz"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self.has_ended:
            self._process.kill()
            self._process.wait()

    @property
    def log(self) -> str:
        """What this process printed."""
        return self._log.read_bytes()[self._before :].decode()

    @property
    def events(self) -> list[dict[str, Any]]:
        """The log's events."""
        whole = self.log.rpartition("\n")[0]  # the last line may be half written
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def runs(self, **like: Any) -> list[dict[str, Any]]:
        """The canonical lines of runs, as far as they are like that."""
        like["event"] = "run"
        return [each for each in self.events if like.items() <= each.items()]

    @property
    def has_ended(self) -> bool:
        """The process is gone."""
        return self._process.poll() is not None

    @property
    def address(self) -> str:
        """Where it serves."""
        found = _SERVING.search(self.log)
        assert found, self.log
        return found.group(1)

    def get(self, path: str) -> str:
        """Ask a surface; an answer that is no success is "" while it starts."""
        try:
            with urlopen(f"http://{self.address}{path}", timeout=10) as answer:
                text: str = answer.read().decode()
                return text
        except HTTPError as error:
            return error.read().decode()
        except OSError:
            return ""

    def targets(self) -> dict[str, dict[str, Any]]:
        """The targets by key, as the API tells them."""
        told = json.loads(self.get("/api/v1/targets"))["targets"]
        return {each["key"]: each for each in told}

    def states(self) -> dict[str, str]:
        """The state of each target."""
        return {key: each["state"] for key, each in self.targets().items()}

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def wait(self, seconds: float = 15.0) -> int:
        """Wait for the end and give the exit code."""
        return self._process.wait(timeout=seconds)


def monitor(*arguments: str, folder: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run a verb to its end."""
    return subprocess.run(
        [sys.executable, "-m", "monitor", *arguments],
        cwd=folder,
        env=CLEAN | environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
