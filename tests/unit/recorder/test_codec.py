"""A line says all that its triple says, and no line is mistaken for another."""

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model.health import Health, State
from monitor.model.triple import Triple
from monitor.recorder.codec import LineError, decode, encode
from tests.factories import make_result

_SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    float: st.floats(allow_nan=False),
    int: st.integers(),
    str: st.text(st.characters(exclude_categories=())),
    bool: st.booleans(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    type(None): st.none(),
}

#: What the configuration has seen to be valid Unicode, as providers' words need not be.
_NAMES = {"target": st.text(), "vantage": st.text()}


def anything(kind: Any) -> st.SearchStrategy[Any]:
    """All values of a type, down to the leaves."""
    if kind in _SCALARS:
        return _SCALARS[kind]
    if options := get_args(kind):
        return st.one_of(*map(anything, options))
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        parts = {
            field.name: _NAMES[field.name] if field.name in _NAMES else anything(hints[field.name])
            for field in fields(kind)
        }
        return st.fixed_dictionaries(parts).map(lambda given: kind(**given))
    return st.sampled_from(list(kind))


@given(anything(Triple))
def test_a_triple_comes_back_as_it_was(triple: Triple) -> None:
    line = encode(triple)

    assert decode(line) == triple
    assert decode(line).result.id == triple.result.id
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


@given(anything(Triple), st.data())
def test_a_line_that_was_cut_off_is_none(triple: Triple, data: st.DataObject) -> None:
    line = encode(triple)
    cut = data.draw(st.integers(0, len(line) - 2))

    with pytest.raises(LineError):
        decode(line[:cut])


@given(st.binary() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(repr))
def test_what_is_no_triple_is_told_as_such(line: bytes | str) -> None:
    with pytest.raises(LineError):
        decode(line.encode("utf-8", "replace") if isinstance(line, str) else line)


def changed(**parts: Any) -> bytes:
    """A sound line in which parts of the result are others."""
    told = json.loads(encode(Triple(result=make_result())))
    told["result"] |= parts
    return json.dumps(told).encode()


@pytest.mark.parametrize(
    "parts",
    [
        {"slot_at": "2026-03-01T12:00:00"},
        {"slot_at": 7},
        {"slot_at": None},
        {"target": None},
        {"target": 7},
        {"kind": "tea"},
        {"confirm": True},
        {"confirm": 1.5},
        {"tainted": 1},
        {"verdict": "good"},
        {"measurement": {"ttft_seconds": "fast"}},
    ],
    ids=repr,
)
def test_a_line_with_a_part_of_the_wrong_kind_is_none(parts: dict[str, Any]) -> None:
    with pytest.raises(LineError):
        decode(changed(**parts))


def test_a_line_of_another_version_is_told_as_such() -> None:
    with pytest.raises(LineError, match="version 2"):
        decode(encode(Triple(result=make_result())).replace(b'{"v":1', b'{"v":2'))


def test_what_a_newer_program_added_is_not_read() -> None:
    assert decode(changed(colour="green")) == Triple(result=make_result())


def test_what_an_older_program_did_not_know_has_its_default() -> None:
    told = json.loads(encode(Triple(result=make_result())))
    for name in ("confirm", "tainted"):
        del told["result"][name]

    assert decode(json.dumps(told).encode()) == Triple(result=make_result())


@pytest.mark.parametrize("name", ["target", "slot_at", "verdict"])
def test_a_line_without_what_every_result_has_is_none(name: str) -> None:
    told = json.loads(encode(Triple(result=make_result())))
    del told["result"][name]

    with pytest.raises(LineError):
        decode(json.dumps(told).encode())


def test_nothing_is_spent_on_what_was_not_measured() -> None:
    line = encode(Triple(result=make_result(), health=Health(state=State.UP)))

    assert b"null" not in line
    assert b"transition" not in line
    assert len(line) < 700
