"""The verbs on a terminal of their own, beside a running daemon."""

import fcntl
import json
import os
import pty
import signal
import struct
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.process import CLEAN, MonitorProcess, monitor
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


class Terminal:
    """A verb on a terminal of 80 columns and 24 lines."""

    def __init__(self, folder: Path, *arguments: str, **environ: str) -> None:
        self._pid, self._file = pty.fork()
        if not self._pid:
            os.chdir(folder)
            clean = {name: value for name, value in CLEAN.items() if name != "COLUMNS"}
            command = [sys.executable, "-m", "monitor", *arguments]
            own = clean | {"TERM": "xterm-256color"} | environ
            os.execve(sys.executable, command, own)  # noqa: S606 - what it runs is ours
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._bytes = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def seen(self) -> str:
        return self._bytes.decode(errors="replace")

    def interrupt(self) -> None:
        os.write(self._file, b"\x03")

    def wait(self) -> int:
        """Wait for the end and give the exit code."""
        ended: list[int] = []

        def is_over() -> bool:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                ended.append(os.waitstatus_to_exitcode(status))
            return bool(ended)

        try:
            wait_until(is_over)
        except BaseException:
            os.kill(self._pid, signal.SIGKILL)
            print(self.seen[-2000:])  # noqa: T201 - what it was at
            raise
        self._reader.join(timeout=30)
        os.close(self._file)
        return ended[0]

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._file, 1 << 16)
            except OSError:  # the other end is gone
                return
            if not data:
                return
            self._bytes += data


@contextmanager
def running(folder: Path) -> Iterator[MonitorProcess]:
    with MonitorProcess(folder, "--demo") as process:
        wait_until(lambda: "up" in process.states().values())
        yield process


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MonitorProcess]:
    with running(tmp_path_factory.mktemp("daemon")) as process:
        yield process


def test_watch_follows_a_daemon_until_it_is_gone_and_leaves_the_terminal_clean(
    tmp_path: Path,
) -> None:
    with running(tmp_path) as doomed:
        url = f"http://{doomed.address}"
        terminal = Terminal(tmp_path, "status", "--url", url, "--watch")
        wait_until(lambda: terminal.seen.count("SIMULATED FLEET") >= 3)
        doomed.signal(signal.SIGKILL)
        doomed.wait()
    wait_until(lambda: "NO ANSWER" in terminal.seen)
    terminal.interrupt()

    assert terminal.wait() in {0, 1}
    assert terminal.seen.startswith("\x1b[?1049h")
    assert terminal.seen.endswith("\x1b[?25h\x1b[?1049l")
    assert "aurora/chat-small" in terminal.seen
    assert "Traceback" not in terminal.seen


@pytest.mark.parametrize(("environ", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_are_for_terminals_that_want_them(
    daemon: MonitorProcess, tmp_path: Path, environ: dict[str, str], *, is_coloured: bool
) -> None:
    url = f"http://{daemon.address}"
    terminal = Terminal(tmp_path, "status", "--url", url, **environ)
    terminal.wait()
    piped = monitor("status", "--url", url, folder=tmp_path).stdout

    assert ("\x1b[32m" in terminal.seen) is is_coloured
    assert "\x1b" not in piped
    assert "●" in piped


def test_a_report_is_made_while_the_daemon_writes(daemon: MonitorProcess) -> None:
    def has_runs() -> bool:
        told = monitor(
            "report", "--database", "sqlite:///monitor-demo.db", "--json", folder=daemon.folder
        )
        return told.returncode == 0 and all(
            each["completion"]["valid"] + each["completion"]["excluded"]
            for each in json.loads(told.stdout)["targets"]
        )

    wait_until(has_runs)
