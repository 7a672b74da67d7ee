"""A dialect is one file, one line and one folder: nothing else has to know it."""

import re
from pathlib import Path

import pytest

from monitor.model.outcome import Outcome
from monitor.model.target import Probe
from monitor.probes.classify import classify
from monitor.probes.dialect import Dialect, DialectError, get, post
from monitor.probes.dialects import DIALECTS
from monitor.probes.exchange import Exchange, Read, WireRequest
from monitor.probes.framing import Framer, WireEvent
from monitor.probes.judge import judge
from monitor.probes.measure import measure
from monitor.probes.ndjson import NdjsonParser
from monitor.probes.reading import Channel, Delta, Piece, Usage
from monitor.probes.receiver import Receiver
from tests.factories import make_probe

REPOSITORY = Path(__file__).parents[3]


class Toy:
    """Lines of one letter and a colon: `t` and `r` are tokens, `u` counts them, `e` fails."""

    name = "toy"

    def framer(self) -> Framer:
        return NdjsonParser()

    def build(self, probe: Probe, prompt: str) -> WireRequest:
        return post(probe, "/toy", {"say": prompt})

    def build_listing(self, probe: Probe) -> WireRequest:
        return get(probe, "/toys")

    def parse(self, event: WireEvent) -> Delta:
        kind, _, text = event.data.partition(":")
        match kind:
            case "t" | "r":
                channel = Channel.TEXT if kind == "t" else Channel.REASONING
                return Delta(pieces=(Piece(channel, text),))
            case "u":
                return Delta(usage=Usage(output_tokens=int(text)))
            case "e":
                return Delta(error=text)
            case ".":
                return Delta(is_terminal=True, is_end=True, finish_reason=text)
            case _:
                raise DialectError("a line of no toy")

    def parse_whole(self, body: object) -> Delta:
        return Delta(pieces=(Piece(Channel.TEXT, str(body)),), is_terminal=True)

    def count_models(self, body: object) -> int:
        return len(str(body))


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Dialect:
    """The dialect, once it is registered."""
    dialect: Dialect = Toy()
    monkeypatch.setitem(DIALECTS, dialect.name, dialect)
    return dialect


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"r:hm\nt:hello\nu:2\n.:stop\n", Outcome.OK),
        (b"r:hm\nu:2\n.:length", Outcome.STARVED),
        (b"u:0\n.:stop\n", Outcome.EMPTY),
        (b"t:hello\n", Outcome.TRUNCATED),
        (b"t:hello\ne:the queue is full\n.:\n", Outcome.OVERLOADED),
        (b".:content_filter\n", Outcome.FILTERED),
        (b"<html>\n", Outcome.MALFORMED),
    ],
    ids=["good", "starved", "empty", "cut", "error", "filtered", "garbage"],
)
def test_a_registered_dialect_is_judged(toy: Dialect, body: bytes, outcome: Outcome) -> None:
    assert judge(status=200, headers={}, body=body, dialect=toy.name).outcome is outcome


def test_a_registered_dialect_is_asked_read_and_measured(toy: Dialect) -> None:
    receiver = Receiver(toy)
    receiver.begin(200, {"content-type": "text/plain"})
    reads = (Read(1, b"t:ab\n"), Read(2, b"t:ab\n"), Read(3, b"u:2\n.:stop\n"))
    came_forward = [receiver.feed(read) for read in reads]
    exchange = Exchange(status=200, reads=reads)
    reading = receiver.reading(exchange)

    assert toy.build(make_probe(), "x").url.endswith("/toy")
    assert came_forward == [True, True, True]
    assert receiver.is_done
    assert classify(exchange, reading).outcome is Outcome.OK
    assert measure(exchange, reading, None).output_tokens == 2


def test_a_registered_dialect_answers_whole_and_lists(toy: Dialect) -> None:
    headers = {"content-type": "application/json"}
    listing = Receiver(toy, is_listing=True)
    listing.begin(200, headers)

    assert judge(status=200, headers=headers, body=b'"hi"', dialect="toy").outcome is Outcome.OK
    reading = listing.reading(Exchange(status=200, reads=(Read(1, b'"ab"'),)))
    assert reading is not None
    assert reading.models == 2


#: What most servers speak is the default of a few places, and no place treats it otherwise.
COMMON = "openai_chat"
#: Where a dialect may be named: data that chooses one, and what needs another sort of credential.
PLACES = {
    "monitor/config/presets/": None,
    "monitor/probes/judge.py": None,
    "monitor/config/connection.py": "bedrock_converse",
    "monitor/config/levels.py": "bedrock_converse",
    # What other routers know: one that they do not is left out of what they are told or asked.
    "monitor/config/importing/": None,
    "monitor/export/portkey.py": None,
}


def named(path: Path) -> set[str]:
    """The dialects that a module names, by their name or their class."""
    words = set(re.findall(r"\w+", path.read_text()))
    return {
        name
        for name, dialect in DIALECTS.items()
        if name != COMMON and {name, type(dialect).__name__} & words
    }


def may_name(place: str) -> set[str]:
    granted = [only for prefix, only in PLACES.items() if place.startswith(prefix)]
    return {name for only in granted for name in ([only] if only else DIALECTS)}


def test_no_module_but_its_own_and_the_registry_names_a_dialect() -> None:
    strangers = {}
    for path in (REPOSITORY / "monitor").rglob("*.py"):
        place = path.relative_to(REPOSITORY).as_posix()
        # The simulator's own classes may bear the same names: it knows no dialect of the prober.
        if not place.startswith(("monitor/probes/dialects/", "monitor/simulator/")):
            strangers[place] = named(path) - may_name(place)

    assert {place: names for place, names in strangers.items() if names} == {}


def test_every_file_of_a_dialect_is_registered_under_its_name() -> None:
    folder = REPOSITORY / "monitor/probes/dialects"

    assert {path.stem for path in folder.glob("[!_]*.py")} == DIALECTS.keys()


def test_the_reference_of_the_configuration_names_every_dialect() -> None:
    reference = (REPOSITORY / "docs/configuration.md").read_text()

    assert [name for name in DIALECTS if f"`{name}`" not in reference] == []
