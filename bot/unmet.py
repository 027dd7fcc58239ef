"""What was asked here without a good answer, kept for the editors of the base."""

from bot.context import Ctx
from escalation.queries import has_confidential
from knowledge.model import Why
from knowledge.service.gaps import note_gap

# Hand-offs that tell of a gap; small talk and other fields of life do not.
_REASONS = {
    "unsure": Why.UNSURE,
    "unfollowed": Why.UNSURE,
    "not-in-force": Why.UNSURE,
    "unclear": Why.UNCLEAR,
}


async def unanswered(ctx: Ctx, question: str, reason: str) -> None:
    """A question that was handed to a person."""
    if reason in _REASONS:
        await _note(ctx, question, _REASONS[reason])


async def rejected(ctx: Ctx) -> None:
    """都不是 was tapped. Where an answer has come since, nobody knows what it was about."""
    row = ctx.conversation
    if row.last_question and row.last_entry is None:
        await _note(ctx, row.last_question, Why.REJECTED)


async def unhelpful(ctx: Ctx, entry_id: str) -> None:
    """没解决 was tapped under an answer; of an earlier one only the entry is known."""
    row, entry = ctx.conversation, ctx.engine.base.entries.get(entry_id)
    question = row.last_question if row.last_entry == entry_id else None
    question = question or (entry.question if entry else None)
    if question:
        await _note(ctx, question, Why.UNHELPFUL, entry_id)


async def _note(ctx: Ctx, question: str, why: Why, entry_id: str | None = None) -> None:
    """What experts ask, and those with a confidential ticket, may be about a matter: not kept."""
    if ctx.contact.expert_id is not None or await has_confidential(ctx.session, ctx.contact.id):
        return
    await note_gap(
        ctx.session,
        question=question,
        why=why,
        chat=f"{ctx.conversation.channel}:{ctx.conversation.chat}",
        now=ctx.now,
        entry_id=entry_id,
        center_id=ctx.center_id,
    )
