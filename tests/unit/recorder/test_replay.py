"""What an earlier life left behind is written before anything else, oldest first."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from monitor.model.triple import Triple
from monitor.recorder.replay import replay
from monitor.recorder.spool import Spool
from monitor.store.errors import UnwritableError
from tests.unit.recorder.disk import triples


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool")
    spool.append(triples(450))
    yield spool
    spool.close()


def test_all_is_written_in_order_and_leaves_the_spool(spool: Spool) -> None:
    batches: list[list[Triple]] = []

    assert replay(spool, lambda batch: batches.append(list(batch))) == 450
    assert [triple for batch in batches for triple in batch] == triples(450)
    assert max(map(len, batches)) == 200
    assert spool.count == 0
    assert replay(spool, lambda batch: batches.append(list(batch))) == 0


def test_a_store_that_fails_leaves_the_rest_there(spool: Spool) -> None:
    written: list[Triple] = []

    def write(batch: Sequence[Triple]) -> None:
        if written:
            raise OSError("gone again")
        written.extend(batch)

    with pytest.raises(OSError, match="gone again"):
        replay(spool, write)
    assert spool.count == 250


def test_what_can_never_be_written_is_lost_alone(spool: Spool) -> None:
    written: list[Triple] = []
    poison = triples(1, first=7)[0]

    def write(batch: Sequence[Triple]) -> None:
        if poison in batch:
            raise UnwritableError("never")
        written.extend(batch)

    assert replay(spool, write) == 449
    assert spool.lost == 1
    assert [*written[:7], poison, *written[7:]] == triples(450)


def test_a_file_that_cannot_be_read_ends_nothing(spool: Spool) -> None:
    (file,) = spool.folder.iterdir()
    file.unlink()

    assert replay(spool, lambda _: None) == 0
    assert spool.lost == 450
