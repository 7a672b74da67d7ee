"""Colours that the colour-blind can tell apart, and the words that stand beside them."""

from collections.abc import Sequence

from grafana_foundation_sdk.models.dashboard import (
    DashboardRangeMapOptions,
    RangeMap,
    Threshold,
    ThresholdsConfig,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

# The eight of Okabe and Ito, less black and yellow, which vanish on one of Grafana's themes.
GREEN, ORANGE, SKY, BLUE = "#009E73", "#E69F00", "#56B4E9", "#0072B2"
VERMILION, PURPLE, GREY = "#D55E00", "#CC79A7", "#999999"

#: The states by the number that `queries.state` gives them; the higher, the worse.
STATES = {
    0: ("unknown", GREY),
    1: ("up", GREEN),
    2: ("recovering", SKY),
    3: ("degraded", ORANGE),
    4: ("blocked", PURPLE),
    5: ("down", VERMILION),
}
#: How runs ended, by the number that `queries.ticks` gives them.
TICKS = {1: ("good", GREEN), 2: ("not counted", GREY), 3: ("failed", VERMILION)}


def words(meanings: dict[int, tuple[str, str]]) -> list[ValueMapping]:
    """Say and colour numbers that stand for words."""
    options = {
        str(number): ValueMappingResult(text=text, color=color, index=index)
        for index, (number, (text, color)) in enumerate(meanings.items())
    }
    return [ValueMap(options)]


def none_or_more(none: str) -> list[ValueMapping]:
    """Say 0 in words, in green, and colour all above."""
    more = ValueMappingResult(color=VERMILION, index=1)
    return [
        ValueMap({"0": ValueMappingResult(text=none, color=GREEN, index=0)}),
        RangeMap(DashboardRangeMapOptions(from_val=0.000001, to=1e12, result=more)),
    ]


def steps(first: str, *others: tuple[float, str]) -> ThresholdsConfig:
    """Colour values from below the first bound upwards."""
    bounds: Sequence[tuple[float | None, str]] = ((None, first), *others)
    return ThresholdsConfig(steps=[Threshold(value, color) for value, color in bounds])


#: Of uptime and availability.
GOOD_SHARE = steps(VERMILION, (0.95, ORANGE), (0.995, GREEN))
#: Of the share of planned runs that took place.
COVERED = steps(VERMILION, (0.8, ORANGE), (0.95, GREEN))
#: Of seconds to the first token.
QUICK = steps(GREEN, (2, ORANGE), (5, VERMILION))
#: Of what has no good or bad.
PLAIN = steps(BLUE)
