"""Templates and the files beside them; the only module that knows Jinja2."""

import hashlib
import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from monitor.export.pages.rows import Row
from monitor.export.pages.strips import FleetPast
from monitor.model.snapshot import TargetView

_HERE = Path(__file__).parent
_URL = "/static/"
#: Stand in a row for how long ago, and for the row's name; of private use, so that no foreign words
#: hold them.
_AGO, _NAME = "\ue000", "\ue001"


class Static(NamedTuple):
    """A file that pages ask for.

    Attributes:
        body: Its bytes.
        media_type: What they are.
    """

    body: bytes
    media_type: str


class Assets(NamedTuple):
    """Where the files of a page are; a changed file has another name, so they may be kept."""

    style: str
    script: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is the same on every page.

    Attributes:
        is_live: The page is brought up to date while it is looked at.
        shows_all: Whoever looks may ask for more than the pages, and how to route by them.
        is_public: It is for anybody, so what was left out of it is not missing.
        is_simulated: The figures say nothing of the world.
        vantage: Where it was seen from; empty if nobody knows.
        refusal: That the newest configuration is not in force, and why; empty if it is.
        notes: What a reader must know first.
        drawn_at: When it was drawn; None for a page without figures.
        drawn: The same in words.
        history: How old the answers about the past are, in words.
    """

    is_live: bool = True
    shows_all: bool = True
    is_public: bool = False
    is_simulated: bool = False
    vantage: str = ""
    refusal: str = ""
    notes: tuple[str, ...] = ()
    drawn_at: datetime | None = None
    drawn: str = ""
    history: str = ""


class Drawn(NamedTuple):
    """A row as it was drawn last, and of what.

    Attributes:
        view: Of this.
        strip: And this.
        trend: And this.
        begun_at: Of history that began then; None if nobody knows.
        head: Up to where it says how long ago.
        tail: From there on.
    """

    view: TargetView
    strip: object
    trend: object
    begun_at: datetime | None
    head: str
    tail: str


class Templates:
    """Writes pages."""

    def __init__(self) -> None:
        self._jinja = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=StrictUndefined,
            auto_reload=False,
        )
        self.files = {
            name: file
            for path in sorted((_HERE / "static").iterdir())
            for name, file in (_read(path),)
        }
        self._jinja.globals["assets"] = Assets(
            *(self._named(each) for each in ("css", "js", "svg"))
        )
        self._row: Callable[..., str] = vars(self._jinja.get_template("row.html").module)["row"]

    def write(self, name: str, frame: Frame, **told: Any) -> bytes:
        """Write a page.

        Args:
            name: Of its template.
            frame: What is the same on every page.
            told: What the template knows.
        """
        text = self._jinja.get_template(name).render(frame=frame, **told)
        return text.encode(errors="replace")

    def row(self, told: Row) -> tuple[str, str]:
        """Write a row, in two parts: between them stands how long ago it was probed."""
        text = str(self._row(told, _AGO, _NAME))
        # Named after what it says, so that a page knows which rows have changed.
        name = f"{crc32(text.encode(errors='replace')):x}"
        head, _, tail = text.replace(_NAME, name).partition(_AGO)
        return head, tail

    def _named(self, ending: str) -> str:
        return next(_URL + name for name in self.files if name.endswith(f".{ending}"))


class Rows:
    """Keeps the rows of the fleet, and draws those anew of which something changed.

    Args:
        templates: Write them.
        tell: Tells a target.
    """

    def __init__(
        self, templates: Templates, tell: Callable[[TargetView, FleetPast, datetime], Row]
    ) -> None:
        self._templates, self._tell = templates, tell
        self._drawn: dict[str, Drawn] = {}

    def draw(
        self,
        views: tuple[TargetView, ...],
        past: FleetPast,
        now: datetime,
        say: Callable[[datetime, datetime], str],
        breathe: Callable[[], object],
    ) -> Mapping[str, Markup]:
        """Give the rows of targets, by key.

        Args:
            views: Of these.
            past: What is known of their past.
            now: What times are told from.
            say: Says how long ago an instant was.
            breathe: Called after each row that was drawn.
        """
        drawn, rows = {}, {}
        for view in views:
            key = view.target.key
            kept = self._drawn.get(key)
            seen = past.strips.get(key), past.trends.get(key), past.begins.get(key)
            if not kept or not _still_holds(kept, view, seen):
                kept = Drawn(view, *seen, *self._templates.row(self._tell(view, past, now)))
                breathe()
            drawn[key] = kept
            ago = say(view.last_probe_at, now) if view.last_probe_at else ""
            # Each part was escaped when it was drawn, and the words between are our own.
            rows[key] = Markup(f"{kept.head}{ago}{kept.tail}")  # noqa: S704
        self._drawn = drawn
        return rows


def _still_holds(kept: Drawn, view: TargetView, seen: tuple[object, ...]) -> bool:
    # The very view: to compare all that is in two of them takes longer than to draw a row.
    return kept.view is view and kept[1:4] == seen


def _read(path: Path) -> tuple[str, Static]:
    body = path.read_bytes()
    digest = hashlib.sha256(body).hexdigest()[:12]
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    is_text = media_type.startswith("text/")
    file = Static(body, f"{media_type}; charset=utf-8" if is_text else media_type)
    return f"{path.stem}.{digest}{path.suffix}", file
