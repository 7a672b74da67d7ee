"""The routes of the pages: asks what is known, draws once for all who look, and answers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request, Response

from monitor.export.listening import Source
from monitor.export.pages.asking import Chronicle, Dates, Told
from monitor.export.pages.fleet import Group, fleet_page, groups, notes
from monitor.export.pages.incidents import outages
from monitor.export.pages.live import Live
from monitor.export.pages.model import model_page
from monitor.export.pages.places import model_href
from monitor.export.pages.rendering import Frame, Rows, Templates
from monitor.export.pages.replies import Body, keep, reply
from monitor.export.pages.rows import row
from monitor.export.pages.strips import DAYS, NO_PAST, FleetPast
from monitor.export.pages.target import target_page
from monitor.export.pages.waterfalls import PHASES
from monitor.export.pages.words import ago, duration, moment, visible
from monitor.health.buckets import DAY, Resolution
from monitor.health.percentiles import Lately
from monitor.model.clock import Clock
from monitor.model.routing import GroupRouting, Routing
from monitor.model.snapshot import Snapshot, TargetView
from monitor.store.reader import Answer, Answers, NoAnswerError

T = TypeVar("T")
