"""`monitor run` as far as it is more than the daemon."""

import gc
import io
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest

from monitor.config.settings import Settings
from monitor.log import LineWriter

#: By its name, because the package calls the verb itself so.
run = import_module("monitor.cli.run")


class BriefDaemon:
    """Serves for no time at all, and sees what the collector was spared by then."""

    spared = 0

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    async def run(self, on_serving: Callable[[str], None]) -> None:
        on_serving("127.0.0.1:1")
        BriefDaemon.spared = gc.get_freeze_count()


@pytest.fixture(autouse=True)
def unfrozen() -> Iterator[None]:
    yield
    gc.unfreeze()


async def test_what_stands_when_it_serves_is_no_more_looked_at_by_the_garbage_collector(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "Daemon", BriefDaemon)
    shown = io.StringIO()
    lines = LineWriter(shown)

    await run._serve(Settings(probes=()), lines)
    lines.close()

    assert BriefDaemon.spared > 1000
    assert shown.getvalue() == "serving on http://127.0.0.1:1\n"
