"""The pages in a real browser: live, without scripts, narrow, dark, by the keyboard, for all."""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import Browser, Page, open_browser
from tests.e2e.servers import require_package, require_tools
from tests.e2e.shown import AMBER, HOSTILE, PAGES, PLANTED, Shown, shown_fleet
from tests.e2e.venvs import cached_npm
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e

#: Opens a page at a path; at the end nothing may have been complained of, nor asked elsewhere.
Visit = Callable[..., AbstractContextManager[Page]]

OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"
#: What the keyboard must reach, in the order in which it stands there.
REACHED = """[...document.querySelectorAll('a[href], summary, [tabindex="0"]')]
    .filter(each => each.checkVisibility())"""
#: Which of them has the focus, and how wide its outline is, in pixels.
WHERE = f"""(() => {{
    const at = document.activeElement, style = getComputedStyle(at);
    const width = style.outlineStyle == 'none' ? 0 : parseFloat(style.outlineWidth);
    return [{REACHED}.indexOf(at), width];
}})()"""
#: What figures are shown: all cells, but how long ago, which moves by itself.
FIGURES = """[...document.querySelectorAll('main td, main th, .counts li, .headline h1, .facts dd')]
    .filter(each => !each.querySelector('time') && each.checkVisibility())
    .map(each => each.textContent.trim())"""
AXE = "axe-core@4.14.1"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    with shown_fleet(tmp_path_factory.mktemp("shown")) as shown:
        yield shown


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    program = require_package("chromium")
    with open_browser(program, tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture
def visit(fleet: Shown, browser: Browser) -> Visit:
    return partial(visited, fleet, browser)


@contextmanager
def visited(fleet: Shown, browser: Browser, path: str, **wishes: Any) -> Iterator[Page]:
    with browser.page(**wishes) as page:
        page.go(fleet.url(path))
        yield page
        assert page.complaints == []
        assert [each for each in page.asked if not each.startswith(fleet.url("/"))] == []


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (PAGES["fleet"], ("1 of 3 targets down since", "Going on now", HOSTILE)),
        (PAGES["model"], ("2 of 3 targets working", "$0.60", "Route by it")),
        (PAGES["target"], ("down", "evil.example", "server_error", "probed every")),
    ],
    ids=PAGES,
)
def test_a_page_is_painted_with_its_figures_and_asks_nobody_else(
    visit: Visit, path: str, words: tuple[str, ...]
) -> None:
    with visit(path) as page:
        page.until("performance.getEntriesByName('first-contentful-paint').length")
        page.tell(OPEN_ALL)
        shown = page.tell("document.body.innerText")

        assert [each for each in words if each not in shown] == []
        assert PLANTED not in page.tell("document.documentElement.outerHTML")
        assert page.tell("document.querySelectorAll('main script, main img').length") == 0


def test_what_the_policy_forbids_is_neither_run_nor_asked_for_and_is_noticed(
    fleet: Shown, browser: Browser
) -> None:
    with browser.page() as page:
        page.go(fleet.url("/"))
        page.tell("""(() => {
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.head.append(script);
            const image = new Image();
            image.src = 'http://192.0.2.1/seen.png';
            document.body.append(image);
        })()""")

        assert page.tell("window.ran") is None
        page.until("document.images[0].complete")
        assert any("script-src" in each for each in page.complaints)
        assert any("img-src" in each for each in page.complaints)


def test_an_outage_shows_within_5_seconds_and_neither_reloads_nor_moves_the_focus(
    visit: Visit, fleet: Shown
) -> None:
    row = f"document.querySelector('[data-target=\"{AMBER}\"]')"
    with visit("/") as page:
        page.tell(f"window.row = {row}; row.querySelector('a').focus()")
        before = page.tell("document.activeElement.id")
        fleet.fail("amber")
        try:
            page.until(f"{row}.dataset.state != 'up'", seconds=5)
            page.until(f"{row}.dataset.state == 'down'")

            assert "has no capacity" in page.tell(f"{row}.innerText")
            assert page.tell("window.row.isConnected") is False
            assert page.tell("document.activeElement.id") == before != ""
            assert page.loads == 1
        finally:
            fleet.heal("amber")
        page.until(f"!['down', 'degraded'].includes({row}.dataset.state)")


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_without_scripts_every_figure_is_there(visit: Visit, path: str, fleet: Shown) -> None:
    with visit(path) as live, visit(path, has_script=False) as plain:

        def show_the_same() -> bool:
            for page in (live, plain):
                page.go(fleet.url(path))
            figures = live.tell(FIGURES)
            return len(figures) > 10 and figures == plain.tell(FIGURES)

        wait_until(show_the_same)
        assert plain.tell("window.EventSource && document.body.dataset.updated") is None
        assert plain.tell("document.querySelectorAll('meta[http-equiv=refresh]').length") == 1


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_on_a_phone_and_on_a_desk_nothing_is_wider_than_the_window(visit: Visit, path: str) -> None:
    with visit(path) as page:
        for width, prepare in itertools.product((360, 1440), ("0", OPEN_ALL)):
            page.resize(width, 900)
            page.tell(prepare)

            assert page.tell("innerWidth") == width
            assert page.tell("document.documentElement.scrollWidth <= innerWidth")


def test_it_is_light_or_dark_as_whoever_looks_wants_it(visit: Visit) -> None:
    with visit("/") as page:
        for is_dark in (False, True):
            page.dress(is_dark=is_dark)
            paper = page.tell("getComputedStyle(document.body).backgroundColor")
            ink = page.tell("getComputedStyle(document.body).color")

            assert (brightness(ink) > brightness(paper)) is is_dark


def brightness(colour: str) -> int:
    """Add up the parts of `rgb(1, 2, 3)`."""
    return sum(map(int, re.findall(r"\d+", colour)))


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(
    visit: Visit, path: str
) -> None:
    with visit(path) as page:
        outlines: list[float] = []

        def walk() -> bool:
            page.tell("document.activeElement.blur()")
            count = page.tell(f"{REACHED}.length")
            seen = []
            outlines.clear()
            for _ in range(count):
                page.press("Tab")
                place, outline = page.tell(WHERE)
                seen.append(place)
                outlines.append(outline)
            # What is shown may change on the way; then it is walked again.
            return seen == list(range(count)) and page.tell(f"{REACHED}.length") == count

        wait_until(walk)
        assert len(outlines) > 10
        assert min(outlines) >= 2


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_the_days_of_a_strip_are_walked_by_arrow_keys(visit: Visit, path: str) -> None:
    told = "document.getElementById('tip').textContent"
    with visit(path) as page:
        strip = f"document.querySelector('[data-target=\"{HOSTILE}\"] .strip, .strip.big')"
        page.tell(f"{strip}.focus()")
        page.press("ArrowRight")  # the strip is at its last day
        today = page.tell(told)
        page.press("ArrowLeft")
        page.press("ArrowLeft")  # two days, for one may end meanwhile

        assert "uptime 0 %" in today
        assert "no data" in page.tell(told)
        assert page.tell(f"{strip}.getAttribute('aria-valuetext')").endswith("no data")
        page.press("Escape")
        assert page.tell("document.getElementById('tip').hidden")


@pytest.fixture(scope="module")
def axe() -> str:
    """The text of axe-core, which judges how a page is for those who see or move otherwise."""
    require_tools("npm")
    return Path(cached_npm(AXE).parent, "axe-core/axe.min.js").read_text()


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_axe_finds_nothing_serious(visit: Visit, axe: str, path: str) -> None:
    with visit(path) as page:
        page.tell(OPEN_ALL)
        page.tell(axe)
        light = judged(page, {})
        page.dress(is_dark=True)
        dark = judged(page, {"runOnly": ["color-contrast"]})

    assert {"color-contrast", "link-name", "aria-allowed-attr"} <= set(light["passes"])
    assert dark["passes"] == ["color-contrast"]
    assert light["serious"] == dark["serious"] == []


def judged(page: Page, options: dict[str, Any]) -> dict[str, Any]:
    """What axe-core says: the rules that are kept, and what breaks another one seriously."""
    told = page.tell(f"""axe.run({json.dumps(options)}).then(({{passes, violations}}) => ({{
        passes: passes.map(each => each.id),
        serious: violations.filter(each => ['serious', 'critical'].includes(each.impact))
            .flatMap(each => each.nodes.map(node => `${{each.id}}: ${{node.html.slice(0, 200)}}`)),
    }}))""")
    found: dict[str, Any] = told
    return found
