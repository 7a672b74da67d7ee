"""The page of the metrics is current, and names all of them."""

import re
from pathlib import Path

import pytest

from monitor.export.catalogue import markdown
from monitor.model.detail import Detail
from tests.unit.export.pictures import full_snapshot, lively_snapshot
from tests.unit.export.test_metrics import make_metrics

_PAGE = Path(__file__).parents[3] / "docs" / "metrics.md"
_COMMAND = "python -m monitor.export.catalogue > docs/metrics.md"
_ROW = re.compile(r"^\| `(\w+)`( \(`full`\))? \| (\w+) \| (.*?) \| .*? \| (.+) \|$", re.MULTILINE)


def test_the_page_is_current() -> None:
    assert _PAGE.read_text() == markdown(), f"write it anew: {_COMMAND}"


@pytest.mark.parametrize("detail", Detail)
def test_the_page_names_what_is_shown(detail: Detail) -> None:
    text = make_metrics(full_snapshot(), detail).render("")[0].decode()
    shown = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    told = {
        name
        for name, full, *_ in _ROW.findall(markdown())
        if (detail is Detail.FULL or not full) and not name.startswith("llmprobe_published")
    }

    assert told == shown


def test_the_page_names_the_labels_that_are_shown() -> None:
    text = make_metrics(lively_snapshot(), Detail.FULL).render("")[0].decode()
    own = {"target", "provider", "model", "le"}
    for name, _, kind, labels, _ in _ROW.findall(markdown()):
        suffix = "_count" if kind == "histogram" else ""
        lines = re.findall(rf"^{name}{suffix}\{{(.*)\}} ", text, re.MULTILINE)
        for line in lines[:1]:
            seen = set(re.findall(r'(?:^|,)(\w+)="', line))
            seen -= own if "target" in seen else {"le"}
            assert seen == set(re.findall(r"`(\w+)`", labels)), name


def test_each_row_says_what_its_metric_means() -> None:
    rows = _ROW.findall(markdown())

    assert len(rows) > 50
    assert [row[0] for row in rows if not row[-1].endswith(".")] == []
