"""`monitor status --watch`: the table, drawn anew with each change until Ctrl-C."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from rich.console import Console
from rich.live import Live

from monitor.app.remote import Remote, UnansweredError
from monitor.cli.board import Board
from monitor.cli.standing import Standing

#: Ages move on all the time.
_EVERY_SECONDS = 2.0
#: However many things change at once, the next picture is no sooner.
_LEAST_SECONDS = 0.2


def watch(
    first: Standing, ask: Callable[[], Standing], remote: Remote, console: Console
) -> Standing:
    """Draw until interrupted, on a screen of its own that goes again; give what was drawn last.

    Args:
        first: What is drawn at once.
        ask: Gives the next; when it fails, the last one stays, and says so.
        remote: Tells of changes.
        console: A terminal.
    """
    woken = threading.Event()
    threading.Thread(target=_follow, args=(remote, woken), name="events", daemon=True).start()
    standing = first
    with (
        _until_interrupted() as goes_on,
        Live(console=console, screen=True, auto_refresh=False) as live,
    ):
        while goes_on():
            live.update(Board(standing, console.size.height), refresh=True)
            woken.wait(_EVERY_SECONDS)
            woken.clear()
            standing = _next(ask, standing)
    return standing


@contextmanager
def _until_interrupted() -> Iterator[Callable[[], bool]]:
    """Run a block until Ctrl-C or SIGTERM ends it; give what says whether it goes on.

    An exception ends it at once, unless it is raised where Python passes it over (a destructor).
    """
    is_over = False

    def end(_number: int, _frame: object) -> None:
        nonlocal is_over
        is_over = True
        raise KeyboardInterrupt

    before = {each: signal.signal(each, end) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        with suppress(KeyboardInterrupt):
            yield lambda: not is_over
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _next(ask: Callable[[], Standing], last: Standing) -> Standing:
    try:
        return ask()
    except UnansweredError as error:
        is_told = not last.is_live
        source = last.source if is_told else f"NO ANSWER ({error}); last: {last.source}"
        return replace(last, source=source, is_live=False)


def _follow(remote: Remote, woken: threading.Event) -> None:
    """Wake at each change; where there are no events, the table is drawn every two seconds."""
    pause = threading.Event()
    while True:
        with suppress(UnansweredError):
            for _ in remote.changes():
                pause.wait(_LEAST_SECONDS)
                woken.set()
        pause.wait(_EVERY_SECONDS)
