"""Finding tickets by their words, as far as they are the actor's business."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.fulltext import newest, tokens_of
from directory.actor import Actor
from escalation.model import Ticket
from escalation.model_search import SearchRow
from escalation.queries import Sheet, with_names, worked_on_by


async def find_tickets(
    session: AsyncSession, actor: Actor, question: str, *, limit: int = 20
) -> list[Sheet]:
    """Tickets with every word of the question, newest first.

    To the index the scope is one word more, so another center's tickets are never touched; that
    the actor works on them is asked again of the tickets themselves.
    """
    tokens, scope = tokens_of(question), _scope(actor)
    if not tokens or scope is None:
        return []
    dialect = session.get_bind().dialect.name
    rows = newest(SearchRow.__tablename__, tokens, scope, dialect, limit)
    ids = await session.scalars(select(SearchRow.ticket_id).where(SearchRow.id.in_(rows)))
    wanted = list(ids)
    found = await session.execute(
        with_names().where(Ticket.id.in_(wanted), worked_on_by(actor)).order_by(Ticket.id.desc())
    )
    return [Sheet(*row) for row in found]


def _scope(actor: Actor) -> str | None:
    if actor.is_province:
        return "every"
    if actor.may_see_center(actor.center_id):
        return f"center{actor.center_id}"
    return None if actor.expert_id is None else f"expert{actor.expert_id}"
