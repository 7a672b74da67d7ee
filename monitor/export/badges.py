"""Badges: a target's state or uptime as a small picture, drawn from the snapshot."""

from collections.abc import Callable
from enum import StrEnum
from html import escape
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Response

from monitor.model.health import State
from monitor.model.snapshot import Snapshot, TargetView

_SECONDS = 30
_LONGEST = 60
#: Of what is drawn at 11 pixels: on average a character is so wide, and so much is left around.
_CHARACTER, _MARGIN, _HEIGHT = 6.6, 6.0, 20
_GREY, _GREEN, _YELLOW, _RED = "#5b6068", "#1a7f37", "#8a5a00", "#b3261e"
_COLOURS = {
    State.UP: _GREEN,
    State.RECOVERING: _YELLOW,
    State.DEGRADED: _YELLOW,
    State.DOWN: _RED,
    State.BLOCKED: _GREY,
    State.UNKNOWN: _GREY,
}
#: Down to these uptimes it is green, and yellow.
_GOOD, _FAIR = 0.99, 0.95
_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{height}" role="img" \
aria-label="{label}: {value}"><title>{label}: {value}</title>\
<rect width="{left}" height="{height}" fill="#33373d"/>\
<rect x="{left}" width="{right}" height="{height}" fill="{colour}"/>\
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">\
<text x="{at_left}" y="14">{label}</text><text x="{at_right}" y="14">{value}</text></g></svg>
"""


class Show(StrEnum):
    """What a badge tells."""

    STATE = "state"
    UPTIME = "uptime"


class Window(StrEnum):
    """Of which time."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"


class Badges:
    """Draws badges.

    Args:
        snapshot: Gives the newest picture.
    """

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot

    def routes(self) -> APIRouter:
        """Put the routes together."""
        router = APIRouter(prefix="/api/v1")
        router.add_api_route(
            "/badge/{key:path}.svg",
            self.badge,
            summary="A target's state or uptime as a small picture",
            response_class=Response,
            responses={200: {"content": {"image/svg+xml": {}}}},
        )
        return router

    async def badge(
        self,
        key: Annotated[str, Path(description="The target's key.")],
        show: Annotated[Show, Query(description="What it tells.")] = Show.STATE,
        window: Annotated[Window, Query(description="Of which time uptime is.")] = Window.MONTH,
    ) -> Response:
        """Draw the badge of a target that is probed now."""
        view = next((each for each in self._snapshot().targets if each.target.key == key), None)
        if view is None:
            raise HTTPException(404, "No target of this key is probed now.")
        value, colour = _state(view) if show is Show.STATE else _uptime(view, window)
        headers = {"cache-control": f"max-age={_SECONDS}", "x-content-type-options": "nosniff"}
        return Response(draw(key, value, colour), media_type="image/svg+xml", headers=headers)


def draw(label: str, value: str, colour: str = _GREY) -> str:
    """Draw a badge; whatever the words are, they stay words.

    Args:
        label: Left.
        value: Right.
        colour: Behind the value; white on it can be read.
    """
    label, value = _words(label), _words(value)
    left, right = (round(len(each) * _CHARACTER + 2 * _MARGIN) for each in (label, value))
    return _SVG.format(
        label=escape(label),
        value=escape(value),
        colour=colour,
        left=left,
        right=right,
        whole=left + right,
        height=_HEIGHT,
        at_left=left / 2,
        at_right=left + right / 2,
    )


def _words(text: str) -> str:
    shown = "".join(each if each.isprintable() else "?" for each in text)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def _state(view: TargetView) -> tuple[str, str]:
    if view.maintenance:
        return "maintenance", _GREY
    if view.is_stale:
        return f"{view.health.state} (stale)", _GREY
    return view.health.state.value, _COLOURS[view.health.state]


def _uptime(view: TargetView, window: Window) -> tuple[str, str]:
    stats = view.windows.get(window.value)
    ratio = stats.uptime_ratio if stats else None
    if ratio is None:
        return f"{window.value} unknown", _GREY
    colour = _GREEN if ratio >= _GOOD else _YELLOW if ratio >= _FAIR else _RED
    # Cut, and not rounded: what failed once was not up all the time.
    return f"{window.value} {int(ratio * 10_000) / 100:.2f} %", colour
