"""The main job as a script: an enterprise person, a member of staff and an expert.

Every step can be played again: a chat step has an event id of its own, and a desk step that was
done already is refused.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment, Availability
from booking.service.attend import check_in
from core.config import load
from core.errors import Refusal
from core.security import fingerprint
from directory.actor import Actor, account_actor
from directory.model import Account, Advisor, Invitation
from escalation.deadlines import ServiceLevels
from escalation.model import Ticket
from escalation.service.close import close
from escalation.service.pass_on import pass_on
from escalation.service.take import take
from tests.fakes import MONDAY

EXPERT_TOKEN = "expert-link"
_CONFIG = load(Path(__file__).resolve().parent.parent / "config.toml", environ={})
LEVELS = ServiceLevels(_CONFIG.escalation, _CONFIG.calendar())

# What the report must show for the north center after the script, and nothing else.
COUNTS = {"Z01": 1, "Z02": 2, "Z03": 1, "Z04": 1, "S01": 5}

DeskStep = Callable[[AsyncSession, datetime], Awaitable[None]]


@dataclass(frozen=True)
class Step:
    """One thing somebody does. ``after``: minutes since the step before."""

    chat: str = ""
    say: str | None = None
    tap: str | None = None
    link: str | None = None
    desk: DeskStep | None = None
    after: float = 2


async def furnish(session: AsyncSession, expert_id: int, until: datetime) -> None:
    """What the script needs beyond the small world: advisors' hours and the expert's link."""
    for advisor in (await session.scalars(select(Advisor))).all():
        session.add_all(
            Availability(advisor_id=advisor.id, weekday=day, start=time(9), end=time(12))
            for day in range(5)
        )
    session.add(
        Invitation(fingerprint=fingerprint(EXPERT_TOKEN), expert_id=expert_id, expires_at=until)
    )


async def _staff(session: AsyncSession) -> Actor:
    found = await session.scalars(select(Account).where(Account.username == "staff"))
    return account_actor(found.one())


async def _ticket(session: AsyncSession) -> int:
    return (await session.scalars(select(Ticket.id))).one()


async def _take(session: AsyncSession, now: datetime) -> None:
    with suppress(Refusal):
        ticket, staff = await _ticket(session), await _staff(session)
        await take(session, actor=staff, ticket_id=ticket, levels=LEVELS, now=now)


async def _pass_on(session: AsyncSession, now: datetime) -> None:
    with suppress(Refusal):
        ticket, staff = await _ticket(session), await _staff(session)
        await pass_on(session, actor=staff, ticket_id=ticket, levels=LEVELS, now=now)


async def _close(session: AsyncSession, now: datetime) -> None:
    with suppress(Refusal):
        ticket, staff = await _ticket(session), await _staff(session)
        await close(session, actor=staff, ticket_id=ticket, levels=LEVELS, now=now)


async def _check_in(session: AsyncSession, now: datetime) -> None:
    booked = (await session.scalars(select(Appointment.id))).one()
    with suppress(Refusal):
        await check_in(session, actor=await _staff(session), appointment_id=booked, now=now)


STEPS = (
    Step("zhang", link="c_north"),
    Step("zhang", say="专利年费忘交了，专利还在吗，怎么补救？"),
    Step("zhang", tap="有帮助"),
    Step("zhang", say="我要预约"),
    Step("zhang", tap="专利申请"),
    Step("zhang", tap="任意机构"),
    Step("zhang", tap="11月24日"),
    Step("zhang", tap="10:00"),
    Step("zhang", say="张工"),
    Step("zhang", say="示例北园机械有限公司"),
    Step("zhang", say="0731-00000001"),
    Step("zhang", tap="同意并预约"),
    Step("zhang", say="转人工"),
    Step("zhang", say="我们的产品在展会上展出过，现在还能不能申请专利"),
    Step("zhang", tap="张工"),
    Step("zhang", tap="0731"),
    Step("zhang", tap="专利申请"),
    Step("zhang", tap="同意并提交"),
    Step("doctor", link=f"x_{EXPERT_TOKEN}"),
    Step(desk=_take),
    Step(desk=_pass_on),
    Step("doctor", tap="接受"),
    Step("doctor", tap="回答"),
    Step("doctor", say="可以看看是否符合六个月宽限期的四种情形。"),
    Step("doctor", tap="发送给提问人"),
    Step("zhang", tap="5 很满意"),
    Step(desk=_close),
    Step("zhang", say="专利质押贷款，银行一般要什么条件？", after=90),
    Step(desk=_check_in, after=60 * 22),
)


def instants() -> list[datetime]:
    """When each step happens."""
    found, minutes = [], 0.0
    for step in STEPS:
        minutes += step.after
        found.append(MONDAY.fromtimestamp(MONDAY.timestamp() + minutes * 60, MONDAY.tzinfo))
    return found
