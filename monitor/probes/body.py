"""A body's bytes, decoded: JSON, server-sent events, lines of JSON, a page, or plain text."""

import json
import re
from collections.abc import Iterator
from itertools import islice

from monitor.probes.rules.rule import Form

#: Of a longer body the head and the tail are looked at, half of this each (bytes).
_MAX_BYTES = 1 << 20
_MAX_LINES = 4000
_MAX_EVENTS = 8
_MAX_TITLE = 300

_PAGE = re.compile(
    r"\s*(?:<!--.{0,400}?-->\s*)?<(?:!doctype html|html|head|body|center)\b",
    re.IGNORECASE | re.DOTALL,
)
_TITLE = re.compile(r"<(title|h1)\b[^>]{0,300}>(.{0,600}?)</\1", re.IGNORECASE | re.DOTALL)
_EDGE_NUMBER = re.compile(r"cf-error-code\"?>\s{0,20}(1\d{3})\s{0,20}<", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_XML_CODE = re.compile(r"<Code>\s{0,20}([\w.]{1,100})\s{0,20}</Code>")
_EVENT_LINE = re.compile(r"(?:\A|\n)(?:data|event|id|retry)?:")
_SPACES = re.compile(r"\s+")


def decode(body: bytes, content_type: str, *, is_success: bool) -> tuple[Form, list[object]]:
    """Decode *body* as far as it tells of an error.

    Args:
        body: What was received, perhaps cut short.
        content_type: As the headers have it; the body itself is believed first.
        is_success: The status claims success, so that all but errors is the model's own words:
            only events that have the shape of an error are given, and no half of a JSON document.
    """
    text = _text(body)
    if not text:
        return Form.EMPTY, []
    document = _parse(text)
    if document is not _NO_JSON:
        return Form.JSON, [document]
    if "html" in content_type or _PAGE.match(text):
        return Form.HTML, list(_page(text))
    if _EVENT_LINE.search(text[:2000]):
        return Form.EVENTS, list(_errors_of(_events(text), is_success=is_success))
    lines = list(_json_lines(text))
    if lines:
        return Form.EVENTS, list(_errors_of(lines, is_success=is_success))
    if is_success and text[0] in "{[":
        return Form.TEXT, []
    return Form.TEXT, list(_plain(text))


_NO_JSON = object()


def _text(body: bytes) -> str:
    if len(body) > _MAX_BYTES:
        half = _MAX_BYTES // 2
        body = body[:half] + b"\n\n" + body[-half:]
    return body.decode("utf-8", "replace").strip().lstrip("\ufeff").strip()


def _parse(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _NO_JSON


def _page(text: str) -> Iterator[str]:
    """Give the headings of a page; its prose is the site's, not the API's."""
    head = text[:20_000]
    headings = [_clean(match[2]) for match in islice(_TITLE.finditer(head), 3)]
    yield from dict.fromkeys(headings or [_clean(head[:2000])])
    number = _EDGE_NUMBER.search(head)
    if number:
        yield f"error code: {number[1]}"


def _plain(text: str) -> Iterator[object]:
    code = _XML_CODE.search(text[:10_000]) if text.startswith("<") else None
    if code:
        yield {"code": code[1]}
    yield _clean(text[:10_000]) if text.startswith("<") else text


def _clean(markup: str) -> str:
    return _SPACES.sub(" ", _TAG.sub(" ", markup)).strip()[:_MAX_TITLE]


def _events(text: str) -> Iterator[object]:
    """Give the data of each server-sent event; an `error` event always has an error's shape."""
    name, data = "", list[str]()
    for line in (*text.splitlines()[:_MAX_LINES], ""):
        key, _, value = line.partition(":")
        if key == "event":
            name = value.strip()
        elif key == "data":
            data.append(value.removeprefix(" "))
        elif not line and data:
            parsed = _parse("\n".join(data))
            payload = "\n".join(data) if parsed is _NO_JSON else parsed
            yield {"error": payload} if name == "error" else payload
            name, data = "", []


def _json_lines(text: str) -> Iterator[object]:
    lines = text.splitlines()[:_MAX_LINES]
    if isinstance(_parse(lines[0]), dict):
        yield from (value for line in lines if isinstance(value := _parse(line), dict))


def _errors_of(events: Iterator[object] | list[object], *, is_success: bool) -> Iterator[object]:
    wanted = (event for event in events if not is_success or has_error_shape(event))
    yield from islice((event for event in wanted if isinstance(event, dict)), _MAX_EVENTS)


def has_error_shape(event: object) -> bool:
    """An event is an error, by its shape alone."""
    if not isinstance(event, dict):
        return False
    if event.get("error") or event.get("errors"):
        return True
    kind = event.get("type")
    if event.get("object") == "error" or kind in ("error", "response.failed"):
        return True
    is_flat = isinstance(event.get("message"), str) and ("code" in event or "type" in event)
    return is_flat and "choices" not in event
