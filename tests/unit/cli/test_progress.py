"""How far something is: for people who wait, and for nobody else."""

import io
import sys

import pytest

from monitor.cli.progress import Bar
from tests.waiting import wait_until

#: The cursor is back, and the line is empty.
GONE = "\x1b[?25h\r\x1b[1A\x1b[2K"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Stand on a terminal; in the test itself, for pytest sets the streams anew before it."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def test_who_waits_long_sees_how_far_it_is_and_nothing_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = on_terminal(monkeypatch)
    with Bar("copying rows", 10, patience_seconds=0.0) as bar:
        bar.step(4)
        wait_until(lambda: "4/10" in terminal.getvalue())

    assert "copying rows" in terminal.getvalue()
    assert terminal.getvalue().endswith(GONE)


def test_what_is_done_soon_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)
    with Bar("copying rows", 10, patience_seconds=60.0) as bar:
        assert list(bar.through("abc")) == ["a", "b", "c"]

    assert terminal.getvalue() == ""


def test_a_pipe_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)

    with Bar("copying rows", patience_seconds=0.0) as bar:
        bar.step()
        assert not bar._timer.is_alive()

    assert stream.getvalue() == ""


def test_an_error_takes_the_bar_away(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_terminal(monkeypatch)

    def fail() -> None:
        with Bar("x", 3, patience_seconds=0.0) as bar:
            bar.step()
            wait_until(lambda: "1/3" in terminal.getvalue())
            raise ValueError("lost")

    with pytest.raises(ValueError, match="lost"):
        fail()

    assert terminal.getvalue().endswith(GONE)
