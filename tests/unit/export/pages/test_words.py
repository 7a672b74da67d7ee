"""Figures in words: never better than they are, and foreign words that do nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.export.pages import words
from monitor.model.health import State
from monitor.model.outcome import Outcome
from tests.hostile import HOSTILE

NOW = datetime(2026, 3, 2, 14, 3, tzinfo=UTC)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_every_character_of_foreign_words_is_one_that_is_seen(text: str) -> None:
    shown = words.visible(text)

    assert shown.isprintable()
    assert len(shown) <= 8 * 601
    shown.encode()


def test_what_was_replaced_is_named() -> None:
    assert words.visible("a\x00b\x7f") == "a␀b␡"
    assert words.visible("x\u202ey\u200b") == "x[U+202E]y[U+200B]"
    assert words.visible("a\u00a0b") == "a b"
    assert words.visible("שלום") == "שלום"


@pytest.mark.parametrize(
    ("ratio", "told"),
    [
        (1.0, "100 %"),
        (0.99999, "99.99 %"),
        (0.9, "90 %"),
        (0.0, "0 %"),
        (None, "–"),
        (0.29, "29 %"),
    ],
)
def test_a_share_is_never_rounded_up(ratio: float | None, told: str) -> None:
    assert words.percent(ratio).replace("\u00a0", " ") == told


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_words(outcome: Outcome) -> None:
    assert words.cause(outcome.value) == words.OUTCOMES[outcome]
    assert "_" not in words.OUTCOMES[outcome]


def test_every_state_has_words() -> None:
    assert words.STATES.keys() == set(State)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("flapping", "fails too often to be relied on"),
        ("slow", "is much slower than usual"),
        ("unreliable", "has failed often of late"),
        ("of_another\x1bversion", "of another␛version"),
        (None, ""),
    ],
)
def test_every_reason_is_told(reason: str | None, told: str) -> None:
    assert words.cause(reason) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-1, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3600, "1 h"),
        (86_400, "1 d"),
        (90_061, "1 d 1 h"),
    ],
)
def test_a_span_has_two_units_at_most(seconds: float, told: str) -> None:
    assert words.duration(seconds).replace("\u00a0", " ") == told


def test_an_instant_of_another_day_has_its_date() -> None:
    assert words.clock(NOW, NOW) == "14:03"
    assert words.clock(NOW - timedelta(days=3), NOW).replace("\u00a0", " ") == "27 Feb 14:03"
    assert words.ago(NOW - timedelta(seconds=12), NOW).replace("\u00a0", " ") == "12 s ago"
    assert words.moment(NOW) == "2026-03-02 14:03:00 UTC"


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "–"), (0.0, "$0"), (0.15, "$0.15"), (1234.5, "$1,234.50"), (2e-5, "$2e-05")],
)
def test_a_price_is_told(value: float | None, told: str) -> None:
    assert words.dollars(value) == told


def test_a_speed_is_a_whole_number() -> None:
    assert (words.speed(None), words.speed(1234.4)) == ("–", "1,234")


def test_a_large_number_is_told_short() -> None:
    assert [words.count(each) for each in (None, 5, 128_000, 1e6, 2.5e9)] == [
        "–",
        "5",
        "128k",
        "1M",
        "2.5G",
    ]
