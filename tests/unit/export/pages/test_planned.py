"""Planned work in words: until when, what for, and of how many."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.export.pages.planned import how_many_worked_on, work_words
from monitor.model.maintenance import Ongoing
from tests.unit.export.pictures import LATER, make_view

WORK = Ongoing(end_at=LATER + timedelta(hours=1), reason="GPU driver\x1b update")


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (None, ""),
        (WORK, "maintenance until 13:30 UTC: GPU driver␛ update"),
        (replace(WORK, reason=None), "maintenance until 13:30 UTC"),
        (replace(WORK, end_at=LATER + timedelta(days=1), reason=None), "maintenance until 2 Mar"),
    ],
    ids=["none", "with its reason", "without a reason", "until another day"],
)
def test_work_is_told_with_its_end_and_what_it_is_for(work: Ongoing | None, told: str) -> None:
    assert work_words(work, LATER).replace("\u00a0", " ").startswith(told)
    assert bool(work_words(work, LATER)) is bool(told)


@pytest.mark.parametrize(
    ("busy", "told"), [(0, ""), (1, ", 1 of them in maintenance"), (2, ", in maintenance")]
)
def test_of_some_targets_it_is_told_how_many_are_worked_on(busy: int, told: str) -> None:
    views = [replace(make_view(), maintenance=WORK if n < busy else None) for n in range(2)]

    assert how_many_worked_on(views) == told
