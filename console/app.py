"""The desk as an aiohttp application, to be mounted at ``/desk``."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from aiohttp import web

from console.auth import door
from console.desk import DESK, HOME, Desk, template_environment
from console.live import LOOK_EVERY, Live
from console.routes import add_routes
from core.clock import Clock
from core.config import Config
from core.database import Database
from core.worktime import Worktime
from knowledge.exam import Examiner
from knowledge.statutes.library import Library

LARGEST_FORM = 256 * 1024
BOOTSTRAP = Path(str(files("js_lib_bootstrap5"))) / "static/js-lib-bootstrap5/css"


def create_app(
    config: Config,
    database: Database,
    *,
    worktime: Worktime,
    clock: Clock,
    wake_pump: Callable[[], None],
    examiner: Examiner,
    library: Library | None = None,
    look_every: float = LOOK_EVERY,
) -> web.Application:
    """The desk, complete with its style sheets. ``look_every``: seconds between two looks."""
    app = web.Application(middlewares=[door], client_max_size=LARGEST_FORM)
    live = Live(database, look_every)
    templates = template_environment()
    app[DESK] = Desk(
        config, database, worktime, clock, wake_pump, examiner, templates, live, library
    )
    app.cleanup_ctx.append(live.serving)
    app.on_shutdown.append(live.hang_up)
    app.router.add_static("/static/bootstrap", BOOTSTRAP, name="bootstrap")
    app.router.add_static("/static", Path(str(HOME / "static")), name="static")
    app.router.add_get("", _with_slash)
    add_routes(app)
    return app


async def _with_slash(request: web.Request) -> web.StreamResponse:
    raise web.HTTPMovedPermanently(request.app.router["home"].url_for())
