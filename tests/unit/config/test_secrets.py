from pathlib import Path

import pytest

from monitor.config.errors import Place
from monitor.config.secrets import Expansion, Sources, expand
from monitor.model.target import Secret

_ENVIRON = {
    "KEY": "k-1",
    "LONG_KEY": "k-12345678",
    "HOST": "h.example",
    "EMPTY": "",
    "BROKEN": "\udcff",
}


def _expand(value: object, directory: Path = Path()) -> Expansion:
    return expand(value, Sources(_ENVIRON, directory))


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("plain", "plain"),
        ("${KEY}", "k-1"),
        ("https://${HOST}/${KEY}", "https://h.example/k-1"),
        ("$${KEY}", "${KEY}"),
        ("a$b costs $5", "a$b costs $5"),
        ("$$", "$"),
        ("${KEY:-other}", "k-1"),
        ("${NONE:-other}", "other"),
        ("${EMPTY:-other}", "other"),
        ("${NONE:-}", ""),
    ],
)
def test_references_are_resolved_in_any_text(text: str, resolved: str) -> None:
    assert _expand({"region": [text, 1, None]}).value == {"region": [resolved, 1, None]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${NONE}", "the environment variable NONE is not set"),
        ("${EMPTY}", "the environment variable EMPTY is empty"),
        ("${BROKEN}", "the environment variable BROKEN is not valid UTF-8"),
        ("${no-name}", "is not a reference like ${NAME}; write $$ for a dollar sign"),
        ("${", "is not a reference like ${NAME}; write $$ for a dollar sign"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told(text: str, message: str) -> None:
    (finding,) = _expand({"a": [text]}).findings

    assert (finding.place, finding.message) == (("a", 0), message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the secret file is empty"),
        (b"\n", "the secret file is empty"),
        (b"\xff", "the secret file cannot be read: not a path, or not UTF-8"),
        (b"x" * 70_000, "the secret file is larger than 64 KiB"),
    ],
    ids=["empty", "only a line break", "binary", "large"],
)
def test_a_file_that_holds_no_secret_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "key").write_bytes(content)

    (finding,) = _expand({"api_key": "file:key"}, tmp_path).findings

    assert finding.message == message


@pytest.mark.parametrize("name", ["missing", "", "sk-planted\0", "x" * 5000])
def test_a_file_that_cannot_be_opened_is_told_without_its_name(tmp_path: Path, name: str) -> None:
    (finding,) = _expand({"api_key": f"file:{name}"}, tmp_path).findings

    assert finding.message.startswith("the secret file cannot be read: ")
    assert "planted" not in finding.message


def test_a_secret_file_loses_the_line_break_at_its_end_only(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(" a\nb \r\n\n")

    assert _expand({"token": f"file:{tmp_path}/key"}).value == {"token": " a\nb "}


def test_a_file_reference_is_one_only_where_a_secret_belongs() -> None:
    assert _expand({"database": "file:x"}).value == {"database": "file:x"}


@pytest.mark.parametrize(
    ("value", "secrets"),
    [
        ({"api_key": "${KEY}"}, ["k-1"]),
        ({"token": "literal"}, ["literal"]),
        ({"headers": {"X-Title": "my monitor"}}, []),
        ({"headers": {"X-Title": "${KEY}"}}, ["k-1"]),
        ({"headers": {"Authorization": "Bearer abc"}}, ["Bearer abc", "abc"]),
        ({"headers": {"X-Api-Key": "abc"}}, ["abc"]),
        (
            {"headers": {"X-Auth": "me:${LONG_KEY}; v=${KEY}"}},
            ["me:k-12345678; v=k-1", "v=k-1", "k-12345678"],
        ),
        ({"aws": {"secret_access_key": "${KEY}", "session_token": "s-1"}}, ["k-1", "s-1"]),
        ({"aws": {"secret_access_key": "s-1", "session_token": "${KEY}"}}, ["s-1", "k-1"]),
        ({"query": {"code": "${LONG_KEY}"}}, ["k-12345678"]),
        ({"request": {"extra_body": {"a": [{"b": "x ${LONG_KEY} y"}]}}}, ["k-12345678"]),
        ({"query": {"api-version": "${HOST}", "code": "${KEY}"}}, []),
        ({"region": "${KEY}"}, []),
        ({"api_key": "${NONE}"}, []),
        ({"api_key": ""}, []),
    ],
)
def test_secrets_are_collected_where_they_belong(value: object, secrets: list[str]) -> None:
    assert _expand(value).secrets == [Secret(secret) for secret in secrets]


@pytest.mark.parametrize(
    ("value", "literals"),
    [
        ({"p": {"api_key": "abc"}}, [("p", "api_key")]),
        ({"token": "a$$b"}, [("token",)]),
        ({"token": "${KEY}"}, []),
        ({"headers": {"X-Key": "abc"}}, []),
    ],
)
def test_keys_that_are_written_out_are_noted(value: object, literals: list[Place]) -> None:
    assert _expand(value).literals == literals
