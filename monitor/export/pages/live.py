"""Tells pages that they are out of date: when a state changes, else every few seconds.

This is apart from the routing feed: who looks takes no place there, and is told no figures. The
page asks for itself anew, and a hundred who do so cost one drawing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

from fastapi import HTTPException
from fastapi.responses import StreamingResponse

from monitor.export.listening import Source, bell
from monitor.model.routing import Routing

#: Figures are drawn anew so often.
_BEAT_SECONDS = 10.0
#: However much moves, a page that is open is drawn anew no sooner: hundreds may be.
_LEAST_SECONDS = 2.0
#: So many pages may be open: each holds a connection. The others ask every few seconds.
_MOST_OPEN = 500
_RETRY = {"retry-after": "60"}


class Live:
    """Holds the streams of the pages that are open.

    Args:
        source: Tells of changes.
        routing: Gives what changed.
    """

    def __init__(self, source: Source, routing: Callable[[], Routing]) -> None:
        self._source, self._routing = source, routing
        self._known: tuple[int, int] = (-1, 0)
        self._open = 0

    def follow(self) -> StreamingResponse:
        """Open a stream.

        Raises:
            HTTPException: Too many are open.
        """
        if self._open >= _MOST_OPEN:
            raise HTTPException(503, f"{_MOST_OPEN} pages are open already.", _RETRY)
        headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
        return StreamingResponse(self._told(), media_type="text/event-stream", headers=headers)

    async def _told(self) -> AsyncIterator[bytes]:
        self._open += 1
        time = asyncio.get_running_loop().time
        try:
            with bell(self._source) as ours:
                seen = self._states()
                yield b"retry: 5000\n: here\n\n"
                due, free = time() + _BEAT_SECONDS, time()
                while True:
                    await ours.wait(max(due - time(), 0.0))
                    states = self._states()
                    if states == seen and time() < due:
                        continue  # weights moved, which a page may show a little later
                    if time() < free:
                        await asyncio.sleep(free - time())
                        states = self._states()
                    yield (
                        b"event: tick\ndata:\n\n" if states == seen else b"event: moved\ndata:\n\n"
                    )
                    seen, due, free = states, time() + _BEAT_SECONDS, time() + _LEAST_SECONDS
        finally:
            self._open -= 1

    def _states(self) -> int:
        """Name the states of all targets; reckoned once for all who are told."""
        routing = self._routing()
        if self._known[0] != routing.seq:
            states = hash(
                tuple(
                    (one.view.target.key, one.state)
                    for each in routing.groups
                    for one in each.candidates
                )
            )
            self._known = routing.seq, states
        return self._known[1]
