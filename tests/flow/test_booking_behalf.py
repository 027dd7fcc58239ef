"""Booking for somebody else; a liaison of several enterprises; who has missed too many."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from booking.model import Appointment, Status
from directory.model import Contact, Liaison
from tests.flow.booking_world import AGREE, appointments, book, open_doors, to_name
from tests.world import Person, World


@pytest.fixture
async def station(world: World) -> World:
    return await open_doors(world)


async def liaison(station: World, chat: str, *enterprises: str) -> Person:
    """Somebody who is liaison of these enterprises."""
    person = station.person(chat)
    await person.open("c_north")
    async with station.session() as session:
        contact = (await session.scalars(select(Contact).where(Contact.user == chat))).one()
        contact.name = f"联络员{chat}"
        session.add_all(
            Liaison(
                enterprise_id=station.ids[name],
                name=contact.name,
                contact_id=contact.id,
                since=date(2026, 1, 1),
            )
            for name in enterprises
        )
    return person


async def test_a_liaison_of_two_enterprises_books_for_a_colleague(station: World) -> None:
    person = await liaison(station, "li", "factory", "southern")
    other = await liaison(station, "other", "southern")
    await to_name(person)
    assert "到场人的姓名" in (await person.tap("替别人预约"))[-1]
    await person.say("同事甲")
    assert person.labels() == [
        "示例北园机械有限公司",
        "示例南园电子有限公司",
        "没有企业，个人咨询",
    ]
    assert "到场人的联系电话" in (await person.tap("示例南园"))[-1]
    (card,) = await person.say("13900000000")
    assert "姓名：同事甲" in card
    assert "预约人：联络员li（代为预约）" in card
    (done,) = await person.tap(AGREE)
    assert "到场人：同事甲" in done
    (row,) = await appointments(station)
    assert (row.name, row.phone, row.booked_by) == ("同事甲", "13900000000", "联络员li")
    assert row.enterprise_id == station.ids["southern"]
    assert "联络员li 为贵企业的 同事甲 预约了会诊" in other.told()[-1]
    async with station.session() as session:
        contact = (await session.scalars(select(Contact).where(Contact.user == "li"))).one()
        assert (contact.name, contact.phone) == ("联络员li", None)


async def test_whoever_books_says_their_own_name_first(station: World) -> None:
    person = station.person()
    await to_name(person)
    assert "您自己的姓名" in (await person.tap("替别人预约"))[-1]
    for text in ("示例人", "同事甲", "没有", "13900000000"):
        await person.say(text)
    await person.tap(AGREE)
    (row,) = await appointments(station)
    assert (row.name, row.booked_by) == ("同事甲", "示例人")


async def miss(station: World, count: int, **changes: object) -> None:
    """The person's last appointments were missed."""
    async with station.session() as session:
        row = (await session.scalars(select(Appointment).order_by(Appointment.id))).first()
        assert row is not None
        kept = {c.name: getattr(row, c.name) for c in Appointment.__table__.columns}
        for n in range(count):
            past = {
                "id": None,
                "code": f"MISS{n}",
                "uid": f"missed-{n}",
                "status": Status.NO_SHOW,
                "starts_at": station.clock() - timedelta(days=n + 1),
            }
            session.add(Appointment(**{**kept, **past, **changes}))


async def test_two_missed_within_ninety_days_lead_to_the_phone(station: World) -> None:
    person = station.person()
    await book(person)
    await miss(station, 1)
    assert "哪方面" in (await person.say("预约"))[-1]
    await person.say("取消")
    await miss(station, 1, code="MISSX", uid="missed-x")
    (said,) = await person.say("预约")
    assert "暂时不能在线自助预约" in said
    assert "致电或到分中心窗口" in said
    assert "暂时不能" in (await person.say("我想约下周三下午谈商标"))[-1]
    station.clock.move(days=90)
    assert "哪方面" in (await person.say("预约"))[-1]


async def test_another_chat_of_the_same_person_does_not_help(station: World) -> None:
    await book(station.person())
    await miss(station, 2)
    again, colleague = station.person("again"), station.person("colleague")
    await book(again)
    assert "暂时不能在线自助预约" in again.told()[-2]
    await to_name(colleague, time="11:00")
    for text in ("另一人", "91430000DEMO000001", "13700000000"):
        await colleague.say(text)
    assert "预约成功" in (await colleague.tap(AGREE))[-1]


async def test_colleagues_who_do_not_come_are_not_held_against_the_liaison(
    station: World,
) -> None:
    person = station.person()
    await book(person)
    await miss(station, 2, booked_by="示例人", enterprise_id=None, phone="13700000000")
    assert "哪方面" in (await person.say("预约"))[-1]
