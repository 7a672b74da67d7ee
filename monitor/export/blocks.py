"""The targets' part of /metrics: drawn once for each new view, only joined at a scrape.

prometheus-client takes some 10 us of the GIL for each sample: seconds for thousands of targets, in
which the probing loop hears its runs late. To join bytes takes a hundredth of that.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from monitor.export.families import PUBLISHED, ROUTING, families_of
from monitor.export.formats import Format
from monitor.export.lines import Lines, names_of
from monitor.export.series import Family
from monitor.model.detail import Detail
from monitor.model.routing import Candidate, Routing
from monitor.model.snapshot import Snapshot, TargetView
from monitor.probes.listing import Listed

_PUBLISHED_LINES = tuple(map(Lines, PUBLISHED))
_ROUTING_LINES = tuple(map(Lines, ROUTING))

#: The text leaves in pieces of about so many bytes. A text of 100 MB in one piece costs three
#: times as much to make, and a server that copies it into its buffer holds the GIL all the while.
_CHUNK_BYTES = 1 << 20
#: So many targets' lines are joined at once.
_TARGETS_AT_ONCE = 500
#: After so many targets were drawn the probing loop gets its turn; else it waits 5 ms for the
#: interpreter at each of its reads, until the last one is drawn.
_BREATH = 8


class Block(NamedTuple):
    """What is written of a target.

    Attributes:
        lines: Family by family; those with a tail end where that begins.
        tails: By the family's number, what OpenMetrics adds there, and the other lines.
    """

    lines: tuple[bytes, ...]
    tails: Mapping[int, tuple[bytes, bytes]]


class TargetBlocks:
    """Keeps the block of each target of the newest snapshot; any thread may ask.

    Args:
        snapshot: Gives the newest picture.
        detail: How much is told of each target.
    """

    def __init__(self, snapshot: Callable[[], Snapshot], detail: Detail = Detail.DEFAULT) -> None:
        self._snapshot = snapshot
        self._families = families_of(detail)
        self._lines = tuple(Lines(family, detail) for family in self._families)
        self._known: dict[str, tuple[TargetView, Block]] = {}
        self._lock = threading.Lock()

    def refresh(self) -> list[Block]:
        """Draw what changed since the last time, forget what went, and give all blocks."""
        fresh: dict[str, tuple[TargetView, Block]] = {}
        drawn = 0
        with self._lock:  # who comes meanwhile waits for what is being drawn, and finds it
            for view in self._snapshot().targets:
                key = view.target.key
                entry = self._known.get(key)
                if entry is None or entry[0] is not view:
                    entry = (view, self._draw(view))
                    drawn += 1
                    if drawn % _BREATH == 0:
                        time.sleep(0)
                fresh[key] = entry
            self._known = fresh
        return [block for _, block in fresh.values()]

    def write(self, form: Format) -> Iterator[bytes]:
        """Write the families of all targets, as they are when this is called."""
        return _write(self._families, self.refresh(), form)

    def _draw(self, view: TargetView) -> Block:
        names = names_of(view.target)
        texts = [lines.of(names, view) for lines in self._lines]
        tails = {}
        # Cut here, so that no scrape has to.
        for number, lines in enumerate(self._lines):
            mark = lines.mark(view, texts[number])
            if mark:
                place, told = mark
                tails[number] = told, texts[number][place:]
                texts[number] = texts[number][:place]
        return Block(tuple(texts), tails)


class PublishedBlocks:
    """Writes what gateways list of targets, anew at each scrape: it is little.

    Args:
        published: Gives what the gateways list, by target key.
        snapshot: Gives the newest picture, for the targets' labels.
    """

    def __init__(
        self, published: Callable[[], Mapping[str, Listed]], snapshot: Callable[[], Snapshot]
    ) -> None:
        self._published, self._snapshot = published, snapshot

    def write(self, form: Format) -> Iterator[bytes]:
        """Write the families of the targets that are listed."""
        published = self._published()
        blocks = [
            _draw_published(view, published[view.target.key])
            for view in self._snapshot().targets
            if view.target.key in published
        ]
        return _write(PUBLISHED, blocks, form)


class RoutingBlocks:
    """Writes what the routing feed says of targets, anew at each scrape: it is one line each.

    Args:
        routing: Gives the newest weights.
    """

    def __init__(self, routing: Callable[[], Routing]) -> None:
        self._routing = routing

    def write(self, form: Format) -> Iterator[bytes]:
        """Write the families of all candidates."""
        candidates = (one for group in self._routing().groups for one in group.candidates)
        return _write(ROUTING, [_draw_routing(one) for one in candidates], form)


def in_chunks(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Join parts to pieces of 1 MiB and little more, but for the last."""
    held, size = [], 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= _CHUNK_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _draw_published(view: TargetView, listed: Listed) -> Block:
    names = names_of(view.target)
    return Block(tuple([lines.of(names, listed) for lines in _PUBLISHED_LINES]), {})


def _draw_routing(candidate: Candidate) -> Block:
    names = names_of(candidate.view.target)
    return Block(tuple([lines.of(names, candidate) for lines in _ROUTING_LINES]), {})


def _write(families: tuple[Family[Any], ...], blocks: list[Block], form: Format) -> Iterator[bytes]:
    """Write each family in one place, as the formats demand: its header, then all lines."""
    for number, family in enumerate(families):
        yield form.header(family)
        for begin in range(0, len(blocks), _TARGETS_AT_ONCE):
            some = blocks[begin : begin + _TARGETS_AT_ONCE]
            if family.exemplar:
                yield b"".join(_with_tails(some, number, has_exemplars=form.has_exemplars))
            else:
                yield b"".join([block.lines[number] for block in some])


def _with_tails(blocks: list[Block], number: int, *, has_exemplars: bool) -> list[bytes]:
    pieces = []
    for lines, tails in blocks:
        pieces.append(lines[number])
        tail = tails.get(number)
        if tail:
            pieces += tail if has_exemplars else tail[1:]
    return pieces
