"""Excerpts of foreign words in which no secret, address or identifier is left."""

import re
from collections.abc import Iterable
from urllib.parse import quote

from monitor.model.target import Secret

#: An excerpt is at most this long (bytes of UTF-8).
MAX_EXCERPT = 512
#: No more than this is looked at (characters).
MAX_LOOK = 4000

_MASK = "***"
_CUT = "…"
_MANY_LETTERS = 20
#: Where no secret goes on; scripts without spaces have their stops.
_GAPS = (" ", "\n", "\t", '"', "'", "，", "。")
_STACK = re.compile(
    r"(?<!\s)\s+at (?:\S{1,80} )?\([^()\s]{1,200}:\d|\n\s{1,40}at \S|\n\s{1,40}File \""
    r"|Traceback \(most recent|\bstack trace:|goroutine \d",
    re.IGNORECASE,
)
#: Control characters, the invisible ones that turn or hide text, and halves of surrogate pairs,
#: which JSON may hold and nothing can write.
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]+"
)
_ESCAPE = re.compile(r"\x1b\[[0-9;?]{0,16}[A-Za-z]")
_SPACES = re.compile(r"\s+")
_URL = re.compile(
    r"\b([a-z][a-z0-9+.-]{1,15}://)(?:[^\s/@\"'<>]{0,256}@)?([^\s?#\"'<>@]+)(?:[?#][^\s\"'<>]*)?",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b(bearer|basic)(\s{1,4})([A-Za-z0-9_\-.~+/=*]{6,})", re.IGNORECASE)
_NAMED = re.compile(
    r"\b(api[-_ ]?key|(?:access|auth|security)[-_ ]?token|token|secret|password"
    r"|authorization)\b(\W{1,4})([A-Za-z0-9_\-.~+/=*]{6,})",
    re.IGNORECASE,
)
_PATTERNS = (
    re.compile(
        r"\b(?:sk|rk|pk|gsk|csk|xai|pplx|nvapi|hf|r8|fw|ghp|gho|ghs|glpat|sess|ak|cpk|rpa|dapi|tgp"
        r"|vck|key)[-_][A-Za-z0-9*][\w\-*]{4,}"
    ),
    re.compile(r"\bAIza[\w\-*]{8,}|\b(?:AKIA|ASIA)[A-Z0-9*]{8,}|\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}"),
    re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"),
    re.compile(r"[\w-]{0,64}\*{3,}[\w-]{0,64}"),
    re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE),
    re.compile(r"\b(?=[a-f]{0,64}\d)[0-9a-f]{16,}\b", re.IGNORECASE),
    re.compile(r"\b\d{12,}\b|\b\d{1,3}(?:\.\d{1,3}){3}\b"),
)
_PREFIXED = re.compile(
    r"\b(req|request|user|org|acct|account|proj|project|team|gen|chatcmpl|msg|resp|session|trace|run)"
    r"([-_])([A-Za-z0-9][\w-]{7,})"
)
_RUN = re.compile(r"[A-Za-z0-9+/]{20,}={0,2}")


def scrub(text: str, *, secrets: Iterable[Secret] = (), limit: int = MAX_EXCERPT) -> str:
    """Make an excerpt of *text* that may be stored and shown.

    Args:
        text: Foreign words; only the first `MAX_LOOK` characters are looked at.
        secrets: Replaced wherever they stand, whatever they look like.
        limit: The most bytes of the excerpt, as UTF-8; no character is cut in two.

    >>> scrub("Incorrect API key provided: sk-test1234. Mail ops@example.com")
    'Incorrect API key provided: ***. Mail ***'
    """
    text = mask(clip(text, MAX_LOOK), secrets)
    text = _STACK.split(_ESCAPE.sub("", text), maxsplit=1)[0]
    text = _SPACES.sub(" ", _UNSEEN.sub(" ", text)).strip()
    text = _URL.sub(r"\1\2", text)
    text = _NAMED.sub(_mask_value, _SCHEME.sub(_mask_value, text))
    for pattern in _PATTERNS:
        text = pattern.sub(_MASK, text)
    text = _PREFIXED.sub(_mask_id, text)
    text = _RUN.sub(_mask_run, text)
    return _cut(text, limit)


def _cut(text: str, limit: int) -> str:
    data = text.encode()
    if len(data) <= limit:
        return text
    return data[: limit - len(_CUT.encode())].decode(errors="ignore").rstrip() + _CUT


def clip(text: str, limit: int) -> str:
    """Cut *text* to *limit* characters, at a gap or a quote, so that no secret is halved."""
    if len(text) <= limit:
        return text
    end = max(text.rfind(mark, 0, limit) for mark in _GAPS)
    return text[: max(end, 0)]


def mask(text: str, secrets: Iterable[Secret]) -> str:
    """Replace known secrets wherever they stand; everything else stays."""
    forms = {form for secret in secrets for form in _forms(secret.reveal())}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, _MASK)
    return text


def _forms(value: str) -> set[str]:
    """Give the ways in which a header's value may be echoed: whole, without scheme, encoded."""
    bare = value.split()[-1:]
    return {
        form for part in (value, *bare) for form in (part, quote(part, safe="")) if form.strip()
    }


def _is_random(value: str) -> bool:
    return len(value) >= _MANY_LETTERS or any(c.isdigit() or c == "*" for c in value)


def _mask_value(match: re.Match[str]) -> str:
    name, gap, value = match.groups()
    return f"{name}{gap}{_MASK}" if _is_random(value) else match[0]


def _mask_id(match: re.Match[str]) -> str:
    name, dash, value = match.groups()
    return f"{name}{dash}{_MASK}" if any(c.isdigit() for c in value) else match[0]


def _mask_run(match: re.Match[str]) -> str:
    value = match[0]
    is_mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    return _MASK if is_mixed and value.count("/") <= len(value) // _MANY_LETTERS else value
