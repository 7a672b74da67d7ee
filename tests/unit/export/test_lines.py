"""One sample, one line: numbers as Go writes them, labels escaped."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.utils import floatToGoString

from monitor.export.lines import Lines, figure, names_of
from monitor.export.series import Family, Key
from tests.factories import make_target


def line_of(series: Key, *labels: str, **target: str) -> str:
    """The line of one series with the number 1."""
    family: Family[None] = Family(
        name="x", text="X.", type="gauge", labels=labels, rows=lambda _: [(series, 1)]
    )
    return Lines(family).of(names_of(make_target(**target)), None).decode()


@settings(deadline=None)
@given(st.floats() | st.integers(-(10**18), 10**18) | st.booleans())
def test_a_number_is_written_as_the_library_writes_it(number: float) -> None:
    assert figure(number) == floatToGoString(number)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("key", "labels", "line"),
    [
        (("",), (), 'x{model="large",provider="acme",target="acme/large"} 1.0\n'),
        (
            ("_total", "a", "1h"),
            ("kind", "window"),
            'x_total{kind="a",model="large",provider="acme",target="acme/large",window="1h"} 1.0\n',
        ),
        (
            ("", "1", "2", "3"),
            ("state", "a", "policy"),
            'x{a="2",model="large",policy="3",provider="acme",state="1",target="acme/large"} 1.0\n',
        ),
        (("_sum",), ("le",), 'x_sum{model="large",provider="acme",target="acme/large"} 1.0\n'),
    ],
    ids=["the target's own", "before and after them", "between them", "of a histogram's sum"],
)
def test_labels_stand_by_name(key: Key, labels: tuple[str, ...], line: str) -> None:
    assert line_of(key, *labels) == line


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ('"', r"\""),
        ("\\", r"\\"),
        ("\n", r"\n"),
        (r"\n", r"\\n"),
        ("%s {} \r", "%s {} \r"),
        ("模型", "模型"),
        ("\ud800", "?"),
    ],
    ids=["quote", "backslash", "newline", "both", "nothing special", "Chinese", "no character"],
)
def test_values_are_escaped_wherever_they_stand(value: str, written: str) -> None:
    line = line_of(("", value), "kind", key="a/b", provider=value, model=value)

    assert line == (
        f'x{{kind="{written}",model="{written}",provider="{written}",target="a/b"}} 1.0\n'
    )


def test_as_many_different_series_as_there_are_can_be_written() -> None:
    count = 1_000
    family: Family[None] = Family(
        name="x",
        text="X.",
        type="gauge",
        labels=("n",),
        rows=lambda _: [(("", str(n)), n) for n in range(count)],
    )

    text = Lines(family).of(names_of(make_target()), None).decode()

    assert [line.split('n="')[1].split('"')[0] for line in text.splitlines()] == [
        str(n) for n in range(count)
    ]
