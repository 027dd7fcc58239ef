"""接待室: a center's rooms, closures, and what a change leaves outside the rules."""

from aiohttp import web

from booking.conflicts import Clash
from booking.rulebook import rooms_of
from booking.service.rooms import close_room, reopen_room, set_room
from booking.service.rules import MOST_AT_ONCE
from console.clashes import moment_in, open_clashes, rules_of
from console.scope import centers_in_view, chosen_center
from console.visit import Visit

LONGEST_NAME, LONGEST = 40, 80


async def show(visit: Visit) -> web.StreamResponse:
    """The rooms with a form for each, and the open conflicts."""
    async with visit.reading() as session:
        centers = await centers_in_view(session, visit)
        center = chosen_center(visit, centers)
        found = await rooms_of(session, visit.actor, center.id, visit.now)
        clashes = [
            clash
            for clash in await open_clashes(session, visit)
            if clash.sheet.center.id == center.id
        ]
    return visit.render(
        "rooms.html",
        centers=centers,
        center=center,
        rooms=found,
        clashes=clashes,
        most=MOST_AT_ONCE,
    )


async def put(visit: Visit) -> web.StreamResponse:
    """Add a room, change it, give it up, or use it again."""
    form = visit.form
    name = form.line("name", most=LONGEST_NAME, missing="diary.room_name_missing")
    capacity = form.line("capacity", most=3)
    if not capacity.isdecimal():
        form.wrong("capacity", "diary.bad_number")
    form.require_good()
    async with visit.reading() as session:
        center = chosen_center(visit, await centers_in_view(session, visit))
    async with visit.writing() as session:
        clashes = await set_room(
            session,
            actor=visit.actor,
            center_id=center.id,
            name=name,
            capacity=int(capacity),
            active=form.values.get("active", "yes") == "yes",
            rules=rules_of(visit),
            now=visit.now,
        )
    return _back(visit, clashes)


async def close(visit: Visit) -> web.StreamResponse:
    """Close a room for a while."""
    starts_at, ends_at = moment_in(visit, "from"), moment_in(visit, "until")
    reason = visit.form.line("reason", most=LONGEST)
    visit.form.require_good()
    assert starts_at is not None and ends_at is not None
    async with visit.writing() as session:
        clashes = await close_room(
            session,
            actor=visit.actor,
            room_id=visit.id_of(),
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason,
            rules=rules_of(visit),
            now=visit.now,
        )
    return _back(visit, clashes)


async def reopen(visit: Visit) -> web.StreamResponse:
    """Take a closure back."""
    async with visit.writing() as session:
        await reopen_room(session, actor=visit.actor, closure_id=visit.id_of())
    return _back(visit, [])


def _back(visit: Visit, clashes: list[Clash]) -> web.Response:
    center = visit.query("center")
    address = visit.url("rooms") + (f"?center={center}" if center else "")
    said = "diary.kept_with_conflicts" if clashes else "diary.kept"
    return visit.go_to(address, said, count=len(clashes))
