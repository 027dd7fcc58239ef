"""写成知识库草稿: an expert's answer becomes an anonymous draft, for the editors to complete."""

import re
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from core.masking import anonymous
from core.texts import plain
from directory.actor import Actor
from directory.model import Contact
from directory.queries import names_in
from escalation.lifecycle import NotYours, Party, party_of
from escalation.model import Ticket
from escalation.queries import access_ticket, identity_of, words_of
from knowledge.body import MOST_SHORT
from knowledge.load import MOST_QUESTION
from knowledge.model import EntryVersion
from knowledge.queries import made_of
from knowledge.service.draft import propose
from knowledge.skeleton import Sketch

LONGEST_ASK = 80
_BREAK = re.compile(r"(?<=[。！？；!?;])\s*|\n+")
_MARK = re.compile(r"^\s*(?:[-*+•]|[（(]?\d{1,2}[)）.、．])\s*")


class NoExpertAnswer(Refusal):
    key = "proposal.no_expert_answer"


class MadeAlready(Refusal):
    """Its answer was made into a draft before."""

    key = "proposal.made_already"


def source_of(ticket: Ticket) -> str:
    """What a draft says it was made of."""
    return f"ticket:{ticket.id}"


async def draft_of_answer(
    session: AsyncSession, *, actor: Actor, ticket_id: int, area: str, slug: str, now: datetime
) -> EntryVersion:
    """A draft of what the expert answered, without anything that tells whose matter it was.

    It has no source, so that it cannot be reviewed until somebody has found one.
    Raises UnknownTicket, NotYours, NoExpertAnswer, MadeAlready, IdTaken.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    if party_of(actor, ticket) is not Party.STAFF:
        raise NotYours
    answers = await words_of(session, ticket, "expert_answer")
    if not answers:
        raise NoExpertAnswer(number=ticket.number)
    before = await made_of(session, source_of(ticket))
    if before is not None:
        raise MadeAlready(number=ticket.number, entry=before.entry_id)
    asked = [words for words in (ticket.question, ticket.bot_question) if words]
    known = await _known(session, ticket, " ".join([*asked, answers[-1]]))
    sketch = _sketch(
        area, slug, [anonymous(words, known) for words in asked], anonymous(answers[-1], known)
    )
    return await propose(
        session,
        actor=actor,
        sketch=sketch,
        why=plain("proposal.why"),
        source=source_of(ticket),
        now=now,
    )


async def _known(session: AsyncSession, ticket: Ticket, text: str) -> list[str | None]:
    """The words that would tell whose matter it was, or who worked on it."""
    known = [*await identity_of(session, ticket), *await names_in(session, text)]
    if ticket.contact_id is not None:
        known.append((await session.get_one(Contact, ticket.contact_id)).name)
    return known


def _sketch(area: str, slug: str, asked: list[str], answer: str) -> Sketch:
    questions = [" ".join(words.split()) for words in asked]
    short, rest = parted(answer)
    return Sketch(
        area=area,
        slug=slug,
        question=_BREAK.split(questions[0])[0][:MOST_QUESTION],
        asks=tuple(one for one in dict.fromkeys(questions) if len(one) <= LONGEST_ASK),
        short=short,
        body="\n".join(["## 注意", *(f"- {line}" for line in rest)]) if rest else "",
        doubt=plain("proposal.doubt"),
    )


def parted(answer: str) -> tuple[str, list[str]]:
    """The sentences that fit into a short answer, and the rest, one by one."""
    said = [_MARK.sub("", part).strip() for part in _BREAK.split(answer)]
    said = [part for part in said if part]
    short = ""
    while said and len(short) + len(said[0]) <= MOST_SHORT:
        short += said.pop(0)
    return short, said
