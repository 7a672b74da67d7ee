from collections.abc import Callable

import pytest

from monitor.config import checks


@pytest.mark.parametrize(
    ("value", "normal"),
    [
        ("https://api.example/v1", "https://api.example/v1"),
        ("https://api.example/v1//", "https://api.example/v1"),
        ("https://api.example", "https://api.example"),
        ("HTTPS://api.example:8443/", "https://api.example:8443"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
    ],
)
def test_a_base_url_loses_what_the_dialect_would_double(value: str, normal: str) -> None:
    assert checks.base_url(value) == normal


@pytest.mark.parametrize(
    "value",
    [
        "",
        "api.example/v1",
        "ftp://api.example",
        "https://",
        "https:///v1",
        "https://:8000",
        "https://api.example:0",
        "https://api.example:70000",
        "https://api.example:port",
        "https://[::1/v1",
        "https://api.example/a b",
        "https://api.example/\n",
        "https://user@api.example",
        "https://user:pass@api.example",
        "https://@api.example",
        "https://api.example?x=1",
        "https://api.example/v1#x",
        "https://api.example/v1/chat/completions/",
    ],
)
def test_what_is_no_base_url_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="must"):
        checks.base_url(value)


@pytest.mark.parametrize(
    "value", ["127.0.0.1:9464", "localhost:0", "[::1]:9464", "0.0.0.0:65535", "monitor.example:80"]
)
def test_an_address_to_listen_at_stays_as_it_is(value: str) -> None:
    assert checks.listen(value) == value


@pytest.mark.parametrize(
    "value",
    ["", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:-1",
     "127.0.0.1:65536", "::1:9464", "[::1:9464", "[]:9464", "[localhost]:1", "a b:1", "h:¹"],
)  # fmt: skip
def test_what_is_no_address_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="must be HOST:PORT"):
        checks.listen(value)


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("127.0.0.1:1", False),
        ("127.9.9.9:1", False),
        ("localhost:1", False),
        ("[::1]:1", False),
        ("0.0.0.0:1", True),
        ("[::]:1", True),
        ("10.0.0.1:1", True),
        ("monitor.example:1", True),
    ],
)
def test_only_loopback_may_go_without_a_token(address: str, *, is_open: bool) -> None:
    assert (checks.open_listen(address, has_token=False) is not None) == is_open
    assert checks.open_listen(address, has_token=True) is None


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (checks.label, ["fra1", "eu-west-1", "é"], ["", "a b", "a\t", "x" * 65]),
        (
            checks.model_name,
            ["gpt-4o", "a/b@c:free", "x" * 200],
            ["", "a#b", "a b", "/a", "a/", "x" * 201],
        ),
        (checks.provider_name, ["openai", "my.own"], ["", "a/b", "a#b", "a\u2028"]),
        (checks.group_name, ["openai/gpt-4o"], ["gpt-4o", "a/b/c", "/b", "a/", "a/b c"]),
        (checks.header_name, ["X-Title", "api-key"], ["", "a b", "a:", "Content-Type", "HOST"]),
        (checks.header_value, ["a", "Bearer a b"], ["", " a", "a ", "a\n", "ä", "\x7f"]),
        (
            checks.database,
            ["sqlite:///monitor.db", "sqlite://", "postgresql+psycopg://u:p@h/d"],
            ["", "monitor.db", "postgres://h/d", "mysql://h/d"],
        ),
    ],
)
def test_names_and_values_are_kept_to_what_can_be_used(
    check: Callable[[str], str], good: list[str], bad: list[str]
) -> None:
    assert [check(value) for value in good] == good
    for value in bad:
        with pytest.raises(ValueError, match=r"must|is "):
            check(value)


def test_a_far_fetched_suggestion_is_not_made() -> None:
    assert checks.suggestion("mine", ["gemini"], cutoff=0.75) is None
