"""Who gets the exposition compressed, and that nothing is lost on the way."""

import gzip
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.export.compress import gzipped, wants_gzip


@pytest.mark.parametrize(
    ("header", "wants"),
    [
        ("", False),
        ("gzip", True),
        ("GZip", True),
        ("gzip;q=0", False),
        ("gzip ; q=0.001 , identity", True),
        ("identity", False),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("deflate, br;level=3, gzip;level=1", True),
        ("gzip;q=much", False),
        (",;,=", False),
    ],
)
def test_only_who_takes_gzip_gets_it(header: str, wants: bool) -> None:
    assert wants_gzip(header) is wants


@given(st.lists(st.binary(max_size=5_000), max_size=5))
def test_what_was_compressed_is_what_was_written(pieces: list[bytes]) -> None:
    assert gzip.decompress(b"".join(gzipped(pieces))) == b"".join(pieces)


def test_pieces_leave_before_the_last_one_came() -> None:
    taken = []

    def pieces() -> Iterator[bytes]:
        for number in range(20):
            taken.append(number)
            yield bytes(range(256)) * 4096

    first = next(piece for piece in gzipped(pieces()) if piece)

    assert first.startswith(b"\x1f\x8b")
    assert len(taken) < 20
