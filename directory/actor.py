"""Who is acting: the one thing every access rule looks at."""

from dataclasses import dataclass

from directory.model import Account, Contact, Role


@dataclass(frozen=True)
class Actor:
    """A person at work in the system.

    kind: "asker" (a chat contact), "desk" (a signed-in account), "expert", "holder" (of an
        appointment's signed link; ``id`` is the appointment's) or "system".
    """

    kind: str
    id: int | None = None
    name: str = ""
    role: str | None = None
    center_id: int | None = None
    expert_id: int | None = None
    advisor_id: int | None = None

    @property
    def is_province(self) -> bool:
        """Whether this is a provincial administrator, who sees every center."""
        return self.role == Role.PROVINCE

    def may_see_center(self, center_id: int | None) -> bool:
        """Whether matters of that center are this actor's business."""
        if self.is_province:
            return True
        staff = self.role in (Role.STAFF, Role.DIRECTOR)
        return staff and center_id is not None and center_id == self.center_id


SYSTEM = Actor(kind="system")


def contact_actor(contact: Contact) -> Actor:
    """The actor behind a chat: an expert where the chat is tied to one, else an asker, who may be
    an advisor as well."""
    return Actor(
        kind="asker" if contact.expert_id is None else "expert",
        id=contact.id,
        name=contact.name or "",
        expert_id=contact.expert_id,
        advisor_id=contact.advisor_id,
    )


def account_actor(account: Account) -> Actor:
    """The actor behind a desk sign-in."""
    return Actor(
        kind="desk",
        id=account.id,
        name=account.name,
        role=account.role,
        center_id=account.center_id,
        expert_id=account.expert_id,
        advisor_id=account.advisor_id,
    )
