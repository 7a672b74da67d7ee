"""Badges: small pictures in which whatever the words are, they stay words."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from starlette.testclient import TestClient

from monitor.export.badges import draw
from monitor.model.health import State
from monitor.model.maintenance import Ongoing
from monitor.model.snapshot import TargetView
from tests.fakes import START
from tests.unit.export.pictures import make_snapshot, make_view
from tests.unit.export.test_api import client

_HOSTILE = '<script>"&\x1b\u202e'


def title(answer: str) -> str:
    """What a reader aloud says; the picture is whole."""
    picture = ET.fromstring(answer)  # noqa: S314 - our own
    texts = [each.text for each in picture.iter() if each.tag.endswith("}text")]
    assert picture.attrib["aria-label"] == ": ".join(map(str, texts))
    return picture.attrib["aria-label"]


def ask(view: TargetView) -> TestClient:
    return client(make_snapshot(view))


@pytest.mark.parametrize("state", list(State))
def test_a_badge_tells_the_state(state: State) -> None:
    answer = ask(make_view(state=state)).get("/api/v1/badge/acme/large.svg")

    assert title(answer.text) == f"acme/large: {state}"
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == "max-age=30"


@pytest.mark.parametrize(
    ("ratio", "told"),
    [(0.99999, "30d 99.99 %"), (1.0, "30d 100.00 %"), (0.0, "30d 0.00 %"), (None, "30d unknown")],
)
def test_a_badge_tells_the_uptime_and_never_rounds_it_up(ratio: float | None, told: str) -> None:
    view = make_view()
    windows = dict(view.windows) | {"30d": replace(view.windows["30d"], uptime_ratio=ratio)}

    answer = ask(replace(view, windows=windows)).get("/api/v1/badge/acme%2Flarge.svg?show=uptime")

    assert title(answer.text) == f"acme/large: {told}"


def test_what_is_stale_or_worked_on_is_told_so() -> None:
    stale = replace(make_view(), is_stale=True)
    worked_on = replace(stale, maintenance=Ongoing(end_at=START))

    told = [
        title(ask(each).get("/api/v1/badge/acme/large.svg").text) for each in (stale, worked_on)
    ]

    assert told == ["acme/large: up (stale)", "acme/large: maintenance"]


@pytest.mark.parametrize("path", ["nobody/here.svg", ".svg", "acme/large"])
def test_a_badge_of_nobody_is_not_found(path: str) -> None:
    assert ask(make_view()).get(f"/api/v1/badge/{path}").status_code == 404


def test_a_badge_of_an_unknown_window_is_refused() -> None:
    answer = ask(make_view()).get("/api/v1/badge/acme/large.svg?show=uptime&window=1y")

    assert answer.status_code == 422


def test_hostile_words_are_inert_and_end() -> None:
    told = title(draw(_HOSTILE * 50, _HOSTILE))

    assert "\x1b" not in told
    assert "\u202e" not in told
    assert told.startswith('<script>"&??')
    assert len(told) < 80
