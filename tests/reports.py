"""Reports made up, with all that a provider may have said."""

from dataclasses import replace
from datetime import timedelta

from monitor.app.report import Episode, GroupReport, Report, TargetReport, Wanted
from monitor.health.availability import Availability
from monitor.health.rollup import Bucket, Run, fold
from monitor.health.series import point
from monitor.model.incident import Incident
from monitor.model.outcome import Outcome
from monitor.model.target import Kind
from monitor.store.labels import Labels
from tests.factories import make_result
from tests.fakes import START

BEGIN, END = START.replace(minute=0), START.replace(minute=0) + timedelta(hours=2)


def make_report(words: str = "Busy", *, vantages: tuple[str, ...] = ("here",)) -> Report:
    """A report of one target from each vantage; *words* stand wherever foreign ones can."""
    targets = tuple(_target(words, vantage) for vantage in vantages)
    return Report(
        wanted=Wanted(begin_at=BEGIN, end_at=END, provider=words),
        begin_at=BEGIN,
        end_at=END,
        generated_at=END + timedelta(minutes=5),
        version="1.2.3",
        targets=targets,
        groups=tuple(
            GroupReport(
                group=words,
                vantage=each.vantage,
                targets=2,
                stats=each.completion.stats,
                incidents=1,
                cost_usd=each.cost_usd,
            )
            for each in targets
        ),
    )


def empty_report() -> Report:
    """A report of nothing."""
    return replace(make_report(), targets=(), groups=())


def _target(words: str, vantage: str) -> TargetReport:
    labels = Labels(
        key=words,
        provider=words,
        model=words,
        group=words,
        region=words,
        dialect="openai_chat",
        host=words,
        simulated=False,
        retired_at=None,
    )
    return TargetReport(
        labels=labels,
        vantage=vantage,
        since_at=BEGIN,
        interval_seconds=(60.0,),
        completion=point(_bucket(), (BEGIN, END), (), END),
        throughput=None,
        episodes=(_episode(words, vantage),),
    )


def _bucket() -> Bucket:
    runs = [
        make_result(
            Outcome.OK if number >= 3 else Outcome.OVERLOADED,
            minute=number,
            ttft_seconds=0.25,
            duration_seconds=0.75,
            cost_usd=0.001,
        )
        for number in range(30)
    ]
    runs.append(make_result(Outcome.RATE_LIMITED, minute=31, openrouter_good=None))
    bucket = fold(Kind.COMPLETION, map(Run.of, runs))
    return replace(bucket, availability=Availability(6000.0, 1200.0))


def _episode(words: str, vantage: str) -> Episode:
    failed = make_result(Outcome.OVERLOADED, http_status=529, request_id=words)
    verdict = replace(failed.verdict, message=words, provider_code=words)
    incident = Incident(
        id=7,
        target=words,
        vantage=vantage,
        begin_at=BEGIN,
        known_at=BEGIN + timedelta(minutes=1),
        end_at=BEGIN + timedelta(minutes=20),
        is_open=False,
        reason=words,
        rule="test",
        http_status=529,
        provider_code=words,
        message=words,
        result_id="0123456789ab",
    )
    return Episode(
        incident=incident,
        seconds=1200.0,
        first=replace(failed, verdict=verdict),
        last=replace(failed, verdict=verdict, confirm=1),
        outcomes={"overloaded": 3, "unreachable": 1},
        request_ids=(words, "req-2"),
    )
