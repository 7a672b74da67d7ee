"""The documents are current."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from monitor.export.routing_shapes import routing_shape
from monitor.model.detail import Detail
from monitor.model.outcome import Fault, Outcome, fault_of
from monitor.recorder.feed import Feed
from tests.fakes import FakeClock
from tests.feeds import fake_feed
from tests.unit.export.pictures import full_snapshot
from tests.unit.export.test_metrics import make_metrics

REPOSITORY = Path(__file__).parents[1]
#: The pages of which there are pictures.
PAGES = ("fleet", "model", "target")
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
    exposition = make_metrics(full_snapshot(), Detail.FULL).render("")[0].decode()
    names = set(re.findall(r"^# TYPE (\w+)", exposition, re.MULTILINE))
    changelog = (REPOSITORY / "CHANGELOG.md").read_text()

    assert [name for name in sorted(names) if f"`{name}`" not in changelog] == []


def test_the_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (REPOSITORY / "docs/adr").glob("*.md"))

    assert numbers == list(range(1, len(numbers) + 1))


def test_no_document_names_a_place_of_one_machine() -> None:
    for path in (*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")):
        assert not re.search(r"(?<![\w.])/(home|root|work)/", path.read_text()), path


def test_the_feed_is_shown_as_it_is() -> None:
    page = (REPOSITORY / "docs/routing/README.md").read_text()
    (sample,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    drawn = Feed(FakeClock()).draw(full_snapshot())
    told = routing_shape(drawn, drawn.groups)

    assert members(json.loads(sample)) == members(json.loads(json.dumps(told)))


def members(shape: object) -> object:
    """What a shape is made of: its names, as deep as they go, of the first of many."""
    if isinstance(shape, dict):
        return {name: members(value) for name, value in shape.items()}
    return [members(each) for each in shape[:1]] if isinstance(shape, list) else None


def test_the_example_of_the_client_chooses_by_weight_and_does_without() -> None:
    page = (REPOSITORY / "docs/routing/client.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    with fake_feed({"acme/large": {"a/large": 1.0, "b/large": 0.0}}) as feed:
        known: dict[str, Any] = {}
        exec(example.replace("http://127.0.0.1:9464", feed.url), known)  # noqa: S102 - it is ours
        assert known["routing"].wait(30)
        chosen = {known["choose"]("acme/large", ["a/large", "b/large"]) for _ in range(50)}
        assert chosen == {"a/large"}
        assert known["choose"]("acme/large", ["b/large"]) == "b/large"

        known["routing"].stop()

    chosen = {known["choose"]("acme/large", ["a/large", "b/large"]) for _ in range(50)}
    assert chosen == {"a/large", "b/large"}


def test_each_page_of_the_documents_that_is_linked_is_there() -> None:
    for path in (*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")):
        for link in re.findall(r"\]\(([\w./-]+\.md)[)#]", path.read_text()):
            assert (path.parent / link).is_file(), f"{path.name}: {link}"


def test_the_pictures_of_the_pages_are_there_and_small() -> None:
    page = (REPOSITORY / "docs/pages.md").read_text()
    shown = set(re.findall(r"\(images/([\w-]+\.png)\)", page))
    looks = {f"{name}-{look}.png" for name in PAGES for look in ("light", "dark")}

    assert shown == looks | {"fleet-phone.png"}
    for each in shown:
        assert 10_000 < (REPOSITORY / "docs/images" / each).stat().st_size < 200_000
