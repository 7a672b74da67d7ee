import pytest
from pydantic import BaseModel

from monitor.config.fields import DIALECTS as KNOWN
from monitor.config.fields import Grammar
from monitor.config.synonyms import SYNONYMS
from monitor.probes.dialects import DIALECTS


def _grammars(kind: type[BaseModel] = Grammar) -> list[type[BaseModel]]:
    inner = [part for child in kind.__subclasses__() for part in _grammars(child)]
    return [*kind.__subclasses__(), *inner]


@pytest.mark.parametrize("grammar", _grammars(), ids=lambda grammar: grammar.__name__)
def test_every_field_is_described(grammar: type[BaseModel]) -> None:
    for name, field in grammar.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


@pytest.mark.parametrize("grammar", _grammars(), ids=lambda grammar: grammar.__name__)
def test_no_part_takes_unknown_keys(grammar: type[BaseModel]) -> None:
    assert grammar.model_config["extra"] == "forbid"


def test_the_dialects_are_those_that_can_be_spoken() -> None:
    assert set(KNOWN) == set(DIALECTS)


def test_synonyms_lead_to_keys_that_exist_and_are_none_themselves() -> None:
    keys = {name for grammar in _grammars() for name in grammar.model_fields}

    assert set(SYNONYMS.values()) <= keys
    assert not set(SYNONYMS) & keys
