"""A file of a ticket as an answer: to be saved, never shown by the browser as part of our site."""

import asyncio
from urllib.parse import quote

from aiohttp import web

from console.visit import Visit
from escalation.model_reply import Attachment
from escalation.service.attach import Upload, put_away
from escalation.vault import Vault

SAFE = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def vault(visit: Visit) -> Vault:
    """Where files lie."""
    config = visit.desk.config
    return Vault(config.paths.var, config.security.secret_key)


async def file_response(visit: Visit, row: Attachment) -> web.Response:
    """The content as a download. The caller has written the download down."""
    content = await asyncio.to_thread(vault(visit).get, row.stored)
    plain = "".join(char if char.isascii() and char.isalnum() else "_" for char in row.name)
    named = f"attachment; filename=\"{plain[:60]}.{row.kind}\"; filename*=UTF-8''{quote(row.name)}"
    headers = {**SAFE, "Content-Disposition": named}
    return web.Response(body=content, content_type="application/octet-stream", headers=headers)


async def received(visit: Visit, field: str = "file") -> Upload:
    """The posted file, looked at and put away. Raises BadForm and what ``put_away`` raises."""
    posted = visit.files.get(field)
    if posted is None or not posted.filename:
        visit.form.wrong(field, "files.none_chosen")
    visit.form.require_good()
    assert posted is not None
    content = await asyncio.to_thread(posted.file.read)
    largest = visit.desk.config.attachments.largest_mb
    return await asyncio.to_thread(
        put_away, vault(visit), posted.filename, content, largest_mb=largest
    )
