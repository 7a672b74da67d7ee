"""What a rule is, and the small words that the tables are written in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from monitor.model.outcome import Outcome

#: Stands in `Rule.statuses` for "no answer came", as in a logged exception without a response.
NO_ANSWER = 0

#: No more of a code is looked at (characters).
_LONGEST_CODE = 200

_SEPARATORS = re.compile(r"[\W_]+")
_SUFFIX = re.compile(r"(?:error|exception)$")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+")


class Form(StrEnum):
    """What a body looks like once decoded."""

    EMPTY = "empty"
    JSON = "json"
    EVENTS = "events"
    HTML = "html"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of the table: every condition that is given must hold.

    Attributes:
        id: What a person looks up; stored with each result.
        outcome: What it means.
        source: Which provider or server documents or shows it.
        codes: At least one structured code of the body is among these (folded, see `fold`).
        phrases: At least one of these is found in one of the body's texts.
        statuses: The status that the body repeats, else that of the answer, is among these.
        providers: The probed provider is among these.
        form: The body has this form.
    """

    id: str
    outcome: Outcome
    source: str
    codes: frozenset[str] = frozenset()
    phrases: tuple[re.Pattern[str], ...] = ()
    statuses: frozenset[int] = frozenset()
    providers: frozenset[str] = frozenset()
    form: Form | None = None


def fold(code: str) -> str:
    """Bring the spellings of one code together.

    >>> {fold(code) for code in ("RateLimitError", "rate_limit_error", "RATE-LIMIT", "rateLimit")}
    {'ratelimit'}
    """
    return _fold(code[:_LONGEST_CODE])


@lru_cache(maxsize=2048)
def _fold(code: str) -> str:
    return _SUFFIX.sub("", _SEPARATORS.sub("", code).lower(), count=1)


def words_of(code: str) -> str:
    """Write a code as words, so that a phrase can match it.

    >>> words_of("ModelAccountTpmRateLimitExceeded")
    'model account tpm rate limit exceeded'
    """
    return _CAMEL.sub(" ", code[:_LONGEST_CODE]).strip().lower()


def codes(*names: str) -> frozenset[str]:
    """Fold the codes of a rule, so that the tables keep the providers' own spelling.

    Each argument may hold several codes with spaces between them.
    """
    return frozenset(fold(name) for line in names for name in line.split())


def phrases(*patterns: str) -> tuple[re.Pattern[str], ...]:
    """Compile phrases: any case, never inside a longer word; texts have single spaces.

    All of them become one pattern, so that a text is searched once for a rule.
    """
    return anywhere(rf"(?<![A-Za-z0-9])(?:{_any(patterns)})(?![A-Za-z0-9])")


def anywhere(*patterns: str) -> tuple[re.Pattern[str], ...]:
    """Compile phrases that may stand inside a word: identifiers, scripts without spaces."""
    return (re.compile(_any(patterns), re.IGNORECASE),)


def _any(patterns: Iterable[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def providers(*names: str) -> frozenset[str]:
    """The names under which a provider is configured."""
    return frozenset(names)


@lru_cache(maxsize=256)
def provider_names(provider: str | None) -> frozenset[str]:
    """All names that a configured provider goes by.

    >>> sorted(provider_names("Z-AI"))
    ['ai', 'z', 'zai']
    """
    parts = [part for part in _SEPARATORS.split((provider or "").lower()) if part]
    return frozenset((*parts, "".join(parts)))
