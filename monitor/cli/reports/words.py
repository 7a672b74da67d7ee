"""What a report says in words, and its tables before they are drawn: the same in every format."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from monitor.app.report import Episode, GroupReport, Report, TargetReport
from monitor.cli.amounts import NONE, dollars, instant, lasted, latency, share, speed
from monitor.cli.inert import inert
from monitor.cli.reports.meanings import meaning
from monitor.health.rollup import Quantity
from monitor.model.outcome import Fault, Outcome, fault_of
from monitor.model.result import Result
from monitor.model.window import WindowStats

INCIDENTS = "Incidents"
#: More providers than this are counted, not named.
_FEW = 4


class Sheet(NamedTuple):
    """A table: foreign words in it are as they came, and a line break begins a line.

    Attributes:
        title: What it shows.
        columns: Their heads.
        rows: A text for each column.
        words: How many of the first columns are words; the others are figures.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: int


def title(report: Report) -> str:
    """Say what it is, and whose."""
    wanted, whose = report.wanted, report.wanted.provider or _providers(report)
    if wanted.target:
        return f"Service levels of {wanted.target}"
    about = f"{wanted.group} by {whose}" if wanted.group and whose else wanted.group or whose
    return f"Service levels of {about}" if about else "Service levels"


def _providers(report: Report) -> str:
    names = sorted({each.labels.provider for each in report.targets})
    return ", ".join(names) if len(names) <= _FEW else f"{len(names)} providers"


def period(report: Report) -> str:
    """Say which time it tells of, from where, and when it was made."""
    seen = ", ".join(report.vantages) or NONE
    return (
        f"{instant(report.begin_at)} to {instant(report.end_at)} UTC, seen from {seen}; made "
        f"{instant(report.generated_at)} UTC by LLM provider monitor {report.version}"
    )


def notices(report: Report) -> Iterator[str]:
    """Say what a reader must know first."""
    if report.targets and report.is_simulated:
        yield "SIMULATED FLEET: these providers are built in; the figures say nothing of the world."
    wanted = report.wanted
    if wanted.begin_at > report.begin_at or wanted.end_at < report.end_at:
        yield (
            f"Asked for was {instant(wanted.begin_at)} to {instant(wanted.end_at)} UTC: told is of "
            "whole hours, or days where hours are kept no more."
        )
    first_at = min((each.since_at for each in report.targets), default=report.begin_at)
    if first_at > report.begin_at:
        yield f"Probing began at {instant(first_at)} UTC: of the time before nothing is known."


def sheets(report: Report) -> Iterator[Sheet]:
    """Give the tables, in their order."""
    yield _sheet("Uptime", _UPTIME, report)
    yield _sheet("Latency, speed, cost", _LATENCY, report)
    yield _failures(report)
    yield _incidents(report)
    if any(each.targets > 1 for each in report.groups):
        yield _groups(report)


def method(report: Report) -> Iterator[str]:
    """Say how the figures came about."""
    intervals = sorted({each for told in report.targets for each in told.interval_seconds})
    every = ", ".join(f"{each:g} s" for each in intervals) or NONE
    stats = [each.completion.stats for each in report.targets]
    valid, excluded = sum(each.valid for each in stats), sum(each.excluded for each in stats)
    yield (
        f"Each target is sent a short streamed completion every {every} from "
        f"{', '.join(report.vantages) or NONE}: {valid + excluded:,} scheduled runs, of which "
        f"{valid:,} count."
    )
    yield (
        "Uptime is good runs over runs that count. A failure counts if it was the provider's "
        "doing; what our account, our request or our own network did is left out "
        f"({excluded:,} runs{_left_out(report)})."
    )
    yield (
        "The bounds are the Wilson score interval at 95 %. It takes runs for independent; failures "
        "come in streaks, so it flatters a little."
    )
    yield (
        "The second uptime follows the rule that OpenRouter documents: 401, 402, 404, 5xx and "
        "errors amid a stream count as bad; 400, 403, 413 and 429 do not count."
    )
    yield (
        "Availability is by time: a target is unavailable from the first failing run of the streak "
        "that took it down until it left that state. Time in which nothing was known is left out. "
        "A group is available while one of its targets is."
    )
    yield (
        "Coverage is runs made over runs planned; time in which the monitor stood still lowers it. "
        "Times are those of good runs: the first token after the request's last byte. A median "
        "needs 5 runs, a 95th percentile 20; percentiles are within 1 %."
    )


def _left_out(report: Report) -> str:
    told = [
        f"{count:,} {outcome}"
        for outcome, count in sorted(report.outcomes.items())
        if fault_of(Outcome(outcome)) in (Fault.ACCOUNT, Fault.REQUEST, Fault.PROBER)
    ]
    return f": {', '.join(told)}" if told else ""


def _names(told: TargetReport, report: Report) -> str:
    return f"{told.labels.key} from {told.vantage}" if len(report.vantages) > 1 else told.labels.key


_Column = Callable[[TargetReport], str]

_UPTIME: Mapping[str, _Column] = {
    "uptime": lambda told: share(told.completion.stats.uptime_ratio, 3),
    "95 % bounds": lambda told: _bounds(told.completion.stats),
    "OpenRouter's rule": lambda told: share(told.completion.stats.openrouter_uptime_ratio, 3),
    "availability": lambda told: share(told.completion.stats.availability_ratio, 3),
    "down for": lambda told: lasted(told.completion.bucket.availability.unavailable_seconds),
    "incidents": lambda told: f"{len(told.episodes)}",
    "good / valid": lambda told: _counts(told.completion.stats),
    "left out": lambda told: f"{told.completion.stats.excluded:,}",
    "coverage": lambda told: share(told.completion.stats.coverage_ratio),
}

_LATENCY: Mapping[str, _Column] = {
    "TTFT median": lambda told: latency(told.times(Quantity.TTFT).median),
    "TTFT p95": lambda told: latency(told.times(Quantity.TTFT).p95),
    "duration median": lambda told: latency(told.times(Quantity.DURATION).median),
    "duration p95": lambda told: latency(told.times(Quantity.DURATION).p95),
    "tokens/s median": lambda told: speed(told.speeds.median),
    "timed runs": lambda told: f"{told.times(Quantity.TTFT).samples:,}",
    "cost": lambda told: dollars(told.cost_usd),
}


def _sheet(name: str, columns: Mapping[str, _Column], report: Report) -> Sheet:
    rows = [
        (_names(told, report), *(write(told) for write in columns.values()))
        for told in report.targets
    ]
    return Sheet(name, ("target", *columns), rows, 1)


def _failures(report: Report) -> Sheet:
    rows = [
        (
            _names(told, report),
            cause.outcome,
            meaning(cause.outcome, cause.rule),
            cause.rule,
            f"{count:,}",
        )
        for told in report.targets
        for cause, count in sorted(
            told.completion.bucket.outcomes.items(), key=lambda each: (-each[1], each[0])
        )
        if cause.outcome not in (Outcome.OK, Outcome.STARVED)
    ]
    heads = ("target", "outcome", "meaning", "rule", "runs")
    return Sheet("Runs that were not good", heads, rows, len(heads) - 1)


def _incidents(report: Report) -> Sheet:
    rows = [
        (_names(told, report), *_incident(each))
        for told in report.targets
        for each in told.episodes
    ]
    heads = (
        "target",
        "begin (UTC)",
        "end (UTC)",
        "lasted",
        "cause",
        "failing runs",
        "evidence",
        "request ids",
    )
    return Sheet(INCIDENTS, heads, rows, len(heads))


def _incident(episode: Episode) -> tuple[str, ...]:
    incident = episode.incident
    is_lost = incident.end_at is None and not incident.is_open
    end = "probed no more" if is_lost else "open" if incident.is_open else instant(incident.end_at)
    return (
        instant(incident.begin_at),
        end,
        lasted(episode.seconds),
        incident.reason,
        counted(episode) or NONE,
        evidence(episode),
        ", ".join(episode.request_ids) or NONE,
    )


def counted(episode: Episode) -> str:
    """Say how many failing runs ended in what, as far as they are kept."""
    return ", ".join(f"{count:,} {outcome}" for outcome, count in episode.outcomes.items())


def evidence(episode: Episode) -> str:
    """Quote the first and the last failing run, each on a line; they may be kept no more."""
    told = [
        f"{when} {instant(run.at)}: {_quoted(run)}"
        for when, run in (("first", episode.first), ("last", episode.last))
        if run and not (when == "last" and episode.first and run.id == episode.first.id)
    ]
    return "\n".join(told) or "its results are kept no more"


def _quoted(run: Result) -> str:
    verdict = run.verdict
    status = f"HTTP {verdict.http_status}" if verdict.http_status else None
    code = verdict.provider_code
    is_status = code == str(verdict.http_status)
    parts = (verdict.outcome.value, status, None if is_status else code, verdict.message)
    return inert(" ".join(part for part in parts if part))


def _groups(report: Report) -> Sheet:
    is_far = len(report.vantages) > 1
    rows = [_group(each, is_far=is_far) for each in report.groups]
    heads = (
        "group",
        "targets",
        "one was available",
        "uptime of all runs",
        "95 % bounds",
        "OpenRouter's rule",
        "incidents",
        "good / valid",
        "cost",
    )
    return Sheet("Groups", heads, rows, 1)


def _group(told: GroupReport, *, is_far: bool) -> tuple[str, ...]:
    stats = told.stats
    return (
        f"{told.group} from {told.vantage}" if is_far else told.group,
        f"{told.targets}",
        share(stats.availability_ratio, 3),
        share(stats.uptime_ratio, 3),
        _bounds(stats),
        share(stats.openrouter_uptime_ratio, 3),
        f"{told.incidents}",
        _counts(stats),
        dollars(told.cost_usd),
    )


def _bounds(stats: WindowStats) -> str:
    if stats.uptime_lower_ratio is None:
        return NONE
    return f"{share(stats.uptime_lower_ratio)} – {share(stats.uptime_upper_ratio)}"


def _counts(stats: WindowStats) -> str:
    return f"{stats.good:,} / {stats.valid:,}"
