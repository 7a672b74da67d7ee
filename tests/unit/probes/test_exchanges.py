"""Every dialect reads its folder of exchanges as the exchanges say, however they are cut."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.probes.classify import classify
from monitor.probes.dialects import DIALECTS
from monitor.probes.exchange import Exchange, Read
from monitor.probes.reading import Reading, Usage
from monitor.probes.receiver import Receiver

FOLDER = Path(__file__).parents[2] / "exchanges"
FEWEST = 8


@dataclass(frozen=True)
class Case:
    """One recorded answer, and what must be made of it."""

    dialect: str
    status: int
    headers: dict[str, str]
    body: bytes
    expect: dict[str, Any]

    def seen(self, *, cut: bool) -> dict[str, Any]:
        """What is made of the answer; *cut* sends it a byte at a time."""
        pieces = [bytes([byte]) for byte in self.body] if cut else [self.body]
        reads = tuple(Read(at, piece) for at, piece in enumerate(pieces, 1))
        exchange = Exchange(status=self.status, headers=self.headers, reads=reads)
        reading = self.read(reads).reading(exchange)
        verdict = classify(exchange, reading)
        told = reading or Reading()
        return {
            "outcome": verdict.outcome,
            "phase": verdict.phase,
            "finish_reason": told.finish_reason,
            "characters": dict(told.characters),
            **asdict(told.usage or Usage()),
        }

    def read(self, reads: tuple[Read, ...]) -> Receiver:
        """Feed the answer to the dialect."""
        receiver = Receiver(DIALECTS[self.dialect])
        receiver.begin(self.status, self.headers)
        for read in reads:
            receiver.feed(read)
        return receiver


def load(path: Path) -> Case:
    told = json.loads(path.read_text())
    return Case(
        dialect=path.parent.name,
        status=told["status"],
        headers=told["headers"],
        body=path.with_suffix(".http").read_bytes(),
        expect=told["expect"],
    )


PATHS = sorted(FOLDER.glob("*/*.json"))
CASES = [pytest.param(load(path), id=f"{path.parent.name}-{path.stem}") for path in PATHS]


@pytest.mark.parametrize("cut", [False, True], ids=["whole", "in-bytes"])
@pytest.mark.parametrize("case", CASES)
def test_an_exchange_is_read_as_it_says(case: Case, cut: bool) -> None:
    seen = case.seen(cut=cut)

    assert {name: seen[name] for name in case.expect} == case.expect


@pytest.mark.parametrize("case", CASES)
def test_an_exchange_that_ends_anywhere_is_judged(case: Case) -> None:
    for end in range(0, len(case.body), 7):
        reads = (Read(1, case.body[:end]),) if end else ()
        exchange = Exchange(status=case.status, headers=case.headers, reads=reads)

        assert classify(exchange, case.read(reads).reading(exchange)).rule


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_every_dialect_has_a_folder_of_cases(dialect: str) -> None:
    cases = [case.values[0] for case in CASES]
    outcomes = {
        case.expect["outcome"]
        for case in cases
        if isinstance(case, Case) and case.dialect == dialect
    }

    assert len(list((FOLDER / dialect).glob("*.json"))) >= FEWEST
    assert {"ok", "truncated", "malformed"} <= outcomes


def test_every_folder_is_of_a_dialect_and_every_body_has_its_expectation() -> None:
    assert {path.name for path in FOLDER.iterdir()} <= DIALECTS.keys()
    assert {path.with_suffix(".json") for path in FOLDER.glob("*/*.http")} == set(PATHS)
