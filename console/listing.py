"""What an actor may read of the tickets in a list."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.masking import masked
from directory.actor import Actor
from escalation.model import Ticket
from escalation.queries import Sheet


@dataclass(frozen=True)
class Row:
    """A ticket in a list; to an expert the question is shown without what tells who asks."""

    sheet: Sheet
    question: str

    @property
    def ticket(self) -> Ticket:
        """The ticket."""
        return self.sheet.ticket


def rows_for(actor: Actor, sheets: Sequence[Sheet]) -> list[Row]:
    """The list as this actor may read it."""
    if actor.expert_id is None:
        return [Row(one, one.ticket.question) for one in sheets]
    return [Row(one, masked(one.ticket.question, _identity(one))) for one in sheets]


def _identity(one: Sheet) -> list[str | None]:
    enterprise = None if one.enterprise is None else one.enterprise.name
    return [one.ticket.person_name, one.ticket.phone, enterprise]
