"""Who makes a long answer lets the others have the interpreter in between."""

from monitor.export.questions import Breath, Rows
from tests.fakes import FakeClock


def test_a_pause_is_taken_after_work_and_not_before(clock: FakeClock) -> None:
    pauses: list[float] = []
    breath = Breath(clock, pauses.append)

    for _ in range(10):
        clock.advance(0.0009)
        breath.take()

    assert pauses == [0.001] * 3


def test_a_pause_is_no_work(clock: FakeClock) -> None:
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock.advance(60.0)

    breath = Breath(clock, sleep)
    clock.advance(0.002)
    breath.take()
    breath.take()

    assert pauses == [0.001]


def test_a_page_weighs_what_its_rows_do() -> None:
    assert Rows(rows=[], places=[], is_all=True).weight == 0
    assert Rows(rows=[b"x" * 1000] * 3, places=[1, 2, 3], is_all=True).weight >= 3000
