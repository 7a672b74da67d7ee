import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.config.errors import ConfigError
from monitor.config.load import load_file, load_text
from monitor.config.schema import Document
from monitor.config.secrets import Sources
from monitor.config.settings import Settings

Load = Callable[[str], Settings]


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_file(tmp_path / "monitor.yaml", {})

    assert (
        str(caught.value) == f"{tmp_path}/monitor.yaml: cannot be read: No such file or directory"
    )


def test_a_file_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "monitor.yaml"
    path.write_bytes(b"vantage: a\nregion: \xff\n")

    with pytest.raises(ConfigError) as caught:
        load_file(path, {})

    assert str(caught.value) == f"{path}:2: is not UTF-8"


def test_a_byte_order_mark_is_no_part_of_the_file(
    tmp_path: Path, environ: Mapping[str, str]
) -> None:
    path = tmp_path / "monitor.yaml"
    path.write_text("\ufeffproviders: {openai: }")

    assert load_file(path, environ).probes


def test_secret_files_are_looked_for_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k-1\n")
    (tmp_path / "monitor.yaml").write_text("providers: {openai: {api_key: file:key}}")

    (secret,) = load_file(tmp_path / "monitor.yaml", {}).secrets

    assert secret.reveal() == "k-1"


def test_the_rest_is_checked_when_a_model_is_wrong(load: Load) -> None:
    text = """
providers:
  openai:
    models:
      a: {region: 1}
      b: {deadlines: {total_seconds: 60}}
  groq: {models: [x]}
"""
    with pytest.raises(ConfigError) as caught:
        load(text)

    assert [problem.path for problem in caught.value.problems] == [
        "providers.openai.models.a.region",
        "providers.openai.models.b.deadlines.total_seconds",
        "providers.groq.models",
    ]


def test_nothing_is_guessed_at_when_the_defaults_are_wrong(load: Load) -> None:
    text = "defaults: {interval_seconds: x}\nproviders: {openai: {deadlines: {total_seconds: 70}}}"

    with pytest.raises(ConfigError) as caught:
        load(text)

    assert [problem.path for problem in caught.value.problems] == ["defaults.interval_seconds"]


_EVERYWHERE = """
token: sk-planted-1
database: postgresql://u:sk-planted-2@h/d
defaults: {headers: {X-Gateway-Auth: Basic sk-planted-3}, query: {code: "${CODE_KEY}"}}
providers:
  openai: {api_key: "${OPENAI_API_KEY}"}
  groq:
  anthropic: {api_key: file:key}
  mine:
    base_url: http://[::1]:1/v1
    headers: {X-Api-Key: "${MINE}", X-Shared: "id=${SHARED}"}
    request: {extra_body: {signed: {with: "${BODY_TOKEN}"}}}
    models: {m: {headers: {Cookie: sk-planted-4}, api_key: sk-planted-5}}
  bedrock:
    region: eu-central-1
    aws: {access_key_id: AKIDEXAMPLE, secret_access_key: sk-planted-6, session_token: "${SESSION}"}
    models:
      m:
      n: {aws: {access_key_id: AKIDEXAMPLE, secret_access_key: "${SECRET}"}}
  openrouter: {api_key: sk-planted-7, models: {a/b: {discover: openrouter}}}
"""
_VARIABLES = (
    *("CODE_KEY", "OPENAI_API_KEY", "GROQ_API_KEY", "MINE"),
    *("SHARED", "BODY_TOKEN", "SESSION", "SECRET"),
)


def test_every_secret_of_a_configuration_is_known_to_those_who_mask(tmp_path: Path) -> None:
    environ = {name: f"sk-planted-{name.lower()}" for name in _VARIABLES}
    planted = {*environ.values(), *(f"sk-planted-{number}" for number in range(1, 9))}
    (tmp_path / "key").write_text("sk-planted-8\n")
    (tmp_path / "monitor.yaml").write_text(_EVERYWHERE)

    settings = load_file(tmp_path / "monitor.yaml", environ)

    assert planted <= {secret.reveal() for secret in settings.secrets}
    assert "planted" not in "".join(settings.warnings)


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("postgresql://u:p%40ss@h/d", {"p%40ss", "p@ss"}),
        ("postgresql://h/d?user=u&password=p%2Bss&sslpassword=x", {"p%2Bss", "p+ss", "x"}),
        ("postgresql://u@h/d", set()),
        ("postgresql://[u:p@h/d", set()),
        ("sqlite:///monitor.db", set()),
    ],
)
def test_the_password_of_the_database_is_a_secret(load: Load, url: str, secrets: set[str]) -> None:
    text = f"database: '{url}'\nproviders: {{mine: {{base_url: 'http://[::1]/', models: {{m: }}}}}}"

    assert {secret.reveal() for secret in load(text).secrets} == secrets


def _keys() -> list[str]:
    schema = Document.model_json_schema()
    parts = [schema, *schema["$defs"].values()]
    return sorted({key for part in parts for key in part.get("properties", {})})


_WORDS = st.sampled_from([*_keys(), "openai", "vllm", "<<", "a/b", "x#y", "[key]", ""])
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["${OPENAI_API_KEY}", "${X}", "${", "$$", "file:/", "file:key", "https://h/v1", "h:1"]
    )
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(_WORDS | st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=30,
)
_DOCUMENTS = st.dictionaries(
    st.sampled_from(["providers", "defaults", "listen", "token"]),
    st.dictionaries(st.sampled_from(["openai", "mine"]), st.dictionaries(_WORDS, _VALUES))
    | _VALUES,
)


def _load_or_refuse(text: str) -> None:
    """Load *text*; whatever is wrong with it must come as a ConfigError that can be shown."""
    said = "good"
    try:
        load_text(text, sources=Sources({"OPENAI_API_KEY": "sk-planted"}), name="m.yaml")
    except ConfigError as error:
        said = str(error)
    assert said.encode()
    assert "sk-planted" not in said


@settings(deadline=None)
@given(_DOCUMENTS | _VALUES)
@example({"providers": {"mine": {"models": {"[key]": None}, "headers": {"[key]": "\n"}}}})
def test_no_structure_raises_anything_but_a_config_error(value: object) -> None:
    with contextlib.suppress(yaml.YAMLError):
        _load_or_refuse(yaml.dump(value, allow_unicode=True))


@settings(deadline=None)
@given(st.text())
def test_no_text_raises_anything_but_a_config_error(text: str) -> None:
    _load_or_refuse(text)


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*"{}[]:,-&*!|>'\"%@`#?~\n\t ", "<<: ", "a: ", "- ", "\n  ", "${", "providers: "]
        )
    )
)
def test_no_punctuation_raises_anything_but_a_config_error(parts: list[str]) -> None:
    _load_or_refuse("".join(parts))
