import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli.inert import cell, inert, markdown
from tests.hostile import COMMANDS, HOSTILE


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_words_neither_command_nor_turn_nor_flood(words: str) -> None:
    shown = inert(words)

    assert not COMMANDS.search(shown)
    assert "\n" not in shown
    assert len(shown) <= 2000


@given(st.text(), st.integers(1, 50))
def test_whatever_it_is_it_can_be_seen_and_ends(words: str, limit: int) -> None:
    shown = inert(words, limit)

    assert len(shown) <= limit
    assert all(unicodedata.category(each)[0] != "C" for each in shown)
    shown.encode()


def test_plain_words_stay_as_they_are() -> None:
    assert inert("Überlastet: 过载, état 503") == "Überlastet: 过载, état 503"


def test_what_is_cut_says_so() -> None:
    assert inert("x" * 30, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    "words",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "'=1", '"=1', "|cmd", "%1", "＝1"],
)
def test_no_cell_begins_like_a_formula(words: str) -> None:
    assert str(cell(words)).startswith("'")


@pytest.mark.parametrize("value", [0, 1.5, -2.5])
def test_a_number_in_a_cell_stays_a_number(value: float) -> None:
    assert cell(value) is value


def test_a_truth_in_a_cell_is_a_word() -> None:
    assert cell(True) == "True"


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_markdown_sees_no_table_no_link_and_no_tag(words: str) -> None:
    written = markdown(words)

    assert "<" not in written
    for mark in "|`[]!":
        assert written.count(mark) == written.count(f"\\{mark}")
