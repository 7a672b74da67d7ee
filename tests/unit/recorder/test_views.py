"""Views are drawn as seldom as they may be, and not all in the same second."""

from datetime import timedelta

import pytest

from monitor.model.health import Health
from monitor.recorder.calendar import Calendar
from monitor.recorder.memory import TargetMemory
from monitor.recorder.views import VIEW_AGE_SECONDS, Views
from tests.factories import make_probe
from tests.fakes import START

TARGETS = 150
KEYS = tuple(f"acme/m{number:03}" for number in range(TARGETS))


class Scene:
    """Targets that are drawn each second."""

    def __init__(self) -> None:
        self.memories = {
            key: TargetMemory(probe=make_probe(key), health=Health(), spans=(), begun_at=START)
            for key in KEYS
        }
        self.views = Views(Calendar())
        self.last = self.views.draw(self.memories, KEYS, START)

    def drawn(self, second: float) -> list[str]:
        """Draw at a second; give the keys of the targets that were drawn anew."""
        views = self.views.draw(self.memories, KEYS, START + timedelta(seconds=second))
        known, self.last = set(map(id, self.last)), views
        return [view.target.key for view in views if id(view) not in known]


def test_targets_that_were_drawn_together_do_not_stay_together() -> None:
    scene = Scene()

    counts = [len(scene.drawn(second)) for second in range(1, 46)]

    assert max(counts) <= 3 * TARGETS / VIEW_AGE_SECONDS
    assert sum(counts[:15]) == sum(counts[15:30]) == sum(counts[30:]) == TARGETS


@pytest.mark.parametrize("second", [-3600, 3600], ids=["clock set back", "machine slept"])
def test_what_brings_them_together_again_does_not_keep_them_so(second: int) -> None:
    scene = Scene()
    assert len(scene.drawn(second)) == TARGETS

    counts = [len(scene.drawn(second + n)) for n in range(1, 31)]

    assert max(counts) <= 3 * TARGETS / VIEW_AGE_SECONDS


def test_only_what_moved_is_drawn_anew() -> None:
    scene = Scene()
    for second in range(1, 31):
        scene.drawn(second)
    due = scene.drawn(31)
    moved = next(key for key in KEYS if key not in due)

    scene.memories[moved].version += 1

    assert scene.drawn(31.5) == [moved]


def test_views_come_in_the_order_of_the_keys_and_gone_targets_are_let_go() -> None:
    scene = Scene()
    fewer = KEYS[10:0:-1]

    views = scene.views.draw(scene.memories, fewer, START)

    assert tuple(view.target.key for view in views) == fewer
    assert [id(view) for view in views] == [id(scene.last[KEYS.index(key)]) for key in fewer]
    assert len(scene.drawn(0)) == TARGETS - len(fewer)
