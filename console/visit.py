"""One request at the desk: who, when, what was posted, and the ways to answer it."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from console.desk import Desk
from console.forms import Form
from core.errors import Refusal
from core.security import sign, unsign
from core.texts import catalogue, plain
from directory.actor import Actor
from directory.model import Center, DeskSession

FLASH_COOKIE = "desk_flash"
FLASH_SECONDS = 60
LARGEST_ID = 2**31 - 1
MOST_SECRET = 200


@dataclass
class Visit:
    """A request with everything a view needs.

    signed_in: the actor of the session cookie, or None. center: the actor's own sub-center.
    session: the browser's session. owes_second: a second factor must be set up before all else.
    csrf: the token every form of the page carries; of a guest it is derived from ``guest``.
    refusal: why the form was refused, already in words; ``status`` then says so too.
    notice: key of a short message for the page that is shown at once.
    link: a one-time link made just now, shown once. files: what was posted besides words.
    """

    request: web.Request
    desk: Desk
    now: datetime
    signed_in: Actor | None = None
    center: Center | None = None
    session: DeskSession | None = None
    owes_second: bool = False
    csrf: str = ""
    guest: str = ""
    form: Form = field(default_factory=Form)
    refusal: str | None = None
    status: int = 200
    latest: int = 0
    notice: str | None = None
    link: str | None = None
    files: dict[str, web.FileField] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """``latest``: the newest line of a timeline when the request began."""
        self.latest = self.desk.live.latest

    @property
    def actor(self) -> Actor:
        """Who is acting; the route table lets nobody unknown through."""
        assert self.signed_in is not None
        return self.signed_in

    def id_of(self, name: str = "id") -> int:
        """A row number in the address. Raises HTTPNotFound for what cannot be one."""
        number = int(self.request.match_info[name])
        if number > LARGEST_ID:
            raise web.HTTPNotFound
        return number

    def query(self, name: str) -> str:
        """A parameter of the address, cleaned; empty when absent."""
        return Form.posted({name: self.request.query.get(name, "")}).values[name][:100]

    async def secret(self, name: str) -> str:
        """A posted password, as typed; it is never put back into the page."""
        self.form.values.pop(name, None)
        given = (await self.request.post()).get(name, "")
        return given[:MOST_SECRET] if isinstance(given, str) else ""

    def reading(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A read-only transaction."""
        return self.desk.database.reading()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A write transaction; after its commit the outbox pump looks for what it queued."""
        async with self.desk.database.transaction() as session:
            yield session
        self.desk.wake_pump()
        self.desk.live.wake()

    def refuse(self, refusal: Refusal, status: int) -> None:
        """Show the page again with this refusal on top."""
        self.refusal, self.status = in_words(refusal), status

    def url(self, route: str, **parts: object) -> str:
        """The address of a page."""
        named = self.request.app.router[route]
        return str(named.url_for(**{name: str(value) for name, value in parts.items()}))

    def render(self, template: str, **values: Any) -> web.Response:
        """A page, with the message that a redirect before it left, if any."""
        flash = self._flash()
        shown = flash if self.notice is None else plain(self.notice)
        page = self.desk.templates.get_template(template).render(
            visit=self, form=self.form, url=self.url, flash=shown, **values
        )
        response = web.Response(text=page, content_type="text/html", status=self.status)
        if flash is not None:
            response.del_cookie(FLASH_COOKIE, path=self.url("home"))
        return response

    def go(self, route: str, said: str | None = None, **parts: object) -> web.Response:
        """Redirect after a post; ``said`` is the key of a short message for the next page."""
        return self.go_to(self.url(route, **parts), said)

    def go_to(self, address: str, said: str | None = None, **params: object) -> web.Response:
        """Redirect to an address of our own."""
        response = web.Response(status=303, headers={"Location": address})
        if said is not None:
            words = json.dumps([said, params])
            packed = urlsafe_b64encode(words.encode()).decode()
            signed = sign(self.desk.config.security.secret_key, FLASH_COOKIE, packed)
            self.set_cookie(response, FLASH_COOKIE, signed, FLASH_SECONDS)
        return response

    def set_cookie(
        self, response: web.Response, name: str, value: str, seconds: int | None
    ) -> None:
        """A cookie of the desk: never for scripts, never sent with a foreign site's posts."""
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path=self.url("home"),
            httponly=True,
            samesite="Lax",
            secure=self.desk.config.server.secure_cookies,
        )

    def _flash(self) -> str | None:
        cookie = self.request.cookies.get(FLASH_COOKIE, "")
        packed = unsign(self.desk.config.security.secret_key, FLASH_COOKIE, cookie)
        if not packed:
            return None
        key, params = json.loads(urlsafe_b64decode(packed))
        return plain(key, **params) if key in catalogue("zh") else None


def in_words(refusal: Refusal) -> str:
    """A refusal as the desk says it: its own wording where it has one, else the room's."""
    room, _, name = refusal.key.partition(".")
    name = name.replace(".", "_")
    own = f"desk.{room}.{name}"
    return plain(own if own in catalogue("zh") else refusal.key, **refusal.params)
