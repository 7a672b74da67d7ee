"""Killed at any moment, the writer loses nothing that was committed and books nothing twice."""

import multiprocessing
import os
import random
import signal
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkServerContext
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import Row, select, text

from monitor.model.health import Health, State, Transition
from monitor.model.triple import Triple
from monitor.recorder.writer import Writer
from monitor.store import tables
from monitor.store.counters import read_totals
from monitor.store.engine import Engine, open_engine
from monitor.store.healths import read_healths
from monitor.store.migrate import upgrade
from monitor.store.results import write_triples
from monitor.store.targets import read_target_ids, sync_targets
from tests.databases import KINDS, fresh_database
from tests.factories import make_result, make_target
from tests.fakes import START
from tests.waiting import wait_until

#: A life on PostgreSQL takes twice as long: there is a server to be connected to.
ROUNDS = {"sqlite": 25, "postgresql": 15}
TARGETS = ("acme/large", "acme/small", "other/large")
#: A life goes on for so many triples; most are killed long before.
LIFETIME = 1000
#: So much of what was committed is written again at the start of the next life.
REPLAYED = 25
#: A life ends so soon after some of these commits, whatever it is at then.
MOST_COMMITS, LAST_SECONDS = 6, 0.02
PATIENCE_SECONDS = 30.0
_CHANGES_EVERY = 4


def triple(number: int) -> Triple:
    """The triple of a number, the same in every process; each fourth brings a transition."""
    key = TARGETS[number % len(TARGETS)]
    result = make_result(minute=number, target=key)
    state = State.DOWN if number // _CHANGES_EVERY % 2 else State.UP
    health = Health(state=state, reason=str(number), last_result_at=result.at)
    change = Transition(
        target=key,
        vantage="here",
        at=result.at,
        old_state=State.UNKNOWN,
        new_state=state,
        reason=str(number),
        incident_at=None,
        result_id=result.id,
    )
    changes = number % _CHANGES_EVERY == 0
    return Triple(result=result, health=health, transition=change if changes else None)


def live(url: str, first: int, batch: int, acknowledgements: Pipe) -> None:
    """Write triples from a number on, in batches, and acknowledge each commit, until killed."""
    engine = open_engine(url)
    upgrade(engine)
    with engine.connect() as connection:
        ids = read_target_ids(connection)

    def write(triples: Sequence[Triple]) -> None:
        with engine.begin() as connection:
            write_triples(connection, ids, triples)
        acknowledgements.send([each.result.id for each in triples])

    writer = Writer(write, batch=batch, linger_seconds=0.001)
    writer.start()
    acknowledgements.send([])
    for number in range(first, first + LIFETIME):
        writer.put(triple(number))
    threading.Event().wait()


@dataclass
class Books:
    """What the parent knows must be in the file."""

    acknowledged: set[str] = field(default_factory=set)
    next_number: int = 0

    def take(self, ids: Sequence[str]) -> None:
        """Note a commit; numbers are acknowledged in their order, replayed ones first."""
        self.acknowledged.update(ids)
        while triple(self.next_number).result.id in self.acknowledged:
            self.next_number += 1


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with fresh_database(request.param, tmp_path, migrated=True) as url:
        engine = open_engine(url)
        with engine.begin() as connection:
            sync_targets(connection, [make_target(key) for key in TARGETS], START)
        yield engine
        engine.dispose()


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    """Children come from a server that has imported what takes long; a test run has but one."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", "tests.integration.test_kill"])
    return context


def live_and_die(
    context: ForkServerContext, engine: Engine, books: Books, dice: random.Random
) -> None:
    """Let a child write from a little before the first unacknowledged triple on, and kill it."""
    receiver, sender = context.Pipe(duplex=False)
    first = max(0, books.next_number - dice.randrange(REPLAYED))
    url = engine.url.render_as_string()
    child = context.Process(target=live, args=(url, first, dice.randint(1, 20), sender))
    child.start()
    sender.close()
    assert receiver.recv() == []
    for _ in range(dice.randrange(MOST_COMMITS)):
        assert receiver.poll(PATIENCE_SECONDS)
        books.take(receiver.recv())
    end = monotonic() + dice.uniform(0, LAST_SECONDS)
    while (left := end - monotonic()) > 0 and receiver.poll(left):
        books.take(receiver.recv())
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    drain(receiver, books)
    if engine.dialect.name == "postgresql":
        wait_until(lambda: not is_served(engine))


def is_served(engine: Engine) -> bool:
    """Say whether the server still does what the dead had told it."""
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND state <> 'idle'"
    )
    with engine.connect() as connection:
        return bool(connection.execute(others).scalar_one())


def drain(receiver: Pipe, books: Books) -> None:
    """Take the acknowledgements that were still under way; the last may be cut off."""
    try:
        while True:
            books.take(receiver.recv())
    except (EOFError, OSError):
        receiver.close()


def rows(engine: Engine, since: int) -> list[Row[tuple[int, str, str | None]]]:
    """Read the results from a number on, each with the transition beside it."""
    run, change = tables.result.c, tables.transition.c
    beside = (change.target_id == run.target_id) & (change.result_id == run.result_id)
    query = (
        select(run.target_id, run.result_id, change.reason)
        .join_from(tables.result, tables.transition, beside, isouter=True)
        .where(run.slot_at >= triple(since).result.slot_at)
        .order_by(run.slot_at)
    )
    with engine.connect() as connection:
        return list(connection.execute(query))


def check_books(engine: Engine, books: Books, since: int) -> int:
    """Check everything from a number on; give how many results the file holds from there on."""
    stored = rows(engine, since)
    numbers = range(since, since + len(stored))
    # In their order, without a gap and without a double; each transition beside its result.
    expected = [triple(number) for number in numbers]
    assert [row.result_id for row in stored] == [each.result.id for each in expected]
    assert [row.reason for row in stored] == [
        each.transition.reason if each.transition else None for each in expected
    ]
    assert since + len(stored) >= books.next_number, "an acknowledged result is lost"
    return len(stored)


def check_file(engine: Engine, count: int) -> None:
    """Check SQLite's file, orphans, and what is believed after *count* results."""
    run, change = tables.result.c, tables.transition.c
    decided = select(run.result_id).where(
        run.target_id == change.target_id, run.slot_at == change.slot_at
    )
    orphans = select(change.id).where(change.result_id.not_in(decided))
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        assert connection.execute(orphans).all() == []
        believed = read_healths(connection, "here")
        counted = {key: each.valid for key, each in read_totals(connection, "here").items()}
    runs = Counter(TARGETS[number % len(TARGETS)] for number in range(count))
    assert counted == {key: {"completion": number} for key, number in runs.items()}
    newest = {TARGETS[number % len(TARGETS)]: number for number in range(count)}
    assert believed == {key: triple(number).health for key, number in newest.items()}


@pytest.mark.timeout(180)
def test_nothing_committed_is_lost_or_doubled_over_many_kills(
    context: ForkServerContext, engine: Engine
) -> None:
    seed = int(os.environ.get("MONITOR_KILL_SEED") or random.SystemRandom().randrange(2**32))
    dice, books = random.Random(seed), Books()  # noqa: S311 - a moment, not a secret
    checked, rounds = 0, ROUNDS[engine.dialect.name]
    for number in range(rounds):
        try:
            live_and_die(context, engine, books, dice)
            since = max(0, checked - REPLAYED)
            checked = since + check_books(engine, books, since)
            check_file(engine, checked)
        except AssertionError as error:
            error.add_note(f"seed {seed}, life {number}: MONITOR_KILL_SEED={seed} repeats it")
            raise
    assert check_books(engine, books, 0) == checked >= len(books.acknowledged) > rounds
