"""Each thing that happens inside has its series and, where it matters, its line."""

import io
import json
import threading
from dataclasses import replace

from monitor import log
from monitor.app.observers import Observers
from monitor.app.refresher import Refresher
from monitor.export.metrics import Metrics
from monitor.model.outcome import Outcome
from tests.factories import make_result
from tests.fakes import FakeClock
from tests.waiting import wait_until


def test_each_read_of_an_answer_is_counted(clock: FakeClock) -> None:
    metrics = Metrics(clock)

    Observers(metrics).heard([0.0001, 0.004])

    text = metrics.render("")[0].decode()
    assert 'llmprobe_observation_delay_seconds_bucket{le="0.001"} 1.0' in text
    assert "llmprobe_observation_delay_seconds_count 2.0" in text


def test_what_happens_is_counted_and_told(clock: FakeClock) -> None:
    stream = io.StringIO()
    writer = log.set_up(as_json=True, stream=stream)
    metrics = Metrics(clock)
    observers = Observers(metrics)

    observers.recorded(make_result(schedule_delay_seconds=0.02))
    observers.recorded(make_result(schedule_delay_seconds=None, confirm=1))
    observers.lagged(0.001)
    observers.written(10, 0.004)
    observers.write_failed(OSError("disk full"))
    observers.fold_failed(OSError("disk full"))
    observers.dropped(3, "too many waited")
    observers.failed(ValueError("ours"))
    observers.duplicated(2)
    observers.read_failed(OSError("disk full"))
    observers.history_failed(OSError("disk full"))
    writer.close()

    text = metrics.render("")[0].decode()
    for line in (
        "llmprobe_schedule_delay_seconds_count 1.0",
        "llmprobe_event_loop_lag_seconds_count 1.0",
        "llmprobe_store_write_duration_seconds_count 1.0",
        'llmprobe_store_write_errors_total{reason="other"} 2.0',
        'llmprobe_store_write_errors_total{reason="full"} 0.0',
        'llmprobe_store_read_errors_total{reason="other"} 2.0',
        "llmprobe_internal_errors_total 1.0",
    ):
        assert line in text
    events = [json.loads(line)["event"] for line in stream.getvalue().splitlines()]
    assert events == [
        "store_write_failed",
        "fold_failed",
        "results_dropped",
        "internal_error",
        "results_already_stored",
        "store_read_failed",
        "history_failed",
    ]


def test_the_time_of_an_answer_is_counted(clock: FakeClock) -> None:
    metrics = Metrics(clock)

    Observers(metrics).read_answered(0.03)

    text = metrics.render("")[0].decode()
    assert 'llmprobe_store_read_duration_seconds_bucket{le="0.05"} 1.0' in text
    assert 'llmprobe_store_read_duration_seconds_bucket{le="0.025"} 0.0' in text


def test_a_slot_that_was_not_run_is_counted_by_its_reason(clock: FakeClock) -> None:
    missed = make_result(Outcome.MISSED, started_at=None, schedule_delay_seconds=None)
    late = replace(missed, verdict=replace(missed.verdict, rule="missed-late"))
    metrics = Metrics(clock)
    Observers(metrics).recorded(late)
    Observers(metrics).recorded(make_result())

    text = metrics.render("")[0].decode()

    assert 'llmprobe_slots_missed_total{reason="late"} 1.0' in text
    assert 'llmprobe_slots_missed_total{reason="budget"} 0.0' in text
    assert text.count("llmprobe_slots_missed_total{") == 6


def test_files_of_tls_that_cannot_be_used_are_told(clock: FakeClock) -> None:
    stream = io.StringIO()
    writer = log.set_up(as_json=True, stream=stream)
    Observers(Metrics(clock)).tls_failed(OSError("no certificate"))
    writer.close()

    told = json.loads(stream.getvalue())
    assert (told["event"], told["detail"]) == ("tls_files_failed", "no certificate")


def test_a_network_that_works_again_is_told_as_such(clock: FakeClock) -> None:
    stream = io.StringIO()
    writer = log.set_up(as_json=True, stream=stream)
    metrics = Metrics(clock)
    observers = Observers(metrics)

    observers.network_changed("nobody can be reached")
    told = metrics.render("")[0].decode()
    observers.network_changed(None)
    writer.close()

    down, up = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (down["level"], down["event"]) == ("error", "network_down")
    assert down["detail"] == "nobody can be reached"
    assert (up["level"], up["event"]) == ("info", "network_up")
    assert "llmprobe_network_up 0.0" in told
    assert "llmprobe_network_up 1.0" in metrics.render("")[0].decode()


def test_what_goes_on_for_long_is_told_once(clock: FakeClock) -> None:
    stream = io.StringIO()
    writer = log.set_up(as_json=True, stream=stream)
    metrics = Metrics(clock)
    observers = Observers(metrics)

    observers.spooled(2)
    observers.spooled(1)
    observers.caught_up()
    observers.caught_up()
    for number in (28, 28, 30):
        observers.spool_failed(OSError(number, "the disk does not take it"))
    broken = metrics.render("")[0]
    observers.spooled(0)
    observers.replayed(4)
    observers.left_behind(5, "spool")
    writer.close()

    assert b"llmprobe_spool_writable 0.0" in broken
    assert b"llmprobe_spool_writable 1.0" in metrics.render("")[0]
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == [
        "results_spooled",
        "spool_written",
        "spool_failed",
        "spool_failed",
        "spool_writable",
        "spool_written",
        "results_wait_in_spool",
    ]


def test_a_picture_that_fails_to_be_drawn_is_told_and_tried_again() -> None:
    errors: list[BaseException] = []
    drawn = threading.Event()

    def refresh() -> None:
        if not errors:
            raise ValueError("ours")
        drawn.set()

    refresher = Refresher(refresh, errors.append)
    refresher.start()
    wait_until(drawn.is_set)
    refresher.stop()

    assert [str(each) for each in errors] == ["ours"]
