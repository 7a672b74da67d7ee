"""Answers that are in no API's dialect: what stands in front of a provider sends them."""

from monitor.simulator.faults import FaultKind
from monitor.simulator.http import Answer, json_answer

_STORE_IS_FULL = "Too many simultaneous queries. Maximum: 1000. "

_STORE_IS_FULL_STACK = (
    f"Error: {_STORE_IS_FULL}\n"
    "    at getEndpointsMedianLatencyGroupedByDate (vc/edge/function:1:20260)\n"
    "    at async query (vc/edge/function:1:11917)"
)

_BAD_GATEWAY = b"""<html>\r
<head><title>502 Bad Gateway</title></head>\r
<body>\r
<center><h1>502 Bad Gateway</h1></center>\r
<hr><center>nginx/1.27.4</center>\r
</body>\r
</html>\r
"""

_LANDING_PAGE = b"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Welcome</title></head>
<body><h1>Welcome</h1><p>Our API has moved. Please read the documentation.</p></body></html>
"""

_GARBAGE = (
    b'data: {"object": "chat.compl\n\ndata: <<< 7f 45 4c 46 >>>\n\n\x00\xff\xfe\x80 not a stream\n'
)


def emblem() -> Answer:
    """A gateway's own statistics store is overloaded, and it says so under a 404."""
    metadata = {
        "status": None,
        "location": "getEndpointsMedianLatencyGroupedByDate:query",
        "message": _STORE_IS_FULL,
        "stack": _STORE_IS_FULL_STACK,
    }
    return json_answer(
        404, {"error": {"message": _STORE_IS_FULL, "code": 404, "metadata": metadata}}
    )


#: The faults that look alike at every provider.
PAGES: dict[FaultKind, Answer] = {
    FaultKind.EMBLEM: emblem(),
    FaultKind.HTML_502: Answer(
        status=502,
        body=_BAD_GATEWAY,
        content_type="text/html",
        headers=(("server", "nginx/1.27.4"),),
    ),
    FaultKind.HTML_200: Answer(
        status=200, body=_LANDING_PAGE, content_type="text/html; charset=utf-8"
    ),
    FaultKind.GARBAGE: Answer(status=200, body=_GARBAGE, content_type="text/event-stream"),
}
