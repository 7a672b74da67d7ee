"""Puts together what others see: HTTP surfaces, and the picture that all of it is drawn from."""

import ssl
from collections.abc import Callable, Mapping
from typing import NamedTuple

from fastapi import FastAPI

from monitor.app.in_force import InForce
from monitor.app.observers import Observers
from monitor.app.outlet import Outlet
from monitor.app.routers import Routers
from monitor.config.settings import Settings
from monitor.export.api import build_api
from monitor.export.borrowed import BorrowedForms
from monitor.export.checks import Checks
from monitor.export.guard import Access
from monitor.export.history import History
from monitor.export.metrics import Metrics
from monitor.export.pages.asking import Chronicle
from monitor.export.pages.drawing import Sources
from monitor.export.pages.past import Past
from monitor.export.pages.serving import Pages
from monitor.export.questions import Questions
from monitor.export.routing import RoutingFeed
from monitor.export.tls import serving_context
from monitor.model.clock import Clock
from monitor.probes.prober import Prober
from monitor.recorder.changes import Changes
from monitor.recorder.feed import Feed
from monitor.recorder.recorder import Recorder
from monitor.scheduling.limits import Limits
from monitor.store.reader import Answers


class Known(NamedTuple):
    """What is known of the past.

    Attributes:
        answers: The last answers of the store.
        ratios: Gives for which share of each window a group was available.
    """

    answers: Answers
    ratios: Callable[[], Mapping[str, Mapping[str, float]]]


def make_api(
    in_force: InForce,
    clock: Clock,
    metrics: Metrics,
    recorder: Recorder,
    feed: Feed,
    changes: Changes,
    known: Known,
) -> FastAPI:
    """Put the application together.

    Args:
        in_force: Whether a token is asked for, how long the past is kept, what was refused.
        clock: Tells how old things are.
        metrics: Writes /metrics.
        recorder: Knows all targets.
        feed: Knows the weights.
        changes: Knows the changes of state.
        known: Knows the past.
    """
    answers, settings = known.answers, in_force.settings
    questions = Questions(settings.vantage, clock, recorder.spans)
    past = History(
        answers,
        questions,
        lambda: recorder.snapshot,
        clock,
        lambda: in_force.settings.retention,
    )
    metrics.configure(lambda: in_force.status)
    api = build_api(
        snapshot=lambda: recorder.snapshot,
        metrics=metrics,
        clock=clock,
        access=Access(settings.token, is_public=settings.public) if settings.token else None,
        history=past,
        routing=RoutingFeed(feed, changes),
        pages=_pages(in_force, clock, recorder, feed, known),
        configuration=lambda: in_force.status,
    )
    api.include_router(Checks(lambda: feed.routing, clock).routes())
    forms = BorrowedForms(lambda: feed.routing, recorder.lately, clock)
    api.include_router(forms.routes())
    return api


def _pages(in_force: InForce, clock: Clock, recorder: Recorder, feed: Feed, known: Known) -> Pages:
    chronicle = Chronicle(in_force.settings.vantage, clock, recorder)
    return Pages(
        Sources(
            snapshot=lambda: recorder.snapshot,
            clock=clock,
            past=Past(known.answers, chronicle, lambda: recorder.shown),
            routing=lambda: feed.routing,
            ratios=known.ratios,
            lately=recorder.lately,
            changes=feed,
            configuration=lambda: in_force.status,
        )
    )


def show(
    metrics: Metrics,
    recorder: Recorder,
    prober: Prober,
    limits: Limits,
    writer: Outlet,
    spent_ratios: Callable[[], Mapping[str, float]],
) -> None:
    """Have the metrics show what the parts know.

    Args:
        metrics: Write /metrics.
        recorder: Knows all targets.
        prober: Knows what is under way.
        limits: Know what waits for room.
        writer: Knows what waits to be written.
        spent_ratios: Gives the share of the day's budget that is spent, by provider.
    """
    metrics.show(
        snapshot=lambda: recorder.snapshot,
        in_flight=lambda: prober.in_flight,
        waiting=lambda: limits.waiting,
        pending=lambda: writer.pending,
        spooled=lambda: writer.spooled,
        dropped=lambda: writer.dropped,
        spent_ratios=spent_ratios,
    )


def open_tls(settings: Settings, observers: Observers) -> ssl.SSLContext | None:
    """Make what HTTPS is spoken with; None where HTTP is.

    Raises:
        ServerError: The files cannot be used.
    """
    if settings.tls is None:
        return None
    return serving_context(settings.tls.certificate, settings.tls.private_key, observers.tls_failed)


def redrawing(
    recorder: Recorder, feed: Feed, routers: Routers, metrics: Metrics
) -> Callable[[], None]:
    """Give what draws everything anew; one thread may call it."""

    def redraw() -> None:
        try:
            feed.draw(recorder.refresh())
        finally:  # by the last ones if that fails, which say themselves when they are too old
            routers.tell(feed.routing)
        metrics.prepare()

    return redraw
