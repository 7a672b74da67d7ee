"""The documents are current."""

import re
from pathlib import Path

import pytest

from monitor.model.outcome import Fault, Outcome, fault_of
from tests.unit.export.pictures import full_snapshot
from tests.unit.export.test_metrics import make_metrics

REPOSITORY = Path(__file__).parents[1]
ROWS = dict(
    re.findall(
        r"^\| `(\w+)` \| (.+?) \|", (REPOSITORY / "docs/outcomes.md").read_text(), re.MULTILINE
    )
)


def test_every_outcome_has_its_row() -> None:
    assert ROWS.keys() == {each.value for each in Outcome}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_the_fault_in_the_table_is_the_fault_in_the_code(outcome: Outcome) -> None:
    told = ROWS[outcome].split()[0].strip(",")
    status = 500 if outcome is Outcome.UNCLASSIFIED else None

    assert Fault(told) is fault_of(outcome, http_status=status)


def test_every_metric_is_in_the_changelog() -> None:
    exposition = make_metrics(full_snapshot()).render("")[0].decode()
    names = set(re.findall(r"^# TYPE (\w+)", exposition, re.MULTILINE))
    changelog = (REPOSITORY / "CHANGELOG.md").read_text()

    assert [name for name in sorted(names) if f"`{name}`" not in changelog] == []


def test_the_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (REPOSITORY / "docs/adr").glob("*.md"))

    assert numbers == list(range(1, len(numbers) + 1))


def test_no_document_names_a_place_of_one_machine() -> None:
    for path in (*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")):
        assert not re.search(r"(?<![\w.])/(home|root|work)/", path.read_text()), path
