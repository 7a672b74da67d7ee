"""Charts: round scales, open gaps, nothing outside of the drawing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.export.pages.charts import HEIGHT, WIDTH, Part, axis, boxes, line, spark, x_ticks

VALUES = st.lists(st.none() | st.floats(0, 1e9, allow_nan=False), max_size=100)


@given(VALUES)
def test_every_point_is_inside(values: list[float | None]) -> None:
    scale = axis([each for each in values if each is not None], str)

    drawn = line("a", 0, values, scale)

    assert len(drawn.points) == sum(each is not None for each in values)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in drawn.points)


@given(st.floats(1e-9, 1e12), st.floats(0, 0.99))
def test_a_scale_is_round_and_holds_the_most(most: float, low: float) -> None:
    scale = axis([low + most], str, low)

    assert scale.high >= low + most or scale.high == pytest.approx(low + most)
    assert 2 <= len(scale.ticks) <= 6


def test_a_gap_stays_open() -> None:
    scale = axis([1.0], str)

    drawn = line("a", 7, [1.0, 1.0, None, 1.0], scale)

    assert drawn.path.count("M") == 2
    assert drawn.path.count("L") == 1
    assert drawn.look == 1


def test_parts_of_a_bar_stand_on_each_other() -> None:
    scale = axis([4.0], str)

    first, second = boxes([[Part(1.0, "input", "a"), Part(3.0, "output", "b")], []], scale)

    assert first.y == pytest.approx(second.y + second.height, abs=0.2)
    assert second.y == pytest.approx(scale.place(4.0), abs=0.2)
    assert (first.words, second.look) == ("a", "output")


def test_the_newest_column_always_has_its_mark() -> None:
    marks = x_ticks([str(n) for n in range(30)], 7)

    assert [each.words for each in marks] == ["1", "8", "15", "22", "29"]


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ([], ""),
        ([None, None], ""),
        ([1.0, None, 1.0], "M0 2h2M96 2h2"),
        ([0.0, 0.0], "M0 22L96 22"),
    ],
    ids=["nothing", "no values", "lone points", "zeros"],
)
def test_a_small_line_is_drawn_of_what_is_known(values: list[float | None], path: str) -> None:
    assert spark(values) == path
