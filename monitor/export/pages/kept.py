"""Pages as they were drawn, for all who look before anything on them has moved."""

from collections import OrderedDict
from collections.abc import Callable, Hashable

from monitor.export.pages.replies import Body
from monitor.model.turns import turn

#: So many pages are kept, a few hundred kilobytes each; the one not looked at longest goes first.
_MOST = 64


class Kept:
    """Keeps each page with what it was drawn from.

    Args:
        most: How many.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._pages: OrderedDict[Hashable, tuple[tuple[object, ...], Body]] = OrderedDict()

    def page(
        self, name: Hashable, drawn_from: tuple[object, ...], draw: Callable[[], bytes]
    ) -> Body:
        """Give a page as it was drawn from the same, or draw it.

        Args:
            name: Of the page.
            drawn_from: Objects that nobody changes, so that the same ones say the same; strings,
                numbers and tuples of them are compared by what they are.
            draw: Writes it.
        """
        known = self._pages.get(name)
        if known is None or not _is_same(known[0], drawn_from):
            with turn():
                known = self._pages[name] = drawn_from, Body.of(draw())
        self._pages.move_to_end(name)
        while len(self._pages) > self._most:
            self._pages.popitem(last=False)
        return known[1]


def _is_same(drawn_from: tuple[object, ...], now: tuple[object, ...]) -> bool:
    pairs = zip(drawn_from, now, strict=False)
    is_equal = all(a is b or (isinstance(a, int | str | tuple) and a == b) for a, b in pairs)
    return is_equal and len(drawn_from) == len(now)
