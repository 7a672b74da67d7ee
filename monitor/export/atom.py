"""Incidents as an Atom feed (RFC 4287), for whoever reads news by programs."""

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from xml.sax.saxutils import escape, quoteattr

from fastapi import APIRouter, Query, Request, Response

from monitor.export.guard import is_public
from monitor.export.history import History

_MEDIA_TYPE = "application/atom+xml"
#: Ids are made of this and of what names an incident, so that they outlive the database.
_NAMESPACE = uuid.UUID("6f0d1f7e-6d0e-5b0c-9a43-0f6f3d2c9b11")
_MOST, _FEW = 100, 50
_FEED = """\
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>{id}</id>
<title>Incidents of LLM providers</title>
<updated>{updated}</updated>
<author><name>LLM provider monitor</name></author>
<link rel="self" type="application/atom+xml" href={href}/>
{entries}</feed>
"""
_ENTRY = """\
<entry>
<id>{id}</id>
<title>{title}</title>
<published>{begin}</published>
<updated>{updated}</updated>
<category term={term}/>
<summary>{summary}</summary>
</entry>
"""

Incident = Mapping[str, Any]


class IncidentFeed:
    """Tells the newest incidents.

    Args:
        history: Knows them.
    """

    def __init__(self, history: History) -> None:
        self._history = history

    def routes(self) -> APIRouter:
        """Put the routes together."""
        router = APIRouter(prefix="/api/v1")
        router.add_api_route(
            "/incidents.atom",
            self.feed,
            summary="The newest outages as an Atom feed",
            response_class=Response,
            responses={200: {"content": {_MEDIA_TYPE: {}}}},
        )
        return router

    async def feed(
        self, request: Request, limit: Annotated[int, Query(ge=1, le=_MOST)] = _FEW
    ) -> Response:
        """Tell them, newest first; an entry is updated when its outage ends."""
        rows, headers = await self._history.newest_incidents(limit)
        incidents = [json.loads(row) for row in rows]
        content = feed(incidents, str(request.url), hides_words=is_public(request))
        return Response(content, media_type=_MEDIA_TYPE, headers=dict(headers))


def feed(incidents: Sequence[Incident], url: str, *, hides_words: bool) -> str:
    """Write the feed.

    Args:
        incidents: As the API shows them, newest first.
        url: Where it is.
        hides_words: Anybody may see it, so the provider's words are left out.
    """
    known = max((_updated(each) for each in incidents), default="1970-01-01T00:00:00+00:00")
    return _FEED.format(
        id=uuid.uuid5(_NAMESPACE, "incidents").urn,
        updated=known,
        href=quoteattr(_sound(url)),
        entries="".join(_entry(each, hides_words=hides_words) for each in incidents),
    )


def _entry(incident: Incident, *, hides_words: bool) -> str:
    name = "\n".join(str(incident[each]) for each in ("vantage", "target", "begin_at"))
    target, reason = str(incident["target"]), str(incident["reason"])
    state = "is down" if incident["is_open"] else "was down"
    return _ENTRY.format(
        id=uuid.uuid5(_NAMESPACE, name).urn,
        title=escape(_sound(f"{target} {state}: {reason}")),
        begin=incident["begin_at"],
        updated=_updated(incident),
        term=quoteattr(_sound(target)),
        summary=escape(_sound(_summary(incident, hides_words=hides_words))),
    )


def _summary(incident: Incident, *, hides_words: bool) -> str:
    end = incident["end_at"]
    gone = incident.get("retired_at")
    on = f" on; no longer probed since {gone}." if gone else " on."
    told = f"From {incident['begin_at']}" + (f" to {end}." if end else on)
    words = None if hides_words else incident["message"]
    return f"{told} It said: {words}" if words else told


def _updated(incident: Incident) -> str:
    return str(incident["end_at"] or incident.get("retired_at") or incident["known_at"])


def _sound(text: str) -> str:
    """Leave out what XML cannot hold, and what turns or hides text."""
    return "".join(each if each.isprintable() else " " for each in text)
