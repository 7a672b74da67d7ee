"""Pages are drawn once for all who look before anything on them has moved."""

import pytest

from monitor.export.pages.kept import Kept

PICTURE, OTHER = object(), object()


class Drawn:
    """Counts what is drawn."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> bytes:
        self.times += 1
        return str(self.times).encode()


@pytest.mark.parametrize(
    ("first", "then", "times"),
    [
        pytest.param((PICTURE, 1), (PICTURE, 1), 1, id="the same"),
        pytest.param((PICTURE, 1), (OTHER, 1), 2, id="another picture"),
        pytest.param((PICTURE, 1), (PICTURE, 2), 2, id="later"),
        pytest.param((PICTURE,), (PICTURE, 2), 2, id="more of it"),
        pytest.param(([],), ([],), 2, id="equal for now, but it may change"),
        pytest.param((("a", 0.5),), (("a", 0.5),), 1, id="equal for good"),
        pytest.param((("a", 0.5),), (("a", 0.4),), 2, id="other weights"),
    ],
)
def test_a_page_is_drawn_anew_when_what_it_is_drawn_from_has_moved(
    first: tuple[object, ...], then: tuple[object, ...], times: int
) -> None:
    kept, draw = Kept(), Drawn()

    kept.page("fleet", first, draw)
    page = kept.page("fleet", then, draw)

    assert draw.times == times
    assert page.plain == str(times).encode()


def test_the_page_not_looked_at_longest_goes_first() -> None:
    kept, draw = Kept(most=2), Drawn()
    for name in ("a", "b", "a", "c"):
        kept.page(name, (PICTURE,), draw)

    kept.page("a", (PICTURE,), draw)
    assert draw.times == 3

    kept.page("b", (PICTURE,), draw)
    assert draw.times == 4
