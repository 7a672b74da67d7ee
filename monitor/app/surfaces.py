"""Puts together what others see: HTTP surfaces, and the picture that all of it is drawn from."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from fastapi import FastAPI

from monitor.app.routers import Routers
from monitor.config.settings import Settings
from monitor.export.api import build_api
from monitor.export.borrowed import BorrowedForms
from monitor.export.checks import Checks
from monitor.export.history import History
from monitor.export.metrics import Metrics
from monitor.export.pages.asking import Chronicle
from monitor.export.pages.drawing import Sources
from monitor.export.pages.past import Past
from monitor.export.pages.serving import Pages
from monitor.export.questions import Questions
from monitor.export.routing import RoutingFeed
from monitor.model.clock import Clock
from monitor.recorder.changes import Changes
from monitor.recorder.feed import Feed
from monitor.recorder.recorder import Recorder
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
    settings: Settings,
    clock: Clock,
    metrics: Metrics,
    recorder: Recorder,
    feed: Feed,
    changes: Changes,
    known: Known,
) -> FastAPI:
    """Put the application together.

    Args:
        settings: Whether a token is asked for, and how long the past is kept.
        clock: Tells how old things are.
        metrics: Writes /metrics.
        recorder: Knows all targets.
        feed: Knows the weights.
        changes: Knows the changes of state.
        known: Knows the past.
    """
    answers = known.answers
    questions = Questions(settings.vantage, clock, recorder.spans)
    api = build_api(
        snapshot=lambda: recorder.snapshot,
        metrics=metrics,
        clock=clock,
        token=settings.token,
        history=History(answers, questions, lambda: recorder.snapshot, clock, settings.retention),
        routing=RoutingFeed(feed, changes),
        pages=_pages(settings, clock, recorder, feed, known),
    )
    api.include_router(Checks(lambda: feed.routing, clock).routes())
    forms = BorrowedForms(lambda: feed.routing, recorder.lately, clock)
    api.include_router(forms.routes())
    return api


def _pages(settings: Settings, clock: Clock, recorder: Recorder, feed: Feed, known: Known) -> Pages:
    chronicle = Chronicle(settings.vantage, clock, recorder)
    return Pages(
        Sources(
            snapshot=lambda: recorder.snapshot,
            clock=clock,
            past=Past(known.answers, chronicle, lambda: recorder.shown),
            routing=lambda: feed.routing,
            ratios=known.ratios,
            lately=recorder.lately,
            changes=feed,
        )
    )


def redrawing(
    recorder: Recorder, feed: Feed, routers: Routers, metrics: Metrics
) -> Callable[[], None]:
    """Give what draws everything anew; one thread may call it."""

    def redraw() -> None:
        routers.tell(feed.draw(recorder.refresh()))
        metrics.prepare()

    return redraw
