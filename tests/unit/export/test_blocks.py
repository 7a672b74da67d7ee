"""The targets' part of /metrics: what it says, and that it is drawn once and joined as a whole."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse_text

from monitor.export.blocks import PublishedBlocks, TargetBlocks, in_chunks
from monitor.export.formats import negotiate
from monitor.model.detail import Detail
from monitor.model.health import State
from monitor.model.snapshot import Snapshot, TargetView, Totals
from monitor.model.target import Target
from monitor.probes.listing import Listed
from tests.unit.export import odd
from tests.unit.export.library import by_the_library
from tests.unit.export.pictures import PRICES, make_snapshot, make_view

FORMATS = [
    "",
    "text/plain;version=1.0.0;escaping=allow-utf-8",
    "application/openmetrics-text;version=1.0.0",
]
PLAIN = make_view(runs=0)
LISTED = Listed(tag="a", provider_name="A", uptime_ratio=0.5, tokens_per_second=20.0)


def text_of(
    *views: TargetView,
    published: Mapping[str, Listed],
    accept: str = "",
    detail: Detail = Detail.DEFAULT,
) -> bytes:
    def snapshot() -> Snapshot:
        return make_snapshot(*views)

    form = negotiate(accept)
    ours = (
        TargetBlocks(snapshot, detail).write(form),
        PublishedBlocks(lambda: published, snapshot).write(form),
    )
    return b"".join([*ours[0], *ours[1], form.end])


@settings(max_examples=50, deadline=None)
@given(views=odd.fleets, listing=odd.listings)
def test_the_text_is_the_librarys_own(views: list[TargetView], listing: Listed) -> None:
    published = {view.target.key: listing for view in views[:-1]}

    for accept, detail in product(FORMATS, Detail):
        text = text_of(*views, published=published, accept=accept, detail=detail)
        assert text == by_the_library(views, published, accept, detail)


@settings(deadline=None)
@given(target=odd.targets)
def test_what_is_read_back_are_the_names_that_were_given(target: Target) -> None:
    text = text_of(replace(PLAIN, target=target), published={}).decode()

    families = {family.name: family for family in parse_text(text)}

    (sample,) = families["llmprobe_target_info"].samples
    assert sample.labels == {
        "target": target.key,
        "provider": target.provider,
        "model": target.model,
        "group": target.group,
        "region": target.region or "",
        "dialect": target.dialect,
        "host": target.host,
        "simulated": str(target.simulated).lower(),
    }


@pytest.mark.parametrize(
    ("accept", "parse"), [("", parse_text), (FORMATS[-1], parse_open)], ids=["text", "OpenMetrics"]
)
def test_the_text_can_be_read_and_no_family_comes_twice(
    accept: str, parse: Callable[[str], object]
) -> None:
    views = [make_view(f"p/{state}", state, prices=PRICES) for state in State]

    text = text_of(*views, published={"p/up": LISTED}, accept=accept).decode()

    names = [family.name for family in parse(text)]  # type: ignore[attr-defined]
    assert len(names) == len(set(names)) > 20


def test_what_a_gateway_does_not_tell_has_no_series() -> None:
    views = make_view("a/x"), make_view("b/y")

    text = text_of(*views, published={"b/y": LISTED, "gone/z": LISTED}).decode()

    labels = 'model="y",provider="b",target="b/y"'
    assert [line for line in text.splitlines() if line.startswith("llmprobe_published")] == [
        f"llmprobe_published_uptime_ratio{{{labels}}} 0.5",
        f"llmprobe_published_tokens_per_second_median{{{labels}}} 20.0",
    ]


def test_only_a_new_view_is_drawn_anew() -> None:
    stays, changes = make_view("a/stays"), make_view("a/changes")
    snapshot = make_snapshot(stays, changes)
    blocks = TargetBlocks(lambda: snapshot)
    before = blocks.refresh()

    snapshot = make_snapshot(replace(changes, is_stale=True), stays)
    after = blocks.refresh()

    assert after[1] is before[0]
    assert after[0] is not before[1]
    assert sum(a != b for a, b in zip(after[0].lines, before[1].lines, strict=True)) == 1


def test_the_interpreter_is_let_go_between_the_targets_that_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    breaths: list[float] = []
    monkeypatch.setattr("monitor.export.blocks.time.sleep", breaths.append)
    snapshot = make_snapshot(*(make_view(f"a/{n}", runs=0) for n in range(20)))
    blocks = TargetBlocks(lambda: snapshot)

    blocks.refresh()
    assert breaths == [0, 0]
    blocks.refresh()
    assert len(breaths) == 2


def test_a_target_that_went_is_forgotten() -> None:
    view = make_view("a/x")
    snapshot = make_snapshot(view)
    blocks = TargetBlocks(lambda: snapshot)
    before = blocks.refresh()[0]

    snapshot = make_snapshot()
    assert blocks.refresh() == []
    assert b"a/x" not in b"".join(blocks.write(negotiate("")))

    snapshot = make_snapshot(view)
    assert blocks.refresh()[0] is not before


def test_a_text_under_way_is_of_the_instant_at_which_it_was_asked_for() -> None:
    snapshot = make_snapshot(make_view("a/old"))
    blocks = TargetBlocks(lambda: snapshot)

    text = blocks.write(negotiate(""))
    snapshot = make_snapshot(make_view("a/new"))
    blocks.refresh()

    whole = b"".join(text)
    assert b"a/old" in whole
    assert b"a/new" not in whole


def _all_say(number: int) -> Snapshot:
    """A picture in which every target has run, paid and used tokens *number* times."""
    totals = Totals(valid={"completion": number}, tokens={"input": number}, cost_usd=number)
    view = make_view(runs=0, prices=PRICES)
    return make_snapshot(
        *(
            replace(view, target=replace(view.target, key=f"a/{n}"), totals=totals)
            for n in range(20)
        )
    )


def test_a_scrape_sees_one_picture_while_another_is_drawn() -> None:
    pictures = [_all_say(number) for number in range(50)]
    shown = pictures[0]
    blocks = TargetBlocks(lambda: shown)
    stop = threading.Event()

    def refresh() -> None:
        nonlocal shown
        while not stop.is_set():
            for shown in pictures:  # noqa: B007 - what the blocks ask for
                blocks.refresh()

    thread = threading.Thread(target=refresh)
    thread.start()
    try:
        texts = [b"".join(blocks.write(negotiate(""))).decode() for _ in range(50)]
    finally:
        stop.set()
        thread.join()

    for text in texts:
        told = [
            line.rpartition(" ")[2]
            for line in text.splitlines()
            if line.startswith(("llmprobe_probes_total", "llmprobe_tokens", "llmprobe_cost"))
        ]
        assert len(told) == 60
        assert len(set(told)) == 1
    assert len(set(texts)) > 1


@settings(deadline=None)
@given(st.lists(st.integers(0, 3 << 20), max_size=6))
def test_a_text_leaves_in_pieces_of_a_megabyte(sizes: list[int]) -> None:
    parts = [bytes([number]) * size for number, size in enumerate(sizes)]

    chunks = list(in_chunks(parts))

    assert b"".join(chunks) == b"".join(parts)
    assert all(len(chunk) >= 1 << 20 for chunk in chunks[:-1])
    assert all(len(chunk) < (1 << 20) + max(sizes) for chunk in chunks)


def test_a_family_of_many_targets_is_whole() -> None:
    keys = [f"a/{n}" for n in range(1_201)]
    views = [replace(PLAIN, target=replace(PLAIN.target, key=key)) for key in keys]

    text = text_of(*views, published={}).decode()

    lines = [line for line in text.splitlines() if "llmprobe_stale" in line]
    assert len(lines) == 2 + len(keys)
    assert [line.split('target="')[1].split('"')[0] for line in lines[2:]] == keys
