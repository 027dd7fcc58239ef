"""The accounts that a director or the province manages."""

from datetime import timedelta

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.scope import centers_in_view
from console.visit import Visit
from directory.accounts import (
    OF_A_CENTER,
    access_account,
    create_account,
    managed,
    new_link,
    record_undertaking,
    reset_two_factor,
    set_active,
)
from directory.model import Account, Advisor, Center, Expert, Role
from directory.sessions import sessions_of


async def show(visit: Visit) -> web.StreamResponse:
    """All of them."""
    async with visit.reading() as session:
        found = await managed(session, visit.actor)
        names = {one.id: one.name for one in await session.scalars(select(Center))}
    return visit.render("accounts.html", accounts=found, center_names=names)


async def new(visit: Visit) -> web.StreamResponse:
    """The form for another one."""
    async with visit.reading() as session:
        return visit.render("account_new.html", **await _offered(session, visit))


async def _offered(session: AsyncSession, visit: Visit) -> dict[str, object]:
    centers = await centers_in_view(session, visit)
    ids = [one.id for one in centers]
    advisors = select(Advisor).where(Advisor.center_id.in_(ids), Advisor.active)
    experts = select(Expert).where(Expert.active) if visit.actor.is_province else None
    return {
        "roles": list(Role) if visit.actor.is_province else list(OF_A_CENTER),
        "centers": centers,
        "advisors": (await session.scalars(advisors.order_by(Advisor.id))).all(),
        "experts": (await session.scalars(experts)).all() if experts is not None else [],
    }


async def create(visit: Visit) -> web.StreamResponse:
    """Make it, and show its one-time link once."""
    form = visit.form
    name = form.line("name", most=40, missing="account.name_missing")
    role = form.choice("role", list(Role), "account.role_missing")
    undertaking = form.day("undertaking") if form.values.get("undertaking") else None
    form.require_good()
    async with visit.writing() as session:
        account, token = await create_account(
            session,
            actor=visit.actor,
            username=form.line("username", most=40),
            name=name,
            role=Role(role),
            center_id=_number(visit, "center") or visit.actor.center_id,
            advisor_id=_number(visit, "advisor"),
            expert_id=_number(visit, "expert"),
            undertaking_on=undertaking,
            now=visit.now,
            valid_for=_valid_for(visit),
        )
    return _link_page(visit, account, token)


async def one(visit: Visit) -> web.StreamResponse:
    """One account and what can be done with it."""
    async with visit.reading() as session:
        account = await access_account(session, visit.actor, visit.id_of())
        rows = await sessions_of(session, account.id, now=visit.now)
    return visit.render("account_one.html", account=account, sessions=rows)


async def link(visit: Visit) -> web.StreamResponse:
    """A fresh one-time link."""
    async with visit.writing() as session:
        token = await new_link(
            session,
            actor=visit.actor,
            account_id=visit.id_of(),
            now=visit.now,
            valid_for=_valid_for(visit),
        )
        account = await session.get_one(Account, visit.id_of())
    return _link_page(visit, account, token)


async def switch(visit: Visit) -> web.StreamResponse:
    """Off or on."""
    active = visit.form.values.get("active") == "yes"
    async with visit.writing() as session:
        await set_active(
            session, actor=visit.actor, account_id=visit.id_of(), active=active, now=visit.now
        )
    said = "account.switched_on" if active else "account.switched_off"
    return visit.go("account_one", said=said, id=visit.id_of())


async def unlock_second(visit: Visit) -> web.StreamResponse:
    """The device was lost."""
    async with visit.writing() as session:
        await reset_two_factor(session, actor=visit.actor, account_id=visit.id_of(), now=visit.now)
    return visit.go("account_one", said="account.two_factor_reset", id=visit.id_of())


async def undertaking(visit: Visit) -> web.StreamResponse:
    """The day on which the confidentiality undertaking was signed."""
    day = visit.form.day("undertaking")
    visit.form.require_good()
    assert day is not None
    async with visit.writing() as session:
        await record_undertaking(
            session, actor=visit.actor, account_id=visit.id_of(), day=day, now=visit.now
        )
    return visit.go("account_one", said="account.undertaking_kept", id=visit.id_of())


def _link_page(visit: Visit, account: Account, token: str) -> web.Response:
    base = visit.desk.config.server.public_url.rstrip("/")
    address = f"{base}{visit.url('sign_in_link', token=token)}"
    days = visit.desk.config.security.invitation_days
    return visit.render("account_link.html", account=account, address=address, days=days)


def _valid_for(visit: Visit) -> timedelta:
    return timedelta(days=visit.desk.config.security.invitation_days)


def _number(visit: Visit, name: str) -> int | None:
    given = visit.form.values.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 10 else None
