"""附件 of a ticket, for the staff: add, download, give to the asker or the expert."""

from aiohttp import web

from console.downloads import file_response, received
from console.views import ticket as page
from console.visit import Visit
from escalation.service.attach import UnknownFile, attach, take_out
from escalation.service.pages import expert_page, send_file


async def add(visit: Visit) -> web.StreamResponse:
    """Attach a file."""
    upload = await received(visit)
    async with visit.writing() as session:
        await attach(
            session, actor=visit.actor, ticket_id=visit.id_of(), upload=upload, now=visit.now
        )
    return visit.go("ticket", said="files.attached", id=visit.id_of())


async def download(visit: Visit) -> web.StreamResponse:
    """Save it; written down first."""
    async with visit.writing() as session:
        try:
            row = await take_out(
                session, actor=visit.actor, attachment_id=visit.id_of("file"), now=visit.now
            )
        except UnknownFile as unknown:
            raise web.HTTPNotFound from unknown
    if row.ticket_id != visit.id_of():
        raise web.HTTPNotFound
    return await file_response(visit, row)


async def send(visit: Visit) -> web.StreamResponse:
    """A one-time link to the asker's or the expert's chat, shown here once as well."""
    async with visit.writing() as session:
        url = await send_file(
            session,
            actor=visit.actor,
            ticket_id=visit.id_of(),
            attachment_id=visit.id_of("file"),
            to_expert=visit.form.values.get("to") == "expert",
            config=visit.desk.config,
            now=visit.now,
        )
    visit.notice, visit.link = "files.sent", url
    return await page.show(visit)


async def page_link(visit: Visit) -> web.StreamResponse:
    """A link to the expert's page, to hand on by other ways."""
    async with visit.writing() as session:
        visit.link = await expert_page(
            session,
            actor=visit.actor,
            ticket_id=visit.id_of(),
            config=visit.desk.config,
            now=visit.now,
        )
    return await page.show(visit)
