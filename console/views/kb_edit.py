"""Change an entry: its files as text, a new text for a coming day, and why."""

import re

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from console.curating import bring_in, entry_id_of, present_files, require_found
from console.visit import Visit
from knowledge.entry import AREAS
from knowledge.folder import entry_of
from knowledge.queries import open_of, published_of
from knowledge.service.draft import edit, start_draft

LONGEST = 60_000  # characters of one file
MOST_FILES = 8
_NUMBER = re.compile(r"\d{1,9}")


async def show(visit: Visit) -> web.StreamResponse:
    """The files of the draft under way, else of what is served; what was typed comes first."""
    entry_id = entry_id_of(visit)
    async with visit.reading() as session:
        draft = await open_of(session, entry_id)
        present = await published_of(session, entry_id)
        files = draft.files if draft else await present_files(session, visit, entry_id)
    require_found(bool(files))
    typed = visit.form.values
    return visit.render(
        "kb_edit.html",
        entry_id=entry_id,
        draft=draft,
        present=present,
        files=_typed_files(visit) or dict(sorted(files.items())),
        version=typed.get("version", str(draft.id) if draft else ""),
        seen=typed.get("seen", str(draft.moves) if draft else ""),
        based_on=typed.get("based_on", str(present.number) if present else ""),
        most=LONGEST,
    )


async def submit(visit: Visit) -> web.StreamResponse:
    """Keep it as a draft, or change the draft."""
    entry_id, form = entry_id_of(visit), visit.form
    why = form.text("why", most=500, missing="desk.kb.why_missing")
    files = _typed_files(visit) | _added_file(visit, entry_id)
    if any(len(text) > LONGEST for text in files.values()):
        form.wrong("why", "desk.kb.file_too_long", most=LONGEST)
    form.require_good()
    async with visit.writing() as session:
        await bring_in(session, visit)
        await _keep(session, visit, entry_id, files, why)
    return visit.go("kb_entry", said="desk.kb.kept", entry=entry_id)


async def _keep(
    session: AsyncSession, visit: Visit, entry_id: str, files: dict[str, str], why: str
) -> None:
    version = _number(visit, "version")
    if version is None:
        await start_draft(
            session, actor=visit.actor, entry_id=entry_id, files=files, why=why, now=visit.now
        )
        return
    await edit(
        session,
        actor=visit.actor,
        version_id=version,
        files=files,
        why=why,
        seen=_number(visit, "seen") or 0,
        based_on=_number(visit, "based_on"),
        now=visit.now,
    )


def _number(visit: Visit, name: str) -> int | None:
    given = visit.form.values.get(name, "")
    return int(given) if _NUMBER.fullmatch(given) else None


def _typed_files(visit: Visit) -> dict[str, str]:
    """Names and texts as posted; an emptied text takes its file away."""
    values = visit.form.values
    names = [(values.get(f"name-{n}", ""), values.get(f"file-{n}", "")) for n in range(MOST_FILES)]
    return {name: f"{text}\n" for name, text in names if name and text}


def _added_file(visit: Visit, entry_id: str) -> dict[str, str]:
    """A text for a coming day, if one was written."""
    text = visit.form.values.get("coming", "")
    if not text:
        return {}
    day = visit.form.day("coming_day")
    area = next((name for name in AREAS if entry_id.startswith(f"{name}-")), "")
    name = f"{area}/{entry_id.removeprefix(f'{area}-')}@{day}.md"
    return {name: f"{text}\n"} if day and entry_of(name) == entry_id else {}
