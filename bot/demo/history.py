"""A month of invented history, made by the services themselves at past instants."""

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.service.attend import check_in, no_show
from booking.service.confirm import Person, confirm
from booking.service.hold import Wish, hold
from bot.messages import Incoming
from bot.station import Station
from core.clock import at_local
from core.errors import Refusal
from core.messages import Address
from directory.actor import Actor, account_actor, contact_actor
from directory.model import Account, Center, Enterprise, Expert, Role
from directory.service import recognise, tie_to_enterprise
from escalation.deadlines import ServiceLevels
from escalation.model import Source, Ticket
from escalation.service import expert as by_expert
from escalation.service.answer import answer
from escalation.service.close import close
from escalation.service.open import Matter, open_ticket
from escalation.service.pass_on import pass_on
from escalation.service.rate import rate
from escalation.service.take import take
from escalation.service.walk_in import record_walk_in

DAYS = 30
CHANNEL = "web"
QUESTIONS = (
    ("filing", "我们的发明收到审查意见，对比文件看不太懂，想请老师看看怎么答复"),
    ("enforcement", "网店在卖和我们外观一样的产品，平台说材料不够，还要补什么"),
    ("financing", "想用三件专利去银行贷款，不知道估值和登记怎么走"),
    ("trademark", "商标被驳回了，说和别人的近似，还有没有办法"),
    ("copyright", "软件登记时合作方也要署名，权利怎么写清楚"),
    ("operation", "想把一件实用新型许可给供应商用，合同要不要备案"),
)
REPLY = "（演示答复）您的材料已看过，建议先核对通知书日期和期限，再按分中心清单准备材料。"


class MovingClock:
    """The past, one instant after the other."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Scene:
    """One center on one day."""

    station: Station
    clock: MovingClock
    center: Center
    staff: Actor
    enterprises: list[Enterprise]
    questions: list[str]
    chance: random.Random

    @property
    def levels(self) -> ServiceLevels:
        return ServiceLevels(self.station.config.escalation, self.station.dispatcher.worktime)


async def relive(station: Station, clock: MovingClock, until: datetime) -> None:
    """Live through the last month up to ``until``: sessions, tickets, appointments, walk-ins."""
    chance = random.Random(2026)
    scenes = await _scenes(station, clock, chance)
    first = (until - timedelta(days=DAYS)).date()
    for day in _workdays(station, first, until.date()):
        for scene in scenes:
            await _ask(scene, day)
            await _walk_in(scene, day)
            if chance.random() < 0.5:
                await _ticket(scene, day, to_expert=chance.random() < 0.3)
            await _meet(scene, day)
    clock.now = until
    for scene in scenes:
        await _leave_open(scene, until)


async def _scenes(station: Station, clock: MovingClock, chance: random.Random) -> list[Scene]:
    questions = [entry.question for entry in station.engine.base.entries.values()]
    found = []
    async with station.database.reading() as session:
        centers = await session.scalars(select(Center).order_by(Center.id))
        for center in centers.all():
            at_center = Account.center_id == center.id, Account.role == Role.STAFF
            account = (await session.scalars(select(Account).where(*at_center))).one()
            firms = await session.scalars(
                select(Enterprise).where(Enterprise.center_id == center.id)
            )
            staff = account_actor(account)
            found.append(Scene(station, clock, center, staff, list(firms), questions, chance))
    return found


def _workdays(station: Station, first: date, last: date) -> Iterator[date]:
    day = first
    while day < last:
        if station.dispatcher.worktime.is_workday(day):
            yield day
        day += timedelta(days=1)


async def _ask(scene: Scene, day: date) -> None:
    """One to three people ask something by the center's link."""
    for n in range(scene.chance.randint(1, 3)):
        scene.clock.now = at_local(day, 9 + n, scene.chance.randint(0, 59))
        chat = f"demo-{scene.center.id}-{day:%m%d}-{n}"
        for text, start in (
            (None, f"c_{scene.center.code}"),
            (scene.chance.choice(scene.questions), None),
        ):
            event = f"demo-{chat}-{'link' if start else 'ask'}"
            await scene.station.dispatcher.handle(
                Incoming(CHANNEL, event, chat, chat, scene.clock.now, text=text, start=start)
            )


async def _asker(scene: Scene, session: AsyncSession, chat: str, firm: Enterprise) -> Actor:
    contact = await recognise(session, channel=CHANNEL, user=chat, now=scene.clock.now)
    contact.name, contact.phone = f"示例员工{firm.id:02d}", f"0731-{firm.id:08d}"
    tie_to_enterprise(contact, firm)
    await session.flush()
    return contact_actor(contact)


async def _ticket(scene: Scene, day: date, *, to_expert: bool) -> None:
    """Asked in the morning; answered, rated and closed in the days after."""
    ticket_id, asker = await _open(scene, at_local(day, 10, scene.chance.randint(0, 50)))
    scene.clock.now += timedelta(minutes=20)
    await _staff_works(scene, ticket_id, to_expert=to_expert)
    scene.clock.now += timedelta(hours=1)
    async with scene.station.database.transaction() as session:
        now = scene.clock.now
        with suppress(Refusal):
            stars = scene.chance.choice((3, 4, 5, 5))
            await rate(
                session,
                actor=asker,
                ticket_id=ticket_id,
                rating=stars,
                levels=scene.levels,
                now=now,
            )
        with suppress(Refusal):
            await close(
                session, actor=scene.staff, ticket_id=ticket_id, levels=scene.levels, now=now
            )


async def _open(scene: Scene, at: datetime) -> tuple[int, Actor]:
    scene.clock.now = at
    firm, (area, question) = scene.chance.choice(scene.enterprises), scene.chance.choice(QUESTIONS)
    chat = f"demo-t{firm.id}"
    matter = Matter(f"（演示）{question}", area, scene.center.id, firm.id)
    async with scene.station.database.transaction() as session:
        asker = await _asker(scene, session, chat, firm)
        ticket = await open_ticket(
            session,
            actor=asker,
            matter=matter,
            to=Address(CHANNEL, chat),
            event=f"demo-{chat}-{at:%m%d%H%M}",
            source=Source.REQUEST,
            levels=scene.levels,
            now=at,
        )
        return ticket.id, asker


async def _staff_works(
    scene: Scene, ticket_id: int, *, to_expert: bool, finish: bool = True
) -> None:
    levels, now, staff = scene.levels, scene.clock.now, scene.staff
    async with scene.station.database.transaction() as session:
        await take(session, actor=staff, ticket_id=ticket_id, levels=levels, now=now)
        if to_expert:
            with suppress(Refusal):
                await pass_on(session, actor=staff, ticket_id=ticket_id, levels=levels, now=now)
    if not finish:
        return
    async with scene.station.database.transaction() as session:
        ticket = await session.get_one(Ticket, ticket_id)
        if ticket.expert_id is None:
            await answer(session, actor=staff, ticket_id=ticket_id, text=REPLY, now=now)
            return
        expert = await session.get_one(Expert, ticket.expert_id)
        actor = Actor(kind="expert", id=expert.id, name=expert.name, expert_id=expert.id)
        await by_expert.accept(session, actor=actor, ticket_id=ticket_id, now=now)
        await by_expert.answer(session, actor=actor, ticket_id=ticket_id, text=REPLY, now=now)


async def _walk_in(scene: Scene, day: date) -> None:
    """Every other day somebody comes to the window."""
    if scene.chance.random() < 0.5:
        return
    firm, (area, question) = scene.chance.choice(scene.enterprises), scene.chance.choice(QUESTIONS)
    at = scene.clock.now = at_local(day, 15, scene.chance.randint(0, 59))
    async with scene.station.database.transaction() as session:
        await record_walk_in(
            session,
            actor=scene.staff,
            matter=Matter(f"（演示）{question}", area, scene.center.id, firm.id),
            answer=REPLY,
            at=at,
            event=f"demo-walk-in-{scene.center.id}-{day}",
            levels=scene.levels,
            now=at,
        )


async def _meet(scene: Scene, day: date) -> None:
    """An appointment made three days before, kept (mostly) on ``day``."""
    start = at_local(day, scene.chance.choice((9, 10, 14, 15, 16)))
    appointment_id = await _book(scene, start, made=start - timedelta(days=3))
    if appointment_id is None:
        return
    scene.clock.now = start + timedelta(minutes=20)
    settle = no_show if scene.chance.random() < 0.1 else check_in
    async with scene.station.database.transaction() as session:
        await settle(session, actor=scene.staff, appointment_id=appointment_id, now=scene.clock.now)


async def _book(scene: Scene, start: datetime, made: datetime) -> int | None:
    """The appointment's id, or None when nobody was free then."""
    config, scene.clock.now = scene.station.config.booking, made
    firm = scene.chance.choice(scene.enterprises)
    wish = Wish(scene.center.id, "filing", start, 30, enterprise_id=firm.id)
    person = Person(f"示例员工{firm.id:02d}", f"0731-{firm.id:08d}", firm.name, firm.id)
    async with scene.station.database.transaction() as session:
        asker = await _asker(scene, session, f"demo-b{firm.id}", firm)
        try:
            row = await hold(
                session,
                wish=wish,
                to=Address(CHANNEL, f"demo-b{firm.id}"),
                contact_id=asker.id,
                settings=config,
                worktime=scene.station.dispatcher.worktime,
                now=made,
            )
            await confirm(
                session,
                actor=asker,
                appointment_id=row.id,
                person=person,
                settings=config,
                now=made,
            )
        except Refusal:
            return None
        return row.id


async def _leave_open(scene: Scene, until: datetime) -> None:
    """What the desk finds today: a new ticket, one in hand, one with an expert, appointments."""
    for to_expert, taken in ((False, False), (False, True), (True, True)):
        ticket_id, _ = await _open(scene, until - timedelta(hours=scene.chance.randint(1, 5)))
        if taken:
            await _staff_works(scene, ticket_id, to_expert=to_expert, finish=False)
    today = until.date()
    for ahead in range(6):
        day = today + timedelta(days=ahead)
        for hour in (9, 11, 14, 16):
            start = at_local(day, hour)
            if scene.station.dispatcher.worktime.is_workday(day):
                await _book(scene, start, made=start - timedelta(days=6))
    scene.clock.now = until
