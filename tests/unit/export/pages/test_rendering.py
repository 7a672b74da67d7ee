"""Templates: rows are drawn once, and nothing that anybody says does anything on a page."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest

from monitor.export.pages.rendering import Rows, Templates
from monitor.export.pages.rows import Row, row
from monitor.export.pages.strips import NO_PAST, Day, FleetPast, strip
from monitor.export.pages.words import ago
from monitor.model.outcome import Outcome
from monitor.model.snapshot import TargetView
from tests.factories import make_result
from tests.fakes import START
from tests.hostile import HOSTILE
from tests.unit.export.pages.scene import client
from tests.unit.export.pictures import LATER, make_snapshot, make_view

TEMPLATES = Templates()


class Drawing:
    """Rows whose drawing is counted."""

    def __init__(self) -> None:
        self.drawn: list[str] = []
        self.rows = Rows(TEMPLATES, self._tell)

    def _tell(self, view: TargetView, past: FleetPast, now: datetime) -> Row:
        self.drawn.append(view.target.key)
        return row(view, past, now)

    def draw(
        self, *views: TargetView, past: FleetPast = NO_PAST, now: datetime = LATER
    ) -> dict[str, str]:
        told = self.rows.draw(views, past, now, ago, lambda: None)
        return {key: str(text) for key, text in told.items()}


def test_a_row_is_drawn_again_only_if_something_moved() -> None:
    drawing, first, second = Drawing(), make_view("a/x"), make_view("b/x")

    drawing.draw(first, second)
    drawing.draw(first, second)
    drawing.draw(first, replace(second))
    past = FleetPast({"a/x": strip([Day(START, 1, 1)])}, {})
    drawing.draw(first, past=past)
    drawing.draw(first, past=FleetPast({"a/x": strip([Day(START, 1, 1)])}, {}))
    assert drawing.drawn == ["a/x", "b/x", "b/x", "a/x"]

    drawing.draw(first, past=past._replace(begins={"a/x": START}))
    assert drawing.drawn[4:] == ["a/x"]


def test_how_long_ago_moves_without_a_drawing() -> None:
    drawing, view = Drawing(), make_view("a/x")

    early = drawing.draw(view)["a/x"]
    late = drawing.draw(view, now=LATER + timedelta(minutes=5))["a/x"]

    assert drawing.drawn == ["a/x"]
    assert ">1\u00a0min ago<" in early
    assert ">6\u00a0min ago<" in late
    assert early.replace(">1\u00a0min", ">6\u00a0min") == late


def test_a_row_is_named_after_what_it_says() -> None:
    view = make_view("a/x")

    def name(told: TargetView) -> str:
        return Drawing().draw(told)["a/x"].partition('data-v="')[2].partition('"')[0]

    assert name(view) == name(replace(view)) != ""
    assert name(view) != name(replace(view, tokens_per_second=7.0))


class Page(HTMLParser):
    """What stands in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def hostile_view(text: str) -> TargetView:
    result = make_result(Outcome.OVERLOADED)
    result = replace(result, verdict=replace(result.verdict, message=text, provider_code=text))
    # A key cannot be hostile: the configuration refuses such names.
    view = make_view("odd/x", provider=text, model=text, region=text, group=f"a/{text}")
    health = replace(view.health, reason=text)
    return replace(view, last_result=result, health=health)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_words_are_inert_on_every_page(text: str) -> None:
    view = hostile_view(text[:2000])
    ask = client(make_snapshot(view))
    plain = client(make_snapshot(hostile_view("plain")))

    for path in ("/", "/targets/odd/x"):
        shown, calm = Page(ask.get(path).text), Page(plain.get(path).text)
        words = "".join(shown.words).replace("\n", "").replace("\u00a0", "")
        assert words.isprintable()
        assert shown.tags == calm.tags
        assert not any(name.startswith("on") or name == "style" for name, _ in shown.attributes)
        assert not any(
            (value or "").lower().startswith(("javascript:", "http"))
            for name, value in shown.attributes
            if name in ("href", "src")
        )


@pytest.mark.parametrize(
    "template", ["fleet.html", "model.html", "target.html", "problem.html", "row.html"]
)
def test_no_template_trusts_what_it_is_told(template: str) -> None:
    source, _, _ = TEMPLATES._jinja.loader.get_source(TEMPLATES._jinja, template)  # type: ignore[union-attr]

    assert "|safe" not in source.replace(" ", "")
    assert " style=" not in source
    assert "<style" not in source
    assert TEMPLATES._jinja.autoescape is True


def test_a_name_says_what_is_in_a_file() -> None:
    kinds = {file.media_type.partition(";")[0] for file in TEMPLATES.files.values()}

    assert all(re.fullmatch(r"\w+\.[0-9a-f]{12}\.\w+", name) for name in TEMPLATES.files)
    assert kinds == {"text/css", "text/javascript", "image/svg+xml"}
