"""A report in each format: whole, and inert whatever a provider said."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from rich.cells import cell_len

from monitor.app.report import Report, Wanted
from monitor.cli.consoles import console
from monitor.cli.reports.meanings import meaning
from monitor.cli.reports.shape import report_shape
from monitor.cli.reports.sheet import COLUMNS, spreadsheet
from monitor.cli.reports.terminal import terminal
from monitor.cli.reports.text import document, page
from monitor.model.outcome import Fault, Outcome, fault_of
from tests.hostile import COMMANDS, HOSTILE
from tests.reports import BEGIN, END, empty_report, make_report

hostile = pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())


def printed(report: Report, width: int = 80) -> str:
    file = io.StringIO()
    console(file, width=width).print(terminal(report))
    return file.getvalue()


def rows(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(spreadsheet(report), newline="")))


class Tags(HTMLParser):
    """Which elements and attributes a page has, and what it says."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Tags:
    tags = Tags()
    tags.feed(html)
    return tags


PLAIN = read(page(make_report()))


@pytest.mark.parametrize("width", [50, 80, 120, 160])
def test_a_terminal_of_any_width_shows_all_figures(width: int) -> None:
    text = printed(make_report("acme/large"), width)

    assert max(map(cell_len, text.splitlines())) <= width
    for figure in ("90%", "74.37% – 96.54%", "83.333%", "27 / 30", " ms", "20m 0s", "req-2"):
        assert figure in text


def test_the_method_says_what_was_left_out_and_why() -> None:
    text = " ".join(printed(make_report(), 160).split())

    assert "every 60 s from here: 31 scheduled runs, of which 30 count" in text
    assert "left out (1 runs: 1 rate_limited)" in text
    assert "Wilson" in text


def test_vantages_are_told_apart_where_there_are_several() -> None:
    text = printed(make_report("acme/large", vantages=("here", "there")), 160)

    assert "acme/large from here" in text
    assert "acme/large from there" in text
    assert "seen from here, there" in text


def test_nothing_is_said_to_be_none() -> None:
    assert printed(empty_report()).count("None.") == 4
    assert document(empty_report()).count("None.") == 4
    assert page(empty_report()).count("<p>None.</p>") == 4


@hostile
def test_a_terminal_is_not_commanded(words: str) -> None:
    text = printed(make_report(words))

    assert not COMMANDS.search(text)
    assert len(text) < 100_000


@hostile
def test_a_spreadsheet_reckons_nothing_and_has_its_columns(words: str) -> None:
    told = rows(make_report(words))

    assert [each["row"] for each in told] == ["target", "incident", "group"]
    for row in told:
        assert row.keys() == set(COLUMNS)
        assert not any(re.match(r"\s*[=+\-@|%]", value) for value in row.values())
        assert not COMMANDS.search("".join(row.values()))


def test_a_spreadsheet_follows_rfc_4180() -> None:
    text = spreadsheet(make_report('a "quoted", word'))

    assert text.count("\r\n") == text.count("\n") == 4
    assert '"a ""quoted"", word"' in text


def test_a_spreadsheet_has_every_digit() -> None:
    target, incident, group = rows(make_report("acme/large"))

    assert float(target["uptime_ratio"]) == float(group["uptime_ratio"]) == 0.9
    assert (target["good"], target["valid"], target["excluded"]) == ("27", "30", "1")
    assert float(target["ttft_median_seconds"]) == pytest.approx(0.25, rel=0.01)
    assert incident["duration_seconds"] == "1200.0"
    assert incident["request_ids"] == "acme/large req-2"
    assert incident["uptime_ratio"] == ""


@hostile
def test_a_page_has_no_element_and_no_attribute_of_a_stranger(words: str) -> None:
    tags = read(page(make_report(words)))

    assert tags.elements == PLAIN.elements
    assert tags.attributes == PLAIN.attributes
    assert not COMMANDS.search(tags.text)


def test_a_page_needs_nothing_else() -> None:
    html = page(make_report())

    assert "default-src 'none'" in html
    assert not PLAIN.elements & {"script", "link", "img", "iframe"}
    assert not re.search(r"(src|href)=|url\(|@import", html)


@hostile
def test_markdown_keeps_its_tables(words: str) -> None:
    text = document(make_report(words))

    tables = [line for line in text.splitlines() if line.startswith("| ")]
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in tables}
    assert widths == {6, 9, 10, 11}
    assert "<" not in text.replace("<br>", "")
    assert not COMMANDS.search(text)


@hostile
def test_json_holds_the_words_as_they_came_and_commands_nobody(words: str) -> None:
    text = json.dumps(report_shape(make_report(words)))

    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text)["targets"][0]["incidents"][0]["message"] == words


def asked_for(**given: str) -> Report:
    """A report of two providers, made because of that."""
    made = make_report("acme")
    (told,) = made.targets
    other = replace(told, labels=replace(told.labels, provider="zeta"))
    wanted = Wanted(begin_at=BEGIN, end_at=END, **given)
    return replace(made, wanted=wanted, targets=(told, other))


@pytest.mark.parametrize(
    ("given", "title"),
    [
        pytest.param({}, "acme, zeta", id="all"),
        pytest.param({"target": "acme/large"}, "acme/large", id="a target"),
        pytest.param({"group": "sim/large"}, "sim/large by acme, zeta", id="a group"),
        pytest.param({"provider": "acme"}, "acme", id="a provider"),
        pytest.param(
            {"provider": "acme", "group": "sim/large"}, "sim/large by acme", id="both of them"
        ),
    ],
)
def test_the_title_names_whom_it_is_about(given: dict[str, str], title: str) -> None:
    assert printed(asked_for(**given), 160).splitlines()[0] == f"Service levels of {title}"


def test_many_providers_are_counted_and_none_are_not_named() -> None:
    made = make_report("acme")
    labels = [replace(made.targets[0].labels, provider=f"p{number}") for number in range(7)]
    many = tuple(replace(made.targets[0], labels=each) for each in labels)
    wanted = Wanted(begin_at=BEGIN, end_at=END)

    seven = printed(replace(made, wanted=wanted, targets=many), 160)
    none = printed(replace(empty_report(), wanted=wanted), 160)

    assert seven.splitlines()[0] == "Service levels of 7 providers"
    assert none.splitlines()[0] == "Service levels"


def test_what_is_told_of_is_said_where_it_is_not_what_was_asked_for() -> None:
    made = make_report("acme")
    wanted = replace(made.wanted, begin_at=BEGIN + timedelta(minutes=5))

    told = printed(replace(made, wanted=wanted), 160)

    assert "Asked for was 2026-03-01 12:05:00 to 2026-03-01 14:00:00 UTC: told is of" in told
    assert "Asked for" not in printed(made, 160)


def test_since_when_there_was_any_probing_is_told_where_that_is_later() -> None:
    made = make_report("acme")
    late = replace(made.targets[0], since_at=BEGIN + timedelta(minutes=19))

    told = printed(replace(made, targets=(late,)), 160)
    early = printed(replace(made, targets=(late, *made.targets)), 160)

    assert "Probing began at 2026-03-01 12:19:00 UTC: of the time before nothing is known." in told
    assert "Probing began" not in early


def test_an_incident_counts_its_failing_runs_by_outcome() -> None:
    made = make_report("acme/large")
    counts = {"overloaded": 3, "unreachable": 1}

    assert "failing runs: 3 overloaded, 1 unreachable" in printed(made)
    assert "3 overloaded, 1 unreachable" in document(made)
    assert rows(made)[1]["failing_runs"] == "3 overloaded, 1 unreachable"
    assert report_shape(made)["targets"][0]["incidents"][0]["failing_runs"] == counts


def test_a_failure_says_what_it_means_and_whether_it_counts() -> None:
    told = " ".join(printed(make_report("acme/large"), 160).split())

    assert "overloaded out of capacity, whatever the status test 3" in told
    assert "rate_limited above our own rate limit (not counted) test 1" in told


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_a_meaning_and_ours_do_not_count(outcome: Outcome) -> None:
    is_ours = fault_of(outcome, http_status=500) not in (Fault.NONE, Fault.PROVIDER)

    assert meaning(outcome, "test").endswith("(not counted)") is is_ours


def test_groups_of_one_target_each_are_not_told_twice() -> None:
    made = make_report("acme/large")
    alone = replace(made, groups=tuple(replace(each, targets=1) for each in made.groups))

    assert "\nGroups\n" in printed(made)
    assert "\nGroups\n" not in printed(alone)
    assert [each["row"] for each in rows(alone)] == ["target", "incident", "group"]


@pytest.mark.parametrize("width", [50, 160])
def test_no_line_ends_in_spaces(width: int) -> None:
    lines = printed(make_report("acme/large"), width).splitlines()

    assert [line for line in lines if line != line.rstrip()] == []
    assert "" in lines
