"""What all dialects share: how a request is written."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from monitor.model.target import RequestSettings
from monitor.probes.dialect import merged
from monitor.probes.dialects import DIALECTS
from tests.factories import make_probe

#: Where a dialect nests what the monitor says; all others say it at the top.
NESTED: dict[str, tuple[str, dict[str, Any]]] = {
    "bedrock_converse": ("inferenceConfig", {"maxTokens": 16, "temperature": 0.0}),
    "gemini_generate": ("generationConfig", {"maxOutputTokens": 16, "temperature": 0.0}),
    "ollama_chat": ("options", {"num_predict": 16, "temperature": 0.0}),
    "openai_chat": ("stream_options", {"include_usage": True}),
    "openai_responses": ("stream_options", {"include_obfuscation": False}),
}


def body(name: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    probe = make_probe(request=RequestSettings(extra_body=extra))
    probe = replace(probe, target=replace(probe.target, dialect=name))
    read: dict[str, Any] = json.loads(DIALECTS[name].build(probe, "hello").body)
    return read


@pytest.mark.parametrize("name", sorted(NESTED))
def test_what_goes_into_a_mapping_of_the_request_leaves_the_rest_of_it(name: str) -> None:
    member, ours = NESTED[name]

    assert body(name, {})[member] == ours
    assert body(name, {member: {"x": {"y": [1]}}})[member] == ours | {"x": {"y": [1]}}


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_what_is_new_is_sent_as_it_is(name: str) -> None:
    extra = {"routing": {"only": ["a"], "deep": {"er": None}}, "user": "x", "tools": []}

    asked = body(name, extra)

    assert {member: asked[member] for member in extra} == extra
    assert asked == body(name, {}) | extra


@pytest.mark.parametrize(
    ("ours", "more", "result"),
    [
        ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"d": 2}}}, {"a": {"b": {"c": 1, "d": 2}}}),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": {"b": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": [{"b": 1}]}, {"a": [{"c": 2}]}, {"a": [{"c": 2}]}),
        ({"a": {"b": 1}}, {"a": None}, {"a": None}),
        ({"a": {"b": 1}}, {"a": [1]}, {"a": [1]}),
        ({"a": 1}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {"b": 1}}),
        ({}, {"a": {}}, {"a": {}}),
    ],
)
def test_only_mappings_are_joined_and_everything_else_replaces(
    ours: dict[str, Any], more: dict[str, Any], result: dict[str, Any]
) -> None:
    before = json.dumps([ours, more])

    assert merged(ours, more) == result
    assert json.dumps([ours, more]) == before
