"""The recorder: health in memory, triples to the sink, one picture for all surfaces."""

from datetime import timedelta

from monitor.health.coverage import Span
from monitor.model.health import Health, State
from monitor.model.outcome import Outcome
from monitor.model.snapshot import TargetView
from monitor.model.target import Kind
from monitor.recorder.memory import TargetMemory
from monitor.recorder.recorder import Recorder
from tests.factories import make_probe, make_result
from tests.fakes import START, FakeClock, ListSink


def by_minute(begin: float, end: float) -> int:
    """Slots on whole minutes, after one instant and up to another."""
    return int(end // 60) - int(begin // 60)


def make_recorder(
    clock: FakeClock, sink: ListSink | None = None, health: Health | None = None
) -> Recorder:
    memory = TargetMemory(
        probe=make_probe(),
        health=health or Health(),
        spans=(Span(begin_at=START.timestamp() - 1, end_at=None, count=by_minute),),
        begun_at=START,
    )
    return Recorder({"acme/large": memory}, sink or ListSink(), clock, "here")


def only_view(recorder: Recorder) -> TargetView:
    (view,) = recorder.refresh().targets
    return view


def test_health_has_stepped_and_the_triple_is_on_its_way(clock: FakeClock) -> None:
    sink = ListSink()
    recorder = make_recorder(clock, sink)

    triple = recorder.record(make_result())

    assert recorder.health("acme/large").state is State.UP
    assert sink.triples == [triple]
    assert triple.health == recorder.health("acme/large")
    assert triple.transition is not None
    assert triple.transition.new_state is State.UP


def test_a_slot_that_was_not_run_leaves_no_health_behind(clock: FakeClock) -> None:
    triple = make_recorder(clock).record(make_result(Outcome.MISSED, started_at=None))

    assert (triple.health, triple.transition) == (None, None)


def test_the_picture_shows_windows_totals_and_the_newest_run(clock: FakeClock) -> None:
    sink = ListSink()
    recorder = make_recorder(clock, sink)
    for minute in range(10):
        outcome = Outcome.OVERLOADED if minute == 9 else Outcome.OK
        recorder.record(make_result(outcome, minute=minute, ttft_seconds=0.3))
    recorder.keep(sink.triples)
    clock.advance(10 * 60 - 1)

    view = only_view(recorder)

    assert view.windows["1h"].uptime_ratio == 0.9
    assert view.windows["1h"].coverage_ratio == 1.0
    assert view.windows["5m"].valid == 5
    assert view.windows["24h"].ttft_median_seconds == 0.3
    assert view.totals.valid == {"completion": 10}
    assert view.last_result is not None
    assert view.last_result.verdict.outcome is Outcome.OVERLOADED


def test_nothing_is_counted_before_it_is_kept_and_the_picture_follows_at_once(
    clock: FakeClock,
) -> None:
    recorder = make_recorder(clock)
    triples = [recorder.record(make_result(minute=minute)) for minute in range(20)]
    assert only_view(recorder).windows["24h"].valid == 1  # the others are of the future
    assert only_view(recorder).totals.valid == {}

    recorder.keep(triples)

    assert only_view(recorder).totals.valid == {"completion": 20}


def test_a_run_in_flight_does_not_lower_coverage_and_a_lost_one_does(clock: FakeClock) -> None:
    recorder = make_recorder(clock)
    for minute in range(5):
        recorder.record(make_result(minute=minute))

    clock.advance(5 * 60 + 1)
    assert only_view(recorder).windows["1h"].coverage_ratio == 1.0

    clock.advance(4 * 60)
    assert only_view(recorder).windows["1h"].coverage_ratio == 5 / 9


def test_confirm_runs_are_not_in_the_windows(clock: FakeClock) -> None:
    recorder = make_recorder(clock)
    recorder.record(make_result())
    recorder.record(make_result(Outcome.TIMEOUT, confirm=1))

    assert only_view(recorder).windows["1h"].valid == 1


def test_three_intervals_of_silence_are_stale(clock: FakeClock) -> None:
    recorder = make_recorder(clock)
    assert not only_view(recorder).is_stale

    clock.advance(181)
    assert only_view(recorder).is_stale

    recorder.record(make_result(minute=3))
    assert not only_view(recorder).is_stale


def test_windows_move_on_without_results(clock: FakeClock) -> None:
    recorder = make_recorder(clock)
    recorder.record(make_result())

    clock.advance(400)

    assert only_view(recorder).windows["5m"].valid == 0


def test_a_view_is_drawn_anew_only_when_something_moved(clock: FakeClock) -> None:
    recorder = make_recorder(clock)
    before = only_view(recorder)

    clock.advance(1)
    assert only_view(recorder) is before

    recorder.record(make_result())
    assert only_view(recorder) is not before


def test_the_heartbeat_is_the_probing_loops(clock: FakeClock) -> None:
    recorder = make_recorder(clock)
    clock.advance(20)
    assert recorder.refresh().heartbeat_at == START

    recorder.beat()

    assert recorder.refresh().heartbeat_at == START + timedelta(seconds=20)


def test_results_of_the_future_wait_until_their_time(clock: FakeClock) -> None:
    """The clock was two hours ahead and has been set back."""
    recorder = make_recorder(clock)
    for minute in range(120, 125):
        recorder.record(make_result(Outcome.OVERLOADED, minute=minute))
    for minute in range(5):
        recorder.record(make_result(minute=minute))
    clock.advance(4 * 60 + 1)

    assert only_view(recorder).windows["5m"].uptime_ratio == 1.0
    assert only_view(recorder).windows["5m"].valid == 5


def test_a_listing_that_answers_does_not_hide_that_completions_are_silent(
    clock: FakeClock,
) -> None:
    recorder = make_recorder(clock)
    clock.advance(181)
    recorder.keep([recorder.record(make_result(minute=3, kind=Kind.MODELS))])

    view = only_view(recorder)
    assert view.is_stale
    assert view.last_result is None
    assert view.totals.valid == {"models": 1}


def test_targets_that_go_are_hidden_and_those_that_stay_keep_what_is_known(
    clock: FakeClock,
) -> None:
    recorder = make_recorder(clock)
    recorder.record(make_result())
    stays = TargetMemory(
        probe=make_probe(interval_seconds=30.0), health=Health(), spans=(), begun_at=START
    )
    comes = TargetMemory(probe=make_probe("b/c"), health=Health(), spans=(), begun_at=START)

    recorder.replace({"acme/large": stays, "b/c": comes})
    acme, other = recorder.refresh().targets
    assert acme.health.state is State.UP
    assert acme.interval_seconds == 30.0
    assert other.target.key == "b/c"

    recorder.replace({"b/c": comes})
    assert recorder.known == {"acme/large", "b/c"}
    assert [view.target.key for view in recorder.refresh().targets] == ["b/c"]
    recorder.record(make_result(minute=1))  # a run that was still in flight


def test_schedules_are_given_of_the_targets_that_are_shown(clock: FakeClock) -> None:
    recorder = make_recorder(clock)

    assert [span.count for span in recorder.spans("acme/large")] == [by_minute]
    assert recorder.spans("no/one") == ()
    recorder.replace({})
    assert recorder.spans("acme/large") == ()


def test_the_samples_of_a_time_begin_with_it(clock: FakeClock) -> None:
    recorder = make_recorder(clock)
    for minute in range(5):
        recorder.record(make_result(minute=minute))
    begin = START.timestamp() + 60

    samples = recorder.samples("acme/large", begin, begin + 150)

    assert [at_us / 1e6 - begin for at_us in samples.at_us] == [0, 60, 120]
