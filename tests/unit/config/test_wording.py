import pytest
from pydantic import ValidationError

from monitor.config import wording
from monitor.config.errors import Finding
from monitor.config.schema import Document


def _findings(value: object) -> list[Finding]:
    with pytest.raises(ValidationError) as caught:
        Document.model_validate(value)
    return list(wording.findings(caught.value))


def _provider(**keys: object) -> dict[str, object]:
    return {"providers": {"mine": keys}}


@pytest.mark.parametrize(
    ("keys", "hint"),
    [
        ({"interval": 1}, "did you mean interval_seconds?"),
        ({"api-key": 1}, "did you mean api_key?"),
        ({"stall": 1}, None),
        ({"stall_second": 1}, "did you mean deadlines.stall_seconds?"),
        ({"url": 1}, "did you mean base_url?"),
        ({"max_tokens": 1}, "did you mean request.max_output_tokens?"),
        ({"model_list": 1}, None),
        ({"frobnicate": 1}, None),
    ],
)
def test_an_unknown_key_comes_with_a_guess_if_there_is_a_good_one(
    keys: dict[str, object], hint: str | None
) -> None:
    (finding,) = _findings(_provider(**keys))

    assert (finding.message, finding.hint) == ("unknown key", hint)


def test_a_guess_is_made_from_the_keys_of_that_very_part() -> None:
    body = {"targets": [{"name": "a", "nam": 1}], "prices": {"input": 1}}

    hints = [finding.hint for finding in _findings(_provider(models={"m": body}))]

    assert "did you mean name?" in hints


@pytest.mark.parametrize("place", [("vantage", "x"), ("no", "such", "part")])
def test_where_the_grammar_has_no_keys_there_is_nothing_to_guess(place: tuple[str, ...]) -> None:
    assert wording._meant(place) is None


@pytest.mark.parametrize("value", [True, 1, 1.5])
def test_a_scalar_that_should_be_text_wants_quotes(value: object) -> None:
    (finding,) = _findings({"providers": {"mine": None}, "vantage": value})

    assert (finding.message, finding.hint) == ("must be text", "put it in quotes")


@pytest.mark.parametrize("value", [None, [], {}])
def test_what_is_no_scalar_is_not_helped_by_quotes(value: object) -> None:
    (finding,) = _findings({"providers": {"mine": None}, "vantage": value})

    assert (finding.message, finding.hint) == ("must be text", None)


def test_a_bad_key_is_told_at_its_own_place() -> None:
    (finding,) = _findings({"providers": {"a/b": None}})

    assert finding.place == ("providers", "a/b")
