"""Bytes of an answer, decoded."""

import pytest

from monitor.probes.body import decode, has_error_shape
from monitor.probes.rules.rule import Form


def failed(body: str | bytes, content_type: str = "") -> tuple[Form, list[object]]:
    return decode(body.encode() if isinstance(body, str) else body, content_type, is_success=False)


def succeeded(body: str) -> tuple[Form, list[object]]:
    return decode(body.encode(), "", is_success=True)


@pytest.mark.parametrize(
    ("body", "form", "payloads"),
    [
        ("", Form.EMPTY, []),
        (" \r\n\ufeff", Form.EMPTY, []),
        ('{"error":"x"}', Form.JSON, [{"error": "x"}]),
        ('\ufeff[{"error":"x"}]', Form.JSON, [[{"error": "x"}]]),
        ("null", Form.JSON, [None]),
        ("upstream failed", Form.TEXT, ["upstream failed"]),
        ('{"error":"cut o', Form.TEXT, ['{"error":"cut o']),
        ('{"error":"a"}\n{"error":"b"}', Form.EVENTS, [{"error": "a"}, {"error": "b"}]),
        ('data: {"error":"x"}\n\ndata: [DONE]\n\n', Form.EVENTS, [{"error": "x"}]),
        ("event: error\ndata: gone\n\n", Form.EVENTS, [{"error": "gone"}]),
        ("<html><title> 502\nBad  Gateway </title>", Form.HTML, ["502 Bad Gateway"]),
        ("<!DOCTYPE html><p>no heading</p>", Form.HTML, ["no heading"]),
        ("<Error><Code>Slow</Code></Error>", Form.TEXT, [{"code": "Slow"}, "Slow"]),
    ],
)
def test_a_body_shows_its_form(body: str, form: Form, payloads: list[object]) -> None:
    assert failed(body) == (form, payloads)


def test_a_page_is_known_by_its_content_type_too() -> None:
    assert failed("<div>x</div>", "text/html") == (Form.HTML, ["x"])


def test_the_same_heading_twice_is_told_once() -> None:
    assert failed("<html><title>403</title><h1>403</h1>") == (Form.HTML, ["403"])


def test_an_event_may_span_lines_and_lack_its_empty_line() -> None:
    body = 'event: error\r\ndata: {"message":\r\ndata: "x"}'

    assert failed(body) == (Form.EVENTS, [{"error": {"message": "x"}}])


def test_of_a_success_only_errors_are_given() -> None:
    body = 'data: {"choices":[]}\n\ndata: {"error":{"code":1}}\n\n'

    assert succeeded(body) == (Form.EVENTS, [{"error": {"code": 1}}])
    assert succeeded('{"done":false}\n{"error":"x"}') == (Form.EVENTS, [{"error": "x"}])


def test_half_a_document_of_a_success_is_the_models_words() -> None:
    assert succeeded('{"choices":[{"message":') == (Form.TEXT, [])
    assert succeeded("plain words") == (Form.TEXT, ["plain words"])


def test_a_long_body_is_seen_at_both_ends() -> None:
    body = b"data: {}\n\n" * 200_000 + b'data: {"error":"at the end"}\n\n'

    form, _ = decode(body, "", is_success=True)

    assert form is Form.EVENTS


@pytest.mark.parametrize(
    ("event", "is_error"),
    [
        ({"error": {"message": "x"}}, True),
        ({"error": None, "errors": [1]}, True),
        ({"type": "error"}, True),
        ({"type": "response.failed", "response": {}}, True),
        ({"object": "error"}, True),
        ({"message": "x", "code": 400}, True),
        ({"message": {"role": "assistant"}, "type": "message_start"}, False),
        ({"message": "x", "type": "t", "choices": []}, False),
        ({"error": None, "choices": []}, False),
        ([1], False),
    ],
)
def test_an_error_is_known_by_its_shape(event: object, *, is_error: bool) -> None:
    assert has_error_shape(event) is is_error
