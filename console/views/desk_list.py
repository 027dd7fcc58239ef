"""批量代约: a liaison's list, pasted or as a file; each row is booked or says why not."""

from aiohttp import web
from aiohttp.web_request import FileField

from booking.listing import MOST_ROWS, decoded, read_list
from booking.queries import Sheet, sheet
from booking.service.enlist import enlist
from console.visit import Visit, in_words

LONGEST = 20_000


async def show(visit: Visit) -> web.StreamResponse:
    """The form."""
    return visit.render("desk_list.html", most=MOST_ROWS, outcomes=None, sheets={})


async def submit(visit: Visit) -> web.StreamResponse:
    """Book what can be booked, and say of each row what became of it."""
    text = visit.form.text("list", most=LONGEST)
    visit.form.require_good()
    file = (await visit.request.post()).get("file")
    if isinstance(file, FileField) and file.filename:
        text = decoded(file.file.read())
    rows = read_list(text, visit.now)
    sheets: dict[int, Sheet] = {}
    async with visit.writing() as session:
        outcomes = await enlist(
            session,
            actor=visit.actor,
            center_id=visit.actor.center_id or 0,
            rows=rows,
            settings=visit.desk.config.booking,
            worktime=visit.desk.worktime,
            now=visit.now,
        )
        for one in outcomes:
            if one.row is not None:
                sheets[one.number] = await sheet(session, one.row)
    said = {one.number: in_words(one.refusal) for one in outcomes if one.refusal is not None}
    return visit.render(
        "desk_list.html", most=MOST_ROWS, outcomes=outcomes, sheets=sheets, said=said
    )
