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
    thresholds: tuple[int, ...] = ()

    def __init__(self, settings: Settings, source: object = None) -> None:
        self.settings, self.source = settings, source

    async def run(self, on_serving: Callable[[str], None]) -> None:
        on_serving("http://127.0.0.1:1")
        BriefDaemon.spared = gc.get_freeze_count()
        BriefDaemon.thresholds = gc.get_threshold()


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


async def test_once_it_serves_full_garbage_collections_are_short_and_rare(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    *usual, _ = gc.get_threshold()
    monkeypatch.setattr(run, "Daemon", BriefDaemon)
    shown = io.StringIO()
    lines = LineWriter(shown)

    await run._serve(Settings(probes=()), lines)
    lines.close()

    assert BriefDaemon.spared > 1000
    assert BriefDaemon.thresholds == (*usual, 100)
    assert shown.getvalue() == "serving on http://127.0.0.1:1\n"
