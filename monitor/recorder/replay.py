"""Writes at the start what an earlier life left in the spool, before anything is resumed from."""

from collections.abc import Callable, Sequence

from monitor.model.triple import Triple
from monitor.recorder.spool import Spool
from monitor.store.errors import UnwritableError

_BATCH = 200


def replay(spool: Spool, write: Callable[[Sequence[Triple]], None]) -> int:
    """Write all triples of the spool, oldest first; what can never be written is counted as lost.

    Args:
        spool: Opened; what is committed leaves it.
        write: Writes a batch whole or not at all; it may raise whatever it likes.

    Returns:
        How many triples were written.
    """
    count = 0
    while spool.count:
        triples, until = spool.peek(_BATCH)
        count += _write(triples, write, spool)
        spool.release(until)
    return count


def _write(
    triples: Sequence[Triple], write: Callable[[Sequence[Triple]], None], spool: Spool
) -> int:
    if not triples:
        return 0
    try:
        write(triples)
    except UnwritableError as error:
        if len(triples) > 1:
            return sum(_write([each], write, spool) for each in triples)
        spool.lose(1, str(error))
        return 0
    return len(triples)
