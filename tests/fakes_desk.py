"""Browsers at the staff desk, without the browser: cookies, forms, redirects."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from aiohttp import ClientSession, CookieJar, FormData, web
from aiohttp.test_utils import TestServer

from booking.model import Appointment, Status
from bot.recent import recent_questions
from console.app import create_app
from core.messages import Address
from core.security import hash_password
from directory.actor import Actor, account_actor
from directory.model import Account, Contact, Role
from directory.service import invite, recognise
from escalation.deadlines import ServiceLevels
from escalation.model import Source, Ticket
from escalation.service.open import Matter, open_ticket
from knowledge.exam import Examiner, Known, development
from tests.world import World

PASSWORD = "correct horse battery"
_hashed = cache(hash_password)  # slow by design, and the same in every world


@dataclass
class Seat:
    """One browser. ``page`` is what it shows, ``status`` the last answer's."""

    http: ClientSession
    root: str
    page: str = ""
    status: int = 0
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def open(self, path: str) -> str:
        """Go to a page; what it says."""
        async with self.http.get(self.root + path) as answer:
            return await self._show(answer)

    async def send(self, path: str, *, csrf: str | None = None, **fields: str) -> str:
        """Send a form of the page shown; what the next page says."""
        token = self.token() if csrf is None else csrf
        async with self.http.post(self.root + path, data={"csrf": token, **fields}) as answer:
            return await self._show(answer)

    async def upload(self, path: str, name: str, body: bytes, **fields: str) -> str:
        """Send a form of the page shown with a file; what the next page says."""
        form = FormData({"csrf": self.token(), **fields})
        form.add_field("file", body, filename=name, content_type="text/csv")
        async with self.http.post(self.root + path, data=form) as answer:
            return await self._show(answer)

    async def download(self, path: str) -> tuple[bytes, str]:
        """The body of a file and its name header."""
        async with self.http.get(self.root + path) as answer:
            assert answer.status == 200
            return await answer.read(), answer.headers["Content-Disposition"]

    def token(self) -> str:
        """The form token of the page shown."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.page)
        return found[1] if found else "none"

    def hidden(self, name: str) -> str:
        """A hidden field of the page shown."""
        return html.unescape(re.findall(f'name="{name}" value="([^"]*)"', self.page)[0])

    @property
    def words(self) -> str:
        """The page as read aloud: no tags, entities resolved."""
        body = re.sub(r"<(script|style).*?</\1>", " ", self.page, flags=re.S)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())

    async def _show(self, answer: Any) -> str:
        self.page, self.status = await answer.text(), answer.status
        self.path, self.headers = answer.url.path_qs, dict(answer.headers)
        return self.words


@dataclass
class DeskWorld:
    """The populated world with its desk served on 127.0.0.1."""

    world: World
    server: TestServer
    examiner: Examiner
    app: web.Application
    woken: list[int] = field(default_factory=list)
    seats: list[ClientSession] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)

    def seat(self) -> Seat:
        """A browser that nobody has signed in on."""
        self.seats.append(ClientSession(cookie_jar=CookieJar(unsafe=True)))
        return Seat(self.seats[-1], str(self.server.make_url("/desk")))

    async def signed_in(self, who: str) -> Seat:
        """A browser of that account, signed in by a one-time link."""
        async with self.world.session() as session:
            token = await invite(session, now=self.world.clock(), account_id=self.world.ids[who])
        seat = self.seat()
        await seat.open(f"/signin/{token}")
        await seat.send(f"/signin/{token}")
        assert seat.path == "/desk/", seat.words
        return seat

    async def actor(self, who: str) -> Actor:
        """The account as an actor."""
        async with self.world.session() as session:
            return account_actor(await session.get_one(Account, self.world.ids[who]))

    @property
    def levels(self) -> ServiceLevels:
        config = self.world.station.config
        return ServiceLevels(config.escalation, config.calendar())

    async def ticket(self, question: str, chat: str = "zhang", **matter: Any) -> Ticket:
        """A ticket that somebody opened in a chat of the north center."""
        clock, ids = self.world.clock, self.world.ids
        async with self.world.session() as session:
            contact = await recognise(session, channel="fake", user=chat, now=clock())
            return await open_ticket(
                session,
                actor=Actor(kind="asker", id=contact.id, name="张三"),
                matter=Matter(
                    **{"question": question, "area": "filing", "center_id": ids["north"], **matter}
                ),
                to=Address("fake", chat),
                event=f"test:{chat}:{question[:20]}:{clock().timestamp()}",
                source=Source.REQUEST,
                levels=self.levels,
                now=clock(),
            )

    async def appointment(
        self, at: datetime, *, advisor: str = "advisor_a", code: str = "AB23CD", **more: Any
    ) -> Appointment:
        """A confirmed appointment."""
        ids, now = self.world.ids, self.world.clock()
        values: dict[str, Any] = {
            "name": "李四", "phone": "13800000000", "enterprise_name": "示例北园机械有限公司",
            "enterprise_id": ids["factory"], "area": "filing", "status": Status.BOOKED,
            "agency_id": ids["agency_a" if advisor.startswith("advisor_a") else "agency_b"],
        }  # fmt: skip
        async with self.world.session() as session:
            contact = await recognise(session, channel="fake", user="li", now=now)
            row = Appointment(
                **{**values, **more}, code=code, uid=f"{code}@test", advisor_id=ids[advisor],
                center_id=ids["north"], contact_id=contact.id, starts_at=at, minutes=30,
                channel="fake", chat="li", lang="zh", created_at=now, arranged_at=now,
            )  # fmt: skip
            session.add(row)
            await session.flush()
            return row

    async def told(self, chat: str) -> list[str]:
        """What a chat was told so far."""
        await self.world.drain()
        return self.world.channel.texts(chat)


@asynccontextmanager
async def desk_of(world: World, known: Known = development) -> AsyncIterator[DeskWorld]:
    """Serve the desk of a world, with an account of every role.

    known: the questions that an exam replays.
    """
    await _more_accounts(world)
    served: DeskWorld
    station = world.station
    examiner = Examiner(station.serving, recent_questions, known)
    desk = create_app(
        station.config,
        station.database,
        worktime=station.config.calendar(),
        clock=world.clock,
        wake_pump=lambda: served.woken.append(1),
        examiner=examiner,
        look_every=0.05,
        library=station.library,
    )
    app = web.Application()
    app.add_subapp("/desk", desk)
    server = TestServer(app)
    await server.start_server()
    served = DeskWorld(world, server, examiner, desk)
    yield served
    for http in served.seats:
        await http.close()
    await server.close()


async def _more_accounts(world: World) -> None:
    ids = world.ids
    async with world.session() as session:
        staff = await session.get_one(Account, ids["staff"])
        staff.password_hash = _hashed(PASSWORD)
        rows = {
            "colleague": Account(role=Role.DIRECTOR, center_id=ids["north"], name="示例主任"),
            "advisor": Account(role=Role.ADVISOR, advisor_id=ids["advisor_a"], name="示例顾问一"),
            "editor": Account(role=Role.EDITOR, name="示例编辑甲"),
            "editor_2": Account(role=Role.EDITOR, name="示例编辑乙"),
            "expert": Account(role=Role.EXPERT, expert_id=ids["expert_filing"], name="示例专家甲"),
            "expert_2": Account(
                role=Role.EXPERT, expert_id=ids["expert_filing_2"], name="示例专家乙"
            ),
        }
        for username, row in rows.items():
            row.username, row.password_hash = username, "!"
        session.add_all(rows.values())
        await session.flush()
        session.add(
            Contact(
                channel="fake", user="expert-chat", expert_id=ids["expert_filing"],
                created_at=world.clock(),
            )
        )  # fmt: skip
        world.ids.update({f"{name}": row.id for name, row in rows.items()})
