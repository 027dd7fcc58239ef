"""The demo's organisations and people: names made of word lists, numbers that cannot exist."""

from datetime import date, time
from itertools import cycle, islice, product

from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Availability
from core.database import Base
from directory.accounts import UNUSABLE
from directory.model import (
    Account,
    Advisor,
    Agency,
    Center,
    Conflict,
    Enterprise,
    Expert,
    Liaison,
    Role,
)
from knowledge.entry import AREAS

CENTERS = (("demo-bei", "示例北园"), ("demo-dong", "示例东园"), ("demo-nan", "示例南园"))
AGENCY_WORDS = ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛")
GRADES = ("A+", "A", "A", "B", "B", "A", "B", "C")
TRADES = ("机械", "电子", "材料", "食品", "医疗器械", "软件", "化工", "环保", "轨道交通", "陶瓷")
STYLES = ("一号", "二号", "三号", "四号", "五号", "六号")
ADVISORS, EXPERTS = 20, 12
SPANS = ((time(9), time(12)), (time(13, 30), time(17, 30)))


async def settle(session: AsyncSession, today: date) -> None:
    """Three sub-centers with everything that belongs to them."""
    centers = [
        Center(code=code, name=f"{name}分中心（演示）", address=f"{name}产业园 演示路 {n} 号")
        for n, (code, name) in enumerate(CENTERS, 1)
    ]
    agencies = [
        Agency(name=f"示例{word}知识产权代理事务所（演示）", credit_grade=grade)
        for word, grade in zip(AGENCY_WORDS, GRADES, strict=True)
    ]
    await _add(session, [*centers, *agencies])
    advisors = _advisors(centers, agencies)
    experts = _experts()
    enterprises = _enterprises(centers)
    await _add(session, [*advisors, *experts, *enterprises])
    await _add(session, _weeks(advisors))
    await _add(session, _liaisons(enterprises, today))
    await _add(session, _accounts(centers, advisors, experts))
    await _add(session, _conflicts(enterprises, agencies, experts))


async def _add(session: AsyncSession, rows: list[Base]) -> None:
    session.add_all(rows)
    await session.flush()


def _advisors(centers: list[Center], agencies: list[Agency]) -> list[Base]:
    """Every agency sends its people to two of the centers."""
    pairs = cycle([(a, c) for a, c in product(range(len(agencies)), range(2))])
    areas = cycle([list(AREAS[:4]), list(AREAS[3:8]), list(AREAS)])
    return [
        Advisor(
            agency_id=agencies[a].id,
            center_id=centers[(a + c) % len(centers)].id,
            name=f"示例顾问{n:02d}",
            areas=next(areas),
        )
        for n, (a, c) in enumerate(islice(pairs, ADVISORS), 1)
    ]


def _experts() -> list[Base]:
    fields = [AREAS[n % len(AREAS) : n % len(AREAS) + 3] or AREAS[:3] for n in range(EXPERTS)]
    return [Expert(name=f"示例专家{n:02d}", areas=list(f)) for n, f in enumerate(fields, 1)]


def _enterprises(centers: list[Center]) -> list[Base]:
    """Sixty; their credit codes hold an O, which a real one never does."""
    return [
        Enterprise(
            name=f"示例{trade}{style}有限公司（演示）",
            uscc=f"91430000DEMO{n:06d}",
            center_id=centers[n % len(centers)].id,
            high_tech=n % 3 == 0,
            above_scale=n % 2 == 0,
        )
        for n, (style, trade) in enumerate(product(STYLES, TRADES), 1)
    ]


def _weeks(advisors: list[Base]) -> list[Base]:
    """Every advisor sits two or three days a week, lunch left free."""
    return [
        Availability(advisor_id=advisor.id, weekday=day, start=start, end=end)  # type: ignore[attr-defined]
        for n, advisor in enumerate(advisors)
        for day in {n % 5, (n + 2) % 5, (n * 3 + 1) % 5}
        for start, end in SPANS
    ]


def _liaisons(enterprises: list[Base], today: date) -> list[Base]:
    return [
        Liaison(
            enterprise_id=enterprise.id,  # type: ignore[attr-defined]
            name=f"示例联络员{n:02d}",
            since=date(today.year, 1, 1 + n % 28),
        )
        for n, enterprise in enumerate(enterprises, 1)
        if n % 5
    ]


def _accounts(centers: list[Center], advisors: list[Base], experts: list[Base]) -> list[Base]:
    accounts = [
        Account(username="province", name="示例省级管理员", role=Role.PROVINCE),
        *(
            Account(
                username=f"{c.code}-{role}", name=f"{c.name[:4]}{title}", role=role, center_id=c.id
            )
            for c in centers
            for role, title in ((Role.STAFF, "工作人员"), (Role.DIRECTOR, "主任"))
        ),
        *(
            Account(username=f"advisor{n:02d}", name=a.name, role=Role.ADVISOR, advisor_id=a.id)  # type: ignore[attr-defined]
            for n, a in enumerate(advisors, 1)
        ),
        *(
            Account(username=f"expert{n:02d}", name=e.name, role=Role.EXPERT, expert_id=e.id)  # type: ignore[attr-defined]
            for n, e in enumerate(experts, 1)
        ),
    ]
    for account in accounts:
        account.password_hash = UNUSABLE
    return list(accounts)


def _conflicts(enterprises: list[Base], agencies: list[Agency], experts: list[Base]) -> list[Base]:
    first, second = enterprises[0].id, enterprises[1].id  # type: ignore[attr-defined]
    return [
        Conflict(enterprise_id=first, agency_id=agencies[0].id, reason="（演示）代理对方当事人"),
        Conflict(enterprise_id=second, expert_id=experts[0].id, reason="（演示）曾任该企业顾问"),  # type: ignore[attr-defined]
    ]
