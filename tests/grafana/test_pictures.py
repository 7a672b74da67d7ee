"""The pictures are of panels that exist, small, and drawn from what Prometheus answers."""

import re

import pytest

from grafana.boards.answers import Series, cells, panel_of
from tests.grafana.boards import BOARDS
from tests.grafana.shipped import REPOSITORY

README = (REPOSITORY / "grafana/README.md").read_text()
#: The board, the panel and the file of each picture.
PICTURES = re.findall(
    r"^!\[(\w+): (.+?), drawn from its query\]\(\.\./docs/images/(.+)\)$", README, re.MULTILINE
)


def test_every_picture_is_shown_and_said_to_be_none_of_grafana() -> None:
    pages = set(re.findall(r"\(images/(.+?\.png)\)", (REPOSITORY / "docs/pages.md").read_text()))
    files = {path.name for path in (REPOSITORY / "docs/images").glob("*.png")} - pages

    assert {file for _, _, file in PICTURES} == files
    assert files
    assert "no screenshots" in README


@pytest.mark.parametrize(("board", "title", "file"), PICTURES)
def test_a_picture_is_of_a_panel_and_small(board: str, title: str, file: str) -> None:
    assert board in BOARDS
    assert panel_of(board, title)["targets"]
    assert (REPOSITORY / "docs/images" / file).stat().st_size < 100_000


def bucket(end: str, *counts: float) -> Series:
    return Series(labels={"le": end}, points=tuple(enumerate(counts)))


def test_buckets_are_taken_apart_by_their_ends() -> None:
    told = [bucket("+Inf", 5, 9), bucket("10.0", 5, 8), bucket("2.0", 3, 3)]

    assert cells(told) == {"2.0": {0: 3, 1: 3}, "10.0": {0: 2, 1: 5}, "+Inf": {0: 0, 1: 1}}
