"""The routes of the pages: headers, who gets a page and who gets a problem, live or not."""

import gzip
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.export.pages.replies import POLICY
from monitor.model.configuration import Configuration
from monitor.model.health import State
from monitor.model.maintenance import Ongoing
from monitor.model.routing import GroupRouting, Routing
from monitor.model.snapshot import Snapshot
from tests.fakes import START, FakeClock
from tests.unit.export.pages.scene import HTML, client
from tests.unit.export.pictures import LATER, full_snapshot, make_snapshot, make_view
from tests.unit.export.routed import candidate

REPOSITORY = Path(__file__).parents[4]
PATHS = ("/", "/models/acme/large", "/targets/acme/large")


def fleet() -> Snapshot:
    return make_snapshot(make_view(), make_view("acme/large@eu:1", State.DOWN), make_view("b/x"))


@pytest.mark.parametrize("path", PATHS)
def test_a_page_asks_nobody_else_and_runs_nothing_of_its_own(path: str) -> None:
    answer = client(fleet()).get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    page = answer.text
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", page)
    assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son\w+=", page)
    assert '<noscript><meta http-equiv="refresh"' in page


@pytest.mark.parametrize("path", PATHS)
def test_a_page_that_is_known_is_not_sent_again(path: str) -> None:
    ask = client(fleet())

    first = ask.get(path)
    again = ask.get(path, headers={"if-none-match": f'"other", {first.headers["etag"]}'})

    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert ask.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_a_page_is_packed_for_who_can_unpack_it() -> None:
    ask = client(fleet())

    with ask.stream("GET", "/", headers={"accept-encoding": "gzip"}) as packed:
        body = b"".join(packed.iter_raw())
    plain = ask.get("/", headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == plain.content
    assert "content-encoding" not in plain.headers
    assert "accept-encoding" in plain.headers["vary"]


def test_the_files_of_a_page_may_be_kept_for_good() -> None:
    ask = client(fleet())
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', ask.get("/").text)

    assert len(files) == 3
    for path in files:
        answer = ask.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert not re.search(rb"url\(|@import|https?://(?!www\.w3\.org)", answer.content)
    assert ask.get("/static/pages.css").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/targets/acme/large",
        "/targets/acme%2Flarge",
        "/targets/acme/large@eu:1",
        "/targets/acme%2Flarge%40eu%3A1",
        "/models/acme/large",
    ],
)
def test_a_key_may_be_written_as_it_is_or_encoded(path: str) -> None:
    assert client(fleet()).get(path).status_code == 200


def test_the_oddest_key_is_linked_to_its_page() -> None:
    ask = client(full_snapshot())
    links = re.findall(r'href="(/targets/[^"]+)"', ask.get("/").text)

    assert len(links) == 2
    assert [ask.get(link).status_code for link in links] == [200, 200]


@pytest.mark.parametrize("path", ["/nowhere", "/targets/no/one", "/models/no/one", "/static/x"])
def test_who_looks_gets_a_page_for_what_is_not_there(path: str) -> None:
    ask = client(fleet())

    page = ask.get(path)
    problem = ask.get(path, headers={"accept": "application/json"})

    assert (page.status_code, problem.status_code) == (404, 404)
    assert page.headers["content-security-policy"] == POLICY
    assert "<h1>Not Found</h1>" in page.text
    assert problem.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/v1/targets/no/one", "/api/v1/nothing"])
def test_a_program_gets_a_problem_whoever_it_says_it_is(path: str) -> None:
    answer = client(fleet()).get(path, headers=HTML)

    assert answer.headers["content-type"] == "application/problem+json"


def test_a_fault_of_our_own_is_a_page_that_says_nothing_of_itself() -> None:
    def broken(_: str) -> None:
        raise RuntimeError("sk-planted-key-123456")

    ask = client(fleet(), lately=broken)

    page = ask.get("/models/acme/large")
    problem = ask.get("/models/acme/large", headers={"accept": "*/*"})

    assert (page.status_code, problem.status_code) == (500, 500)
    assert "a fault of the monitor" in page.text
    assert problem.headers["content-type"] == "application/problem+json"
    assert "planted" not in page.text + problem.text


def test_the_page_is_drawn_once_for_all_who_look() -> None:
    clock = FakeClock(at=LATER)
    ask = client(fleet(), clock)

    first = ask.get("/").headers["etag"]
    clock.advance(4.0)
    second = ask.get("/").headers["etag"]
    clock.advance(1.0)
    third = ask.get("/").headers["etag"]

    assert first == second != third


@pytest.mark.parametrize("path", PATHS)
def test_every_page_says_when_the_fleet_is_simulated(path: str) -> None:
    for is_simulated in (True, False):
        told = client(make_snapshot(make_view(), is_simulated=is_simulated)).get(path).text
        assert ("Simulated fleet" in told) is is_simulated


def test_without_a_store_every_figure_of_now_is_there_and_the_rest_is_not_known() -> None:
    page = client(fleet()).get("/").text.replace("\u00a0", " ")

    assert ">90 %<" in page
    assert ">250 ms<" in page
    assert "The database has not answered yet" in page
    assert "None, as far as is known" not in page


def test_what_is_down_goes_on_now_though_no_store_tells_of_it() -> None:
    view = make_view(state=State.DOWN)
    view = replace(view, health=replace(view.health, reason="timeout"))

    ask = client(make_snapshot(view, make_view("b/x")))

    for path in PATHS:
        page = ask.get(path).text
        assert "does not answer in time; now: has no capacity" in page
        assert "30\u00a0min so far" in page
        assert "Last failing run" in page
    assert "Not known: the database has not answered yet" in ask.get("/targets/b/x").text


@pytest.mark.parametrize("path", PATHS)
def test_planned_work_shows_wherever_the_target_does_also_while_it_is_down(path: str) -> None:
    work = Ongoing(end_at=LATER + timedelta(hours=1), reason="GPU <driver> update")
    view = replace(make_view(state=State.DOWN), maintenance=work)

    page = client(make_snapshot(view)).get(path).text

    assert "maintenance until 13:30 UTC: GPU &lt;driver&gt; update" in page


@pytest.mark.parametrize("path", PATHS)
def test_every_page_says_that_the_newest_configuration_was_refused(path: str) -> None:
    status = Configuration(read_at=START)
    ask = client(fleet(), configuration=lambda: status)

    good = ask.get(path).text
    status = replace(status, problems=("line 3: what?",))
    bad = ask.get(path).text

    assert "refused" not in good
    assert "refused; the one of 12:00 UTC holds. line 3: what?</p>" in bad


def test_a_blocked_target_stands_under_going_on_now() -> None:
    views = [make_view(f"a/{name}", State.BLOCKED) for name in "xy"]
    alone = make_view("b/x", State.BLOCKED)

    page = client(make_snapshot(*views, alone)).get("/").text

    section = page.partition('id="open-incidents"')[2].partition("</section>")[0]
    assert "Going on now" in section
    assert "a: 2 targets" in section
    assert "blocked: refuses our account" in section
    assert section.count('<li class="outage barred"') == 2
    assert all(f'href="/targets/{each}"' in section for each in ("a/x", "a/y", "b/x"))
    assert "Going on now" not in client(make_snapshot(make_view())).get("/").text


def test_a_heading_that_would_repeat_its_row_is_left_out() -> None:
    page = client(fleet()).get("/").text

    assert 'href="/models/acme/large"' in page
    assert 'href="/models/b/x"' not in page
    assert page.count('data-group="') == 2


def test_a_model_names_where_it_stands_how_routers_are_set_up() -> None:
    routing = Routing(seq=1, heartbeat_at=START, groups=())

    page = client(fleet(), routing=lambda: routing).get("/models/acme/large").text

    named = re.findall(r">(docs/routing/[\w.]+)<", page)
    assert len(named) == 5
    assert all((REPOSITORY / each).is_file() for each in named)
    assert page.count('<a href="/api/docs">API</a>') == 3  # the foot has it, too


def test_a_model_shows_the_weights_that_are_published() -> None:
    given = (candidate("acme/large", 0.75), candidate("acme/large@eu:1", 0.25))
    group = GroupRouting(group="acme/large", is_panic=True, candidates=given)
    routing = Routing(seq=1, heartbeat_at=START, groups=(group,))
    ask = client(fleet(), routing=lambda: routing)

    page = ask.get("/models/acme/large").text

    assert page.index("0.75") < page.index("0.25")
    assert 'width="75.0"' in page
    assert "No target of this model can be routed to" in page
    assert ">0.75 (panic: no target of the group works" in ask.get("/targets/acme/large").text


def test_state_is_told_by_word_and_shape() -> None:
    views = [make_view(f"a/{state}", state) for state in State]

    page = client(make_snapshot(*views)).get("/").text

    for state in State:
        assert f'<use href="#s-{state}"/></svg>{state}</span>' in page
        assert f'<symbol id="s-{state}"' in page


def test_nobody_can_follow_where_nothing_tells_of_changes() -> None:
    assert client(fleet()).get("/live").status_code == 404
