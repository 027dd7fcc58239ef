"""Change an entry: its files as text, a new text for a coming day, and why."""

import asyncio
import re

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from console.curating import bring_in, entry_id_of, present_files, require_found
from console.visit import Visit
from knowledge.entry import AREAS
from knowledge.folder import entry_of, files_of, fingerprint
from knowledge.model import EntryVersion
from knowledge.queries import open_of, published_of
from knowledge.service.draft import edit, start_draft

LONGEST = 60_000  # characters of one file
_NUMBER = re.compile(r"\d{1,9}")


async def show(visit: Visit) -> web.StreamResponse:
    """The files of the draft under way, else of what is served; what was typed comes first."""
    entry_id = entry_id_of(visit)
    async with visit.reading() as session:
        draft = await open_of(session, entry_id)
        present = await published_of(session, entry_id)
        files = draft.files if draft else await present_files(session, visit, entry_id)
        based_on = await _shown_base(session, visit, entry_id, draft, present)
    typed, newest = visit.form.values, present.number if present else None
    files = _typed_files(visit) or dict(sorted(files.items()))
    require_found(bool(files))
    return visit.render(
        "kb_edit.html",
        entry_id=entry_id,
        draft=draft,
        present=present,
        files=files,
        version=typed.get("version", str(draft.id) if draft else ""),
        seen=typed.get("seen", str(draft.moves) if draft else ""),
        based_on=based_on or "",
        outdated=based_on != newest,
        most=LONGEST,
    )


async def submit(visit: Visit) -> web.StreamResponse:
    """Keep it as a draft, or change the draft."""
    entry_id, form = entry_id_of(visit), visit.form
    why = form.text("why", most=500, missing="desk.kb.why_missing")
    files = _typed_files(visit)
    added = _added_file(visit, entry_id)
    if files.keys() & added.keys():
        form.wrong("coming_day", "desk.kb.day_taken")
    files |= added
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
            session, actor=visit.actor, entry_id=entry_id, files=files, why=why, now=visit.now,
            based_on=await _base(session, visit, entry_id),
        )  # fmt: skip
        return
    await edit(
        session,
        actor=visit.actor,
        version_id=version,
        files=files,
        why=why,
        seen=_number(visit, "seen") or 0,
        based_on=await _base(session, visit, entry_id),
        now=visit.now,
    )


async def _shown_base(
    session: AsyncSession,
    visit: Visit,
    entry_id: str,
    draft: EntryVersion | None,
    present: EntryVersion | None,
) -> int | None:
    """The published version that the words in the form contain."""
    if "based_on" in visit.form.values:
        return await _base(session, visit, entry_id)
    if draft is not None:
        return draft.based_on
    return present.number if present else None


async def _base(session: AsyncSession, visit: Visit, entry_id: str) -> int | None:
    """The published version that the typed words were made from, or that the editor has merged.

    What was read in the files became a version when they were brought in.
    """
    merged, given = _number(visit, "merged"), _number(visit, "based_on")
    if merged is not None:
        return merged or None  # 0: it was taken down
    if given is not None or _number(visit, "version") is not None:
        return given
    present = await published_of(session, entry_id)
    if present is None:
        return None
    there = await asyncio.to_thread(files_of, visit.desk.serving.folder, entry_id)
    return present.number if fingerprint(there) == present.fingerprint else None


def _number(visit: Visit, name: str) -> int | None:
    given = visit.form.values.get(name, "")
    return int(given) if _NUMBER.fullmatch(given) else None


def _typed_files(visit: Visit) -> dict[str, str]:
    """Names and texts as posted; an emptied text takes its file away."""
    values = visit.form.values
    fields = [field for field in values if field.startswith("name-")]
    texts = {values[field]: values.get(f"file-{field.removeprefix('name-')}") for field in fields}
    return {name: f"{text}\n" for name, text in texts.items() if name and text}


def _added_file(visit: Visit, entry_id: str) -> dict[str, str]:
    """A text for a coming day, if one was written."""
    text = visit.form.values.get("coming", "")
    if not text:
        return {}
    day = visit.form.day("coming_day")
    area = next((name for name in AREAS if entry_id.startswith(f"{name}-")), "")
    name = f"{area}/{entry_id.removeprefix(f'{area}-')}@{day}.md"
    return {name: f"{text}\n"} if day and entry_of(name) == entry_id else {}
