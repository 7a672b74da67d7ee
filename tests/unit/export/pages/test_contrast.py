"""The colours of the pages can be read by most people, in the light and in the dark (WCAG AA)."""

import re
from pathlib import Path

import pytest

import monitor.export.pages

SHEET = (Path(monitor.export.pages.__file__).parent / "static" / "pages.css").read_text()
_COLOUR = re.compile(r"--([\w-]+): #([0-9a-f]{6});")
_LIGHT, _, _REST = SHEET.partition("@media (prefers-color-scheme: dark)")
PALETTES = {
    "light": dict(_COLOUR.findall(_LIGHT)),
    "dark": dict(_COLOUR.findall(_REST.partition("\n}\n")[0])),
}
GROUNDS = ("paper", "sheet", "tint-bad", "tint-poor", "tint-stop")
WORDS = ("ink", "quiet", "link", "good", "poor", "bad", "info", "stop")
SHAPES = ("good-bar", "fair-bar", "poor-bar", "bad-bar", "wait", "focus")


def luminance(colour: str) -> float:
    parts = (int(colour[n : n + 2], 16) / 255 for n in (0, 2, 4))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_both_palettes_have_the_same_colours() -> None:
    assert PALETTES["light"].keys() == PALETTES["dark"].keys()
    assert contrast("ffffff", "000000") == pytest.approx(21)


@pytest.mark.parametrize("scheme", PALETTES)
@pytest.mark.parametrize("word", WORDS)
def test_words_can_be_read_wherever_they_stand(scheme: str, word: str) -> None:
    colours = PALETTES[scheme]

    for ground in GROUNDS:
        assert contrast(colours[word], colours[ground]) >= 4.5, ground


@pytest.mark.parametrize("scheme", PALETTES)
@pytest.mark.parametrize("shape", [*SHAPES, *(f"series-{n}" for n in range(6))])
def test_shapes_can_be_told_from_what_is_behind_them(scheme: str, shape: str) -> None:
    colours = PALETTES[scheme]

    assert contrast(colours[shape], colours["sheet"]) >= 3


@pytest.mark.parametrize("scheme", PALETTES)
def test_what_stands_in_a_shape_can_be_seen(scheme: str) -> None:
    colours = PALETTES[scheme]

    for ground in ("good", "poor", "bad", "info", "stop"):
        assert contrast(colours["on"], colours[ground]) >= 3


def test_no_colour_stands_outside_of_the_palettes() -> None:
    rules = SHEET.replace(_LIGHT, "").partition("\n}\n")[2]

    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl", rules)
