"""The pages while the store fails: every figure they had, and how old it is.

A real store of either kind; what is executed in it passes a gate.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from monitor.export.api import build_api
from monitor.export.pages import past as past_of_pages
from monitor.export.pages.asking import Chronicle
from monitor.export.pages.drawing import Sources
from monitor.export.pages.past import Past
from monitor.export.pages.serving import Pages
from monitor.model.health import State
from monitor.model.result import Result
from monitor.store.patience import Patience
from monitor.store.reader import Answers
from tests.fakes import START
from tests.unit.export.pages.scene import HTML
from tests.unit.export.pages.test_asking import Memory, story
from tests.unit.export.pictures import make_snapshot, make_view
from tests.unit.export.scene import KEY, ODD, Scene, change
from tests.unit.export.test_metrics import make_metrics
from tests.waiting import wait_until

WORDS = "Too many simultaneous queries. Maximum: 1000."
PATHS = ("/", f"/targets/{KEY}", f"/models/{KEY}")
VIEWERS = 50
PATIENT = Patience(fresh_seconds=15.0, retry_seconds=0.0, wait_seconds=60.0, newer_seconds=60.0)


class Viewed:
    """Pages over a store whose statements are counted, and fail when a test says so."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.statements = scene, 0
        scene.picture = make_snapshot(make_view(KEY, State.DOWN), make_view(ODD))
        self.failure: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        event.listen(scene.reader, "before_cursor_execute", self._pass)
        self.answers = Answers(scene.reader, scene.clock, PATIENT)
        chronicle = Chronicle("here", scene.clock, Memory(*story()))
        past = Past(self.answers, chronicle, lambda: (KEY, ODD))
        pages = Pages(Sources(snapshot=lambda: scene.picture, clock=scene.clock, past=past))
        api = build_api(
            snapshot=lambda: scene.picture,
            metrics=make_metrics(scene.picture),
            clock=scene.clock,
            pages=pages,
        )
        self.client = TestClient(api, headers=HTML)

    def _pass(self, *_: Any) -> None:
        self.statements += 1
        assert self.gate.wait(60.0)
        if self.failure:
            raise self.failure

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200
        return answer.text.replace("\u00a0", " ")

    def settle(self) -> None:
        wait_until(lambda: not self.answers._working)


@pytest.fixture
def viewed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[Viewed]:
    monkeypatch.setattr(past_of_pages, "_WAIT_SECONDS", 60.0)  # a busy machine may take its time
    _fill(scene)
    made = Viewed(scene)
    yield made
    made.settle()


def _fill(scene: Scene) -> None:
    runs: Sequence[Result] = story()
    scene.write(*runs[:22], change(runs[22], State.DOWN, runs[20].slot_at), *runs[23:])
    scene.fold()
    scene.clock.advance(7200.0)


def figures(page: str) -> Sequence[str]:
    """All that is told, but for instants and how long ago they were."""
    text = re.sub(
        r"(?s)<script.*?</script>|<footer.*?</footer>|<div id=\"notes\".*?</div>", "", page
    )
    text = re.sub(
        r"<time[^>]*>[^<]*</time>|data-v=\"\w*\"|[\d hdmins]+ so far|, [\d hdmins]+(?=</span>|;)",
        "",
        text,
    )
    drawn = re.findall(r'(?:data-days|aria-label| d)="[^"]*"', page)
    return [*drawn, *re.findall(r"[^<>\s][^<>]*", text)]


@pytest.mark.parametrize("path", PATHS)
def test_when_queries_fail_the_page_still_shows_every_figure_with_its_age(
    viewed: Viewed, path: str
) -> None:
    before = viewed.get(path)
    assert "given no newer answer" not in before
    viewed.failure = OperationalError("SELECT", {}, Exception(WORDS))
    viewed.scene.clock.advance(300.0)

    viewed.get(path)
    viewed.settle()
    after = viewed.get(path)

    assert viewed.answers.failures > 0
    assert figures(after) == figures(before)
    assert "History and incidents are 5 min old: the database has given no newer answer" in after
    assert "history 5 min old" in after
    assert WORDS not in after


def test_when_the_store_is_back_the_page_is_new(viewed: Viewed) -> None:
    viewed.get("/")
    viewed.failure = OperationalError("SELECT", {}, Exception(WORDS))
    viewed.scene.clock.advance(300.0)
    viewed.get("/")
    viewed.settle()
    viewed.failure = None

    viewed.get("/")
    viewed.settle()

    assert "given no newer answer" not in viewed.get("/")


@pytest.mark.parametrize("path", PATHS)
def test_the_first_look_after_a_quiet_spell_is_of_now_and_blames_nobody(
    viewed: Viewed, path: str
) -> None:
    viewed.get(path)
    viewed.scene.clock.advance(600.0)

    page = viewed.get(path)

    assert "History and incidents are" not in page
    assert "history 0 s old" in page


def test_a_store_that_hangs_is_waited_for_once(viewed: Viewed) -> None:
    before = viewed.get("/")
    viewed.answers._patience = replace(PATIENT, newer_seconds=0.05)
    viewed.gate.clear()
    viewed.scene.clock.advance(600.0)

    first = viewed.get("/")
    viewed.answers._patience = PATIENT
    again = viewed.get("/")  # else it would take a minute
    viewed.scene.clock.advance(10.0)
    blamed = viewed.get("/")
    viewed.gate.set()

    assert figures(first) == figures(again) == figures(before)
    assert "History and incidents are 10 min old: newer ones are on the way." in again
    assert "10 min old: the database has given no newer answer." in blamed


def test_however_many_look_the_store_is_asked_once(viewed: Viewed) -> None:
    with ThreadPoolExecutor(VIEWERS) as views:
        told = list(views.map(viewed.get, ["/"] * VIEWERS))

    assert len(set(told)) == 1
    assert viewed.answers.asked == 2  # the days of all targets, and the incidents
    assert viewed.statements < 30


def test_a_store_that_never_answers_holds_no_page_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_of_pages, "_WAIT_SECONDS", 0.01)
    viewed = Viewed(scene)
    viewed.failure = OperationalError("SELECT", {}, Exception(WORDS))

    for path in PATHS:
        page = viewed.get(path)
        assert ">90 %<" in page
        assert "The database has not answered yet" in page
    viewed.settle()


def test_the_page_tells_the_past(viewed: Viewed) -> None:
    fleet, target, model = (viewed.get(path) for path in PATHS)

    assert "75 % over 1 day with data, 1 incident" in fleet
    begun = START + timedelta(minutes=20)
    assert f">{begun:%H:%M}</time>" in fleet
    assert "First failing run" in fleet
    assert "Going on now" in fleet
    assert "has no capacity" in target
    assert target.count('class="t-') == 90
    assert "<code>overloaded</code>" in model
    assert '<rect class="b-bad"' in target
