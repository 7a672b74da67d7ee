"""Changes of state are told at least once."""

from datetime import timedelta

from monitor.model.health import State, Transition
from monitor.recorder.changes import Changes
from tests.fakes import START


def change(minute: int) -> Transition:
    """A change of state in a minute."""
    return Transition(
        target="acme/large",
        vantage="here",
        at=START + timedelta(minutes=minute),
        old_state=State.UP,
        new_state=State.DEGRADED,
        reason="timeout",
        incident_at=None,
        result_id=f"{minute:016x}",
    )


def test_who_knows_one_is_told_of_those_after_it() -> None:
    changes = Changes(map(change, range(3)))
    changes.add(change(3))
    second = changes.since("")[1]

    assert [each.transition for each in changes.since(second.id)] == [change(2), change(3)]
    assert changes.since(changes.last_id) == ()


def test_who_comes_anew_is_told_of_none() -> None:
    assert Changes([change(0)]).since(None) == ()


def test_who_was_away_for_too_long_is_told_of_all_that_are_known() -> None:
    changes = Changes(map(change, range(2)))

    assert len(changes.since("0-gone")) == 2


def test_an_id_outlives_a_restart() -> None:
    before, after = Changes(), Changes(map(change, range(2)))
    before.add(change(0))

    assert [each.transition for each in after.since(before.last_id)] == [change(1)]


def test_no_more_than_a_thousand_are_kept() -> None:
    changes = Changes(map(change, range(1200)))

    assert len(changes.since("0-gone")) == 1000


def test_without_any_there_is_no_last_one() -> None:
    assert Changes().last_id == ""


def test_who_listens_is_told_until_it_ends() -> None:
    changes, told = Changes(), list[str]()
    end = changes.listen(lambda: told.append(changes.last_id))
    changes.add(change(0))
    end()
    changes.add(change(1))

    assert told == [changes.since("")[0].id]
