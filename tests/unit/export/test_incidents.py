"""Incidents as the API tells them, from a real store of either kind."""

from dataclasses import replace
from datetime import timedelta

from monitor.model.health import State
from monitor.model.outcome import Outcome
from tests.factories import make_result
from tests.fakes import START
from tests.unit.export.scene import GONE, KEY, ODD, Scene, change


def test_incidents_are_told_with_begin_end_and_cause(scene: Scene) -> None:
    failed = [make_result(Outcome.TIMEOUT, minute=minute, http_status=504) for minute in range(3)]
    back = [make_result(minute=minute) for minute in (10, 11)]
    again = make_result(Outcome.OVERLOADED, minute=20)
    scene.write(
        change(failed[0], State.DEGRADED),
        failed[1],
        change(failed[2], State.DOWN, incident_at=failed[0].slot_at),
        back[0],
        change(back[1], State.UP),
        change(again, State.DOWN, incident_at=again.slot_at),
        change(make_result(target=ODD), State.UP),
    )

    told = scene.incidents()

    assert told["next_cursor"] is None
    newest, first = told["incidents"]
    assert (newest["is_open"], newest["end_at"], newest["reason"]) == (True, None, "overloaded")
    assert (first["is_open"], first["rule"], first["http_status"]) == (False, "test", 504)
    assert (first["target"], first["reason"]) == (KEY, "timeout")
    assert first["begin_at"] == START.isoformat()
    assert first["known_at"] == (failed[2].slot_at + timedelta(seconds=1)).isoformat()
    assert first["end_at"] == (back[1].slot_at + timedelta(seconds=1)).isoformat()
    assert first["result_id"] == failed[2].id


def test_incidents_come_page_by_page_and_by_target(scene: Scene) -> None:
    for number in range(4):
        for target in (KEY, ODD):
            down = make_result(Outcome.TIMEOUT, minute=10 * number, target=target)
            up = make_result(minute=10 * number + 5, target=target)
            scene.write(change(down, State.DOWN, down.slot_at), change(up, State.UP))

    seen: list[int] = []
    page = scene.incidents(limit=3)
    seen += [each["id"] for each in page["incidents"]]
    while page["next_cursor"]:
        page = scene.incidents(limit=3, cursor=page["next_cursor"])
        seen += [each["id"] for each in page["incidents"]]

    assert len(seen) == 8
    assert seen == sorted(seen, reverse=True)
    of_one = scene.incidents(target=ODD)["incidents"]
    assert [each["target"] for each in of_one] == [ODD] * 4
    assert all(each["end_at"] and not each["is_open"] for each in of_one)


def test_an_incident_outlives_its_results_and_its_target(scene: Scene) -> None:
    down = make_result(Outcome.TIMEOUT, target=GONE)
    lost = replace(change(down, State.DOWN, START), result=make_result(target=GONE, minute=1))
    scene.write(lost)
    with scene.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM result")

    (told,) = scene.incidents()["incidents"]

    assert (told["reason"], told["rule"], told["message"]) == ("timeout", None, None)
    assert (told["end_at"], told["is_open"]) == (None, False)
    assert told["retired_at"] == START.isoformat()
