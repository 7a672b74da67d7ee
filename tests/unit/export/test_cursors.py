"""Cursors lead back to where they were given out, and nothing else is one."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.export.cursors import cursor_of, cursor_of_id, read_id, read_place
from monitor.export.problems import UnusableError
from monitor.model.target import Kind
from monitor.store.pages import Place
from tests.fakes import START


def test_without_a_cursor_there_is_no_place() -> None:
    assert read_place(None) is None
    assert read_id(None) is None


@given(st.integers(0, 10**15), st.sampled_from(Kind), st.integers(0, 9))
def test_a_cursor_leads_back(microseconds: int, kind: Kind, confirm: int) -> None:
    place = Place(START + timedelta(microseconds=microseconds), kind, confirm)

    assert read_place(cursor_of(place)) == place


@given(st.integers(1, 2**63 - 1))
def test_a_cursor_of_incidents_leads_back(number: int) -> None:
    assert read_id(cursor_of_id(number)) == number


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("", id="empty"),
        pytest.param("!!", id="no base64"),
        pytest.param("é", id="no ASCII"),
        pytest.param("_w", id="no UTF-8"),
        pytest.param("bnVsbA", id="null"),
        pytest.param("W10", id="nothing"),
        pytest.param("WyJ4IiwgInkiLCAwXQ", id="no instant"),
        pytest.param("W0luZmluaXR5XQ", id="no number"),
        pytest.param("Wy0xXQ", id="negative"),
        pytest.param(cursor_of(Place(START, "ping", 0)), id="no kind"),
        pytest.param(cursor_of(Place(START, "completion", 2**40)), id="no such confirm run"),
        pytest.param(cursor_of_id(2**63), id="too large"),
    ],
)
def test_what_was_not_given_out_is_refused(cursor: str) -> None:
    for read in (read_place, read_id):
        with pytest.raises(UnusableError, match="none that was given out"):
            read(cursor)


@given(st.text(max_size=60))
def test_whatever_is_sent_is_read_or_refused(cursor: str) -> None:
    for read in (read_place, read_id):
        try:
            read(cursor)
        except UnusableError as error:
            assert error.parameter == "cursor"  # noqa: PT017 - any other error fails the test
