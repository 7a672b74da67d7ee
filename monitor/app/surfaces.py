"""Puts together what others see: HTTP surfaces, and the picture that all of it is drawn from."""

import ssl
from collections.abc import Callable

from fastapi import FastAPI

from monitor.app.observers import Observers
from monitor.app.routers import Routers
from monitor.config.settings import Settings
from monitor.export.api import build_api
from monitor.export.borrowed import BorrowedForms
from monitor.export.checks import Checks
from monitor.export.history import History
from monitor.export.metrics import Metrics
from monitor.export.questions import Questions
from monitor.export.routing import RoutingFeed
from monitor.export.tls import serving_context
from monitor.model.clock import Clock
from monitor.recorder.changes import Changes
from monitor.recorder.feed import Feed
from monitor.recorder.recorder import Recorder
from monitor.store.reader import Answers


def make_api(
    settings: Settings,
    clock: Clock,
    metrics: Metrics,
    recorder: Recorder,
    feed: Feed,
    changes: Changes,
    answers: Answers,
) -> FastAPI:
    """Put the application together.

    Args:
        settings: Whether a token is asked for, and how long the past is kept.
        clock: Tells how old things are.
        metrics: Writes /metrics.
        recorder: Knows all targets.
        feed: Knows the weights.
        changes: Knows the changes of state.
        answers: Knows the past.
    """
    questions = Questions(settings.vantage, clock, recorder.spans)
    api = build_api(
        snapshot=lambda: recorder.snapshot,
        metrics=metrics,
        clock=clock,
        token=settings.token,
        history=History(answers, questions, lambda: recorder.snapshot, clock, settings.retention),
        routing=RoutingFeed(feed, changes),
    )
    api.include_router(Checks(lambda: feed.routing, clock).routes())
    forms = BorrowedForms(lambda: feed.routing, recorder.lately, clock)
    api.include_router(forms.routes())
    return api


def open_tls(settings: Settings, observers: Observers) -> ssl.SSLContext | None:
    """Make what HTTPS is spoken with; None where HTTP is.

    Raises:
        ServerError: The files cannot be used.
    """
    if settings.tls is None:
        return None
    return serving_context(settings.tls.certificate, settings.tls.key, observers.tls_failed)


def redrawing(
    recorder: Recorder, feed: Feed, routers: Routers, metrics: Metrics
) -> Callable[[], None]:
    """Give what draws everything anew; one thread may call it."""

    def redraw() -> None:
        routers.tell(feed.draw(recorder.refresh()))
        metrics.prepare()

    return redraw
