"""A report in each format: whole, and inert whatever a provider said."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest
from rich.cells import cell_len

from monitor.app.report import Report
from monitor.cli.consoles import console
from monitor.cli.reports.shape import report_shape
from monitor.cli.reports.sheet import COLUMNS, spreadsheet
from monitor.cli.reports.terminal import terminal
from monitor.cli.reports.text import document, page
from tests.hostile import COMMANDS, HOSTILE
from tests.reports import empty_report, make_report

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
    assert printed(empty_report()).count("None.") == 5
    assert document(empty_report()).count("None.") == 5
    assert page(empty_report()).count("<p>None.</p>") == 5


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
    assert widths == {5, 8, 9, 10, 11}
    assert "<" not in text.replace("<br>", "")
    assert not COMMANDS.search(text)


@hostile
def test_json_holds_the_words_as_they_came_and_commands_nobody(words: str) -> None:
    text = json.dumps(report_shape(make_report(words)))

    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text)["targets"][0]["incidents"][0]["message"] == words
