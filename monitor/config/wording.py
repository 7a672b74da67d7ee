"""Pydantic's errors in the operator's words: what it should be, never what it was."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from monitor.config import checks
from monitor.config.errors import Finding, Place
from monitor.config.schema import Document
from monitor.config.synonyms import SYNONYMS

_MESSAGES = {
    "missing": "is required",
    "model_type": "must be a mapping",
    "dict_type": "must be a mapping",
    "list_type": "must be a list",
    "string_type": "must be text",
    "string_pattern_mismatch": "must be one word in lower case",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of a sane size",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "too_short": "must not be empty",
    "greater_than": "must be more than {gt:.15g}",
    "greater_than_equal": "must be at least {ge:.15g}",
    "less_than_equal": "must be at most {le:.15g}",
    "value_error": "{error}",
}
#: Pydantic adds this to the place of an error in a key.
_KEY_MARK = "[key]"


def findings(error: ValidationError) -> Iterator[Finding]:
    """Tell each error of *error*."""
    for item in error.errors(include_url=False):
        place = tuple(item["loc"])
        kind = item["type"]
        if kind == "extra_forbidden":
            yield Finding(place, "unknown key", _meant(place))
            continue
        message = _MESSAGES.get(kind, "is not valid").format(**item.get("ctx", {}))
        is_unquoted = kind == "string_type" and isinstance(item["input"], int | float)
        hint = "put it in quotes" if is_unquoted else None
        yield Finding(place[:-1] if place[-1:] == (_KEY_MARK,) else place, message, hint)


def _meant(place: Place) -> str | None:
    """Guess which key was meant by the unknown one at the end of *place*."""
    known = _keys(_grammar_at(place[:-1]))
    word = str(place[-1])
    meant = SYNONYMS.get(word, word)
    if meant in known:
        return f"did you mean {known[meant]}?"
    guess = checks.suggestion(meant, known)
    if guess is None:
        return None
    close = guess.removeprefix("did you mean ").removesuffix("?")
    return f"did you mean {known[close]}?"


def _keys(grammar: type[BaseModel] | None) -> Mapping[str, str]:
    """Give the keys of a mapping and of the mappings in it, each with the path to it."""
    if grammar is None:
        return {}
    keys = {field.alias or name: name for name, field in grammar.model_fields.items()}
    for name, field in grammar.model_fields.items():
        part = _as_grammar(field.annotation)
        for key in part.model_fields if part else ():
            keys.setdefault(key, f"{name}.{key}")
    return keys


def _grammar_at(place: Place) -> type[BaseModel] | None:
    """Walk the grammar along *place*."""
    kind: Any = Document
    for part in place:
        kind = _plain(kind)
        if (grammar := _as_grammar(kind)) is not None:
            field = grammar.model_fields.get(str(part))
            kind = field.annotation if field else None
        elif get_origin(kind) in (dict, list):
            kind = get_args(kind)[-1]
        else:
            return None
    return _as_grammar(kind)


def _plain(kind: Any) -> Any:
    """Take off what a type is wrapped in: `Annotated`, `| None`."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    if type(None) in get_args(kind):
        return _plain(next(part for part in get_args(kind) if part is not type(None)))
    return kind


def _as_grammar(kind: Any) -> type[BaseModel] | None:
    kind = _plain(kind)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
