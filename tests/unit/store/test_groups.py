"""For how long a group was available, of rollups and of changes of state."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import event

from monitor.health.availability import Availability
from monitor.health.buckets import HOUR
from monitor.health.together import together, within
from monitor.health.track import Track
from monitor.model.health import State, Transition
from monitor.model.triple import Triple
from monitor.store.engine import Engine
from monitor.store.groups import read_together
from monitor.store.results import write_triples
from monitor.store.rollups import fold_due
from monitor.store.schedules import sync_schedule
from monitor.store.targets import read_target_ids, sync_targets
from tests.factories import make_probe, make_result
from tests.fakes import START

KEYS = ("east/large", "west/large")
PROBES = [make_probe(key, interval_seconds=600.0) for key in KEYS]
#: A run each so many minutes; it tells something for half an hour.
EVERY = 10
HOURS = 6
#: The changes of a target's state, by minute.
Story = Mapping[int, State]


@pytest.fixture(autouse=True)
def probed(engine: Engine) -> None:
    with engine.begin() as connection:
        sync_targets(connection, [each.target for each in PROBES], START)
        sync_schedule(connection, PROBES, "here", START)


def change(key: str, minute: int, state: State) -> Transition:
    return Transition(
        target=key,
        vantage="here",
        at=START + timedelta(minutes=minute),
        old_state=State.UNKNOWN,
        new_state=state,
        reason="test",
        incident_at=None,
        result_id="0",
    )


def runs(key: str, story: Story, silent: range = range(0)) -> list[Triple]:
    """A run each ten minutes but in a silence, and one for each change."""
    minutes = {*range(0, 60 * HOURS, EVERY), *story} - set(silent)
    return [
        Triple(
            result=make_result(minute=minute, target=key),
            transition=change(key, minute, story[minute]) if minute in story else None,
        )
        for minute in sorted(minutes)
    ]


def live(engine: Engine, *triples: Triple) -> None:
    with engine.begin() as connection:
        write_triples(connection, read_target_ids(connection), triples)
        while fold_due(connection, START + HOURS * HOUR):
            pass


def told(engine: Engine, begin: int = 0, end: int = HOURS, vantage: str = "here") -> Availability:
    """Read some hours, in minutes."""
    span = START + begin * HOUR, START + end * HOUR
    with engine.connect() as connection:
        found = read_together(connection, vantage, KEYS, *span)
    return Availability(*(seconds / 60 for seconds in found))


def tracked(stories: Sequence[Story], end: int = HOURS) -> Availability:
    """Reckon it in memory, in minutes."""
    tracks = []
    for key, story in zip(KEYS, stories, strict=True):
        tracks.append(Track())
        for triple in runs(key, story):
            at = triple.result.slot_at.timestamp()
            tracks[-1].hear(at, at + 1800)
        tracks[-1].learn(change(key, minute, story[minute]) for minute in sorted(story))
    begin, until = START.timestamp(), (START + end * HOUR).timestamp()
    group = together(track.times(begin, until) for track in tracks)
    return Availability(*(seconds / 60 for seconds in within(group, begin, until)))


UP = {0: State.UP}


@pytest.mark.parametrize(
    ("east", "west", "minutes"),
    [
        pytest.param(UP, UP, (360, 0), id="both up"),
        pytest.param(UP, {0: State.DOWN}, (360, 0), id="one down all the time"),
        pytest.param(
            {0: State.DOWN, 30: State.UP}, {0: State.UP, 30: State.DOWN}, (360, 0), id="by turns"
        ),
        pytest.param(
            {**UP, 70: State.DOWN, 100: State.RECOVERING},
            {**UP, 80: State.DOWN, 130: State.UP},
            (340, 20),
            id="an outage in common",
        ),
        pytest.param(
            {0: State.DOWN, 240: State.UP}, {0: State.BLOCKED}, (120, 240), id="one untold"
        ),
        pytest.param({}, {}, (0, 0), id="nothing known"),
    ],
)
def test_a_group_is_available_while_a_target_is(
    engine: Engine, east: Story, west: Story, minutes: tuple[int, int]
) -> None:
    live(engine, *runs(KEYS[0], east), *runs(KEYS[1], west))

    assert told(engine) == minutes == tracked([east, west])


@pytest.mark.parametrize("seed", range(3))
def test_it_is_what_memory_would_reckon(engine: Engine, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - repeatable, not secret
    states = (State.UP, State.DOWN, State.DEGRADED, State.DOWN, State.RECOVERING)
    stories = [
        {0: State.UP, **{chance.randrange(1, 360): chance.choice(states) for _ in range(14)}}
        for _ in KEYS
    ]
    live(engine, *runs(KEYS[0], stories[0]), *runs(KEYS[1], stories[1]))

    expected = tracked(stories)
    assert expected.unavailable_seconds > 0
    assert told(engine) == pytest.approx(expected)
    by_parts = [told(engine, begin, begin + 1) for begin in range(HOURS)]
    assert [sum(part) for part in zip(*by_parts, strict=True)] == pytest.approx(list(expected))


def test_a_silence_of_all_is_left_out(engine: Engine) -> None:
    # The runs of minute 60 tell of the time up to 90.
    live(engine, *(run for key in KEYS for run in runs(key, UP, range(61, 180))))

    assert told(engine) == (360 - 90, 0)


def test_what_another_vantage_saw_is_its_own(engine: Engine) -> None:
    live(engine, *runs(KEYS[0], UP))

    assert told(engine, vantage="there") == (0, 0)


def test_hours_that_were_not_folded_are_left_out(engine: Engine) -> None:
    with engine.begin() as connection:
        write_triples(connection, read_target_ids(connection), runs(KEYS[0], UP))
        while fold_due(connection, START + 2 * HOUR):
            pass

    assert told(engine) == (120, 0)


def test_changes_are_read_only_where_they_decide(engine: Engine) -> None:
    statements: list[str] = []
    event.listen(
        engine, "before_cursor_execute", lambda _c, _u, statement, *_: statements.append(statement)
    )
    live(engine, *runs(KEYS[0], UP), *runs(KEYS[1], {**UP, 70: State.DOWN}))
    statements.clear()
    told(engine)
    assert not any("transition" in statement for statement in statements)

    live(engine, *runs(KEYS[0], {91: State.DOWN}))
    statements.clear()
    told(engine)
    assert any("transition" in statement for statement in statements)
