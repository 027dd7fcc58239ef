"""What every page of the desk stands on, and the template environment."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from aiohttp import web
from jinja2 import Environment, FileSystemLoader

from console.live import Live
from core.clock import Clock, local, local_day
from core.config import Config
from core.database import Database
from core.pages import page_environment
from core.texts import plain
from core.worktime import Worktime
from knowledge.exam import Examiner
from knowledge.serving import Serving
from knowledge.statutes.library import Library

HOME = files("console")


@dataclass(frozen=True)
class Desk:
    """The parts a page needs. ``wake_pump``: called after a commit that may have queued words.

    live: tells open pages what was committed.
    examiner: holds exams of changed entries, and knows the base that is served.
    library: the imported law texts, to quote from.
    """

    config: Config
    database: Database
    worktime: Worktime
    clock: Clock
    wake_pump: Callable[[], None]
    examiner: Examiner
    templates: Environment
    live: Live
    library: Library | None = None

    @property
    def serving(self) -> Serving:
        """The base as this process answers from it."""
        return self.examiner.serving


DESK = web.AppKey("desk", Desk)


@cache
def template_environment() -> Environment:
    """The desk's pages; they know nothing of an application."""
    environment = page_environment(FileSystemLoader(str(HOME / "templates")))
    environment.filters["local"] = local
    environment.filters["local_day"] = local_day
    environment.filters["say"] = plain
    return environment
