"""A key is one segment of a path, however it was sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.export.paths import VIEWS, in_one_segment

TARGETS = "/api/v1/targets/"
WORDS = st.text(st.sampled_from("aB1/%@?#:. é\\"), min_size=1, max_size=8)
VIEW = st.sampled_from(("", *VIEWS))


def quoted(text: str) -> str:
    """Encode every byte, as nobody does."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def plain(path: str) -> tuple[str, str]:
    """Read the key and the view of a path whose key is one segment."""
    key, _, view = path.removeprefix(TARGETS).partition("/")
    return bytes.fromhex(quoted_only(key)).decode(), view


def quoted_only(text: str) -> str:
    """Give the hexadecimal digits of a segment."""
    digits, rest = "", text
    while rest:
        if rest[0] == "%":
            digits, rest = digits + rest[1:3], rest[3:]
        else:
            digits, rest = digits + rest[0].encode().hex(), rest[1:]
    return digits


@given(WORDS, WORDS, VIEW)
def test_an_encoded_key_means_itself(provider: str, model: str, view: str) -> None:
    key = f"{provider}/{model}"

    path = in_one_segment(TARGETS + quoted(key) + (f"/{view}" if view else ""))

    assert plain(path) == (key, view)


@pytest.mark.parametrize(
    ("path", "key", "view"),
    [
        pytest.param("acme/large", "acme/large", "", id="a target"),
        pytest.param("acme/large/series", "acme/large", "series", id="a view"),
        pytest.param("acme/org/large@eu/window", "acme/org/large@eu", "window", id="two slashes"),
        pytest.param("acme/results", "acme/results", "", id="a model called results"),
        pytest.param("acme/results/results", "acme/results", "results", id="its results"),
        pytest.param("a/b%2Fresults", "a/b/results", "", id="a model that ends in results"),
        pytest.param("a/b%252Fc/series", "a/b%2Fc", "series", id="a percent sign"),
        pytest.param("a/b/other", "a/b/other", "", id="no view"),
        pytest.param("a/b/", "a/b/", "", id="a slash at the end"),
    ],
)
def test_a_plain_key_is_told_from_the_view(path: str, key: str, view: str) -> None:
    assert plain(in_one_segment(TARGETS + path)) == (key, view)


@pytest.mark.parametrize("path", ["/metrics", "/api/v1/targets", TARGETS, "/"])
def test_other_paths_stay_as_they_are(path: str) -> None:
    assert in_one_segment(path) == path
