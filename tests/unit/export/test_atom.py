"""Incidents as a feed: what RFC 4287 asks for, and nothing that an incident can say breaks it."""

from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

from monitor.export.atom import feed
from monitor.model.health import State
from monitor.model.outcome import Outcome
from tests.factories import make_result
from tests.unit.export.scene import Scene, change

_ATOM = "{http://www.w3.org/2005/Atom}"
_URL = 'https://monitor.example/api/v1/incidents.atom?limit=5&x="<'
_OPEN: dict[str, Any] = {
    "id": 7,
    "vantage": "here",
    "target": "acme/large",
    "begin_at": "2026-03-01T12:00:00+00:00",
    "known_at": "2026-03-01T12:01:00+00:00",
    "end_at": None,
    "is_open": True,
    "reason": "timeout",
    "message": "too <busy> & \x1b[31m\ud83d red",
}
_OVER = _OPEN | {"is_open": False, "end_at": "2026-03-01T12:09:00+00:00"}
_GONE = _OPEN | {"is_open": False, "retired_at": "2026-03-01T12:07:00+00:00"}


def parsed(*incidents: dict[str, Any], hides_words: bool = False) -> ET.Element:
    text = feed(incidents, _URL, hides_words=hides_words)
    return ET.fromstring(text.encode())  # noqa: S314 - our own


def text(element: ET.Element, name: str) -> str:
    """The one element of a name; each is there once, and says something."""
    (found,) = element.findall(_ATOM + name)
    assert found.text
    return found.text


def test_a_feed_has_what_it_must_have() -> None:
    told = parsed(_OPEN, _OVER)

    assert text(told, "id").startswith("urn:uuid:")
    assert text(told, "title")
    assert text(told, "updated") == _OVER["end_at"]
    assert told.find(f"{_ATOM}author/{_ATOM}name") is not None
    (link,) = told.findall(_ATOM + "link")
    assert (link.attrib["rel"], link.attrib["href"]) == ("self", _URL)
    for entry in told.findall(_ATOM + "entry"):
        for name in ("published", "updated"):
            assert datetime.fromisoformat(text(entry, name)).tzinfo
        assert text(entry, "id").startswith("urn:uuid:")
        assert text(entry, "title")
        assert text(entry, "summary")


def test_an_entry_keeps_its_id_and_is_updated_when_the_outage_ends() -> None:
    before, after = (parsed(each).find(_ATOM + "entry") for each in (_OPEN, _OVER | {"id": 9}))

    assert before is not None
    assert after is not None
    assert text(before, "id") == text(after, "id")
    assert text(before, "updated") < text(after, "updated")
    assert text(before, "title") == "acme/large is down: timeout"
    assert text(after, "title") == "acme/large was down: timeout"


def test_other_incidents_have_other_ids() -> None:
    others = [_OPEN | {"target": "acme/small"}, _OPEN | {"begin_at": "2026-03-02T12:00:00+00:00"}]

    ids = {text(each, "id") for each in parsed(_OPEN, *others).findall(_ATOM + "entry")}

    assert len(ids) == 3


def test_hostile_words_are_inert_and_left_out_where_anybody_sees_them() -> None:
    shown, hidden = (parsed(_OPEN, hides_words=hides) for hides in (False, True))

    (entry,) = shown.findall(_ATOM + "entry")
    assert "too <busy> &" in text(entry, "summary")
    assert "\x1b" not in text(entry, "summary")
    assert "busy" not in ET.tostring(hidden, encoding="unicode")


def test_an_empty_feed_is_a_feed() -> None:
    assert text(parsed(), "updated")
    assert parsed().findall(_ATOM + "entry") == []


def test_the_feed_is_made_of_the_stored_incidents(scene: Scene) -> None:
    failed = make_result(Outcome.TIMEOUT)
    scene.write(change(failed, State.DOWN, failed.slot_at))

    answer = scene.client.get("/api/v1/incidents.atom", params={"limit": 5})

    assert answer.headers["content-type"] == "application/atom+xml"
    told = ET.fromstring(answer.content)  # noqa: S314 - our own
    (entry,) = told.findall(_ATOM + "entry")
    assert text(entry, "title") == "acme/large is down: timeout"
    assert scene.client.get("/api/v1/incidents.atom?limit=0").status_code == 422


def test_an_outage_of_a_target_that_is_probed_no_more_says_so() -> None:
    entry = parsed(_GONE).find(_ATOM + "entry")

    assert entry is not None
    assert text(entry, "updated") == _GONE["retired_at"]
    assert "on; no longer probed since 2026-03-01T12:07:00+00:00." in text(entry, "summary")
