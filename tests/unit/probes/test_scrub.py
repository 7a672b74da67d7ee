"""Excerpts without secrets, addresses and identifiers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model.target import Secret
from monitor.probes.scrub import MAX_EXCERPT, clip, scrub


@pytest.mark.parametrize(
    ("text", "excerpt"),
    [
        (
            "The model `gpt-4o-mini-2024-07-18` is busy.",
            "The model `gpt-4o-mini-2024-07-18` is busy.",
        ),
        ("Rate limit is 50 per 86400s", "Rate limit is 50 per 86400s"),
        ("key sk-proj-abcd1234 is bad", "key *** is bad"),
        ("key sk-test***wxyz is bad", "key *** is bad"),
        ("gsk_abcdef123456, AIzaSyA1234567890", "***, ***"),
        ("AKIAABCDEFGHIJKLMNOP", "***"),
        ("eyJhbGciOiJI.eyJzdWIiOi.c2ln", "***"),
        ("Authorization: Bearer abcd1234efgh", "Authorization: Bearer ***"),
        ("Bearer authentication is needed", "Bearer authentication is needed"),
        ('api_key="hunter2hunter"', 'api_key="***"'),
        ("Your api key: ****abcd is invalid", "Your api key: *** is invalid"),
        ("write to ops.team@mail.example.org now", "write to *** now"),
        ("https://user:pass@host.example/path?key=1#x gone", "https://host.example/path gone"),
        ("see https://docs.example/errors.", "see https://docs.example/errors."),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id ***"),
        ("trace 0af7651916cd43dd8448eb211c80319c", "trace ***"),
        ("account 123456789012 from 10.1.2.3", "account *** from ***"),
        ("request req_011CabcdEFGH1234", "request req_***"),
        ("organization org-AbC123456789", "organization org-***"),
        ("request_too_large stays", "request_too_large stays"),
        ("blob QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0MjQy==", "blob ***"),
        ("GenerateRequestsPerMinutePerProject stays", "GenerateRequestsPerMinutePerProject stays"),
        ("a\x00b\x1b[31mred\x1b[0m\u202ec\r\n\td", "a bred c d"),
        ("Error: no\n    at run (app.js:1:2)\n    at x", "Error: no"),
        ("no at bt (cli.js:74653:11) at a0", "no"),
        ("bad\nTraceback (most recent call last):\n  File", "bad"),
        ("bad. Stack trace:\n0. x", "bad."),
        ("open at noon (local time)", "open at noon (local time)"),
        ("", ""),
    ],
)
def test_an_excerpt_keeps_the_sentence_only(text: str, excerpt: str) -> None:
    assert scrub(text) == excerpt


@pytest.mark.parametrize(
    "echo",
    [
        "the key plain-secret is wrong",
        "header 'Bearer plain-secret' is wrong",
        "x=plain-secret&y",
        "xplain-secrety",
        "https://h.example/plain-secret/models",
    ],
)
def test_a_known_secret_is_masked_wherever_it_stands(echo: str) -> None:
    excerpt = scrub(echo, secrets=(Secret("Bearer plain-secret"),))

    assert "plain-secret" not in excerpt
    assert "***" in excerpt


def test_a_secret_is_masked_in_its_encoded_form_too() -> None:
    assert scrub("token a%2Fb%3Dc gone", secrets=(Secret("a/b=c"),)) == "token *** gone"


def test_a_blank_secret_masks_nothing() -> None:
    assert scrub("words", secrets=(Secret(""), Secret("  "))) == "words"


def test_a_long_text_is_cut_with_a_mark() -> None:
    excerpt = scrub("word " * 200)

    assert len(excerpt.encode()) <= MAX_EXCERPT
    assert excerpt.endswith("…")


def test_the_limit_can_be_lower() -> None:
    assert scrub("abcdefgh", limit=7) == "abcd…"


@pytest.mark.parametrize("before", range(3))
def test_the_cut_counts_bytes_and_halves_no_character(before: int) -> None:
    excerpt = scrub("x" * before + "模型繁忙" * 100)

    assert MAX_EXCERPT - 3 < len(excerpt.encode()) <= MAX_EXCERPT
    assert set(excerpt) <= set("x模型繁忙…")


def test_what_is_as_long_as_the_limit_stays_whole() -> None:
    text = "w " * (MAX_EXCERPT // 2 - 1) + "ww"

    assert scrub(text) == text


def test_half_a_surrogate_pair_is_left_out() -> None:
    assert scrub("busy \ud83d now") == "busy now"


@given(st.integers(min_value=3900, max_value=4100))
def test_no_half_of_a_secret_survives_the_cut(before: int) -> None:
    text = " " * before + "verysecretvalue"

    assert "very" not in scrub(text, secrets=(Secret("verysecretvalue"),))


@given(st.text(max_size=400))
def test_no_control_character_is_left(text: str) -> None:
    excerpt = scrub(text)

    assert len(excerpt.encode()) <= MAX_EXCERPT
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in excerpt)


@pytest.mark.parametrize(
    ("text", "clipped"),
    [
        ("short", "short"),
        ("two words", "two"),
        ('a"bcdefgh', "a"),
        ("unbroken-run", ""),
        ("繁忙，请稍后再试。", "繁忙"),
    ],
)
def test_clipping_stops_at_a_gap(text: str, clipped: str) -> None:
    assert clip(text, 8) == clipped
