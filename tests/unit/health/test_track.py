"""A target's availability in its last hours, as reckoned of all that ever happened to it."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.health.availability import Availability, availability, silences, stays
from monitor.health.track import Track
from monitor.model.health import State, Transition
from tests.fakes import START

BEGIN = START.timestamp()
PATIENCE_SECONDS = 180.0
#: In minutes; many lie close by.
INSTANTS = st.integers(0, 30) | st.integers(0, 600)
CHANGES = st.tuples(
    st.just("change"), INSTANTS, st.sampled_from(list(State)), st.sampled_from((None, 1, 20))
)
HEARD = st.tuples(st.just("hear"), INSTANTS)


def change(minute: float, state: State, earlier: float | None = None) -> Transition:
    at = START + timedelta(minutes=minute)
    return Transition(
        target="acme/large",
        vantage="here",
        at=at,
        old_state=State.UNKNOWN,
        new_state=state,
        reason="test",
        incident_at=None if earlier is None else at - timedelta(minutes=earlier),
        result_id="0",
    )


def heard(*minutes: float) -> Track:
    track = Track()
    for minute in minutes:
        begin = BEGIN + 60 * minute
        track.hear(begin, begin + PATIENCE_SECONDS)
    return track


def during(track: Track, first: float, last: float) -> Availability:
    return track.availability(BEGIN + 60 * first, BEGIN + 60 * last)


@given(
    deeds=st.lists(CHANGES | HEARD | HEARD, max_size=40),
    forgotten=INSTANTS,
    lengths=st.lists(st.integers(0, 600), min_size=1, max_size=4),
)
def test_it_says_what_the_whole_history_says(
    deeds: list[tuple[object, ...]], forgotten: int, lengths: list[int]
) -> None:
    """Changes and runs in any order, as late ones and a clock that is set back make them."""
    track, changes, runs = Track(), [], []
    for deed, minute, *how in deeds:
        assert isinstance(minute, int)
        if deed == "hear":
            runs.append(BEGIN + 60 * minute)
            track.hear(runs[-1], runs[-1] + PATIENCE_SECONDS)
        else:
            changes.append(change(minute, *how))  # type: ignore[arg-type]
            track.learn(changes[-1:])
    begin = BEGIN + 60 * forgotten
    track.forget(begin)

    for length in lengths:
        span = begin, begin + 60 * length
        silent = silences(sorted(runs), *span, PATIENCE_SECONDS)
        assert track.availability(*span) == availability(stays(changes, *span), silent)


def test_who_is_up_and_heard_of_is_available() -> None:
    track = heard(*range(60))
    track.learn([change(0, State.UP)])

    assert during(track, 10, 60) == (3000, 0)
    assert during(track, 60, 60) == (0, 0)


def test_a_late_run_shortens_the_silence_that_it_falls_into() -> None:
    track = heard(0, 20)
    track.learn([change(0, State.UP)])
    assert during(track, 0, 20) == (180, 0)

    track.hear(BEGIN + 600, BEGIN + 600 + PATIENCE_SECONDS)

    assert during(track, 0, 20) == (360, 0)


def test_what_is_forgotten_was_of_no_more_use() -> None:
    track = heard(0, 20, 21, 40)
    track.learn([change(0, State.UP), change(21, State.DOWN, 1), change(40, State.RECOVERING)])
    before = during(track, 30, 41)

    track.forget(BEGIN + 60 * 30)

    assert [before, during(track, 30, 41)] == [(60, 0)] * 2
    assert [len(track._transitions), len(track._silences)] == [2, 1]
