"""The signed link of an appointment: its holder sees it, moves it, cancels it without a chat."""

from dataclasses import dataclass

from booking.model import Appointment
from core.config import Config
from core.security import sign, unsign
from directory.actor import Actor

PURPOSE = "appointment"


@dataclass(frozen=True)
class Links:
    """Makes and reads the links. base: how people reach the server; key: what signs."""

    base: str
    key: str

    @classmethod
    def of(cls, config: Config) -> "Links":
        """As these settings have it."""
        return cls(config.server.public_url.rstrip("/"), config.security.secret_key)

    def to(self, row: Appointment) -> str:
        """The page of an appointment."""
        return f"{self.base}/a/{sign(self.key, PURPOSE, row.code)}"

    def code(self, signed: str) -> str | None:
        """The code that a link names, or None when we did not sign it."""
        return unsign(self.key, PURPOSE, signed)


def holder(row: Appointment) -> Actor:
    """Whoever comes by the link. It is as good as the booker's chat for this appointment alone."""
    return Actor(kind="holder", id=row.id, name=row.name)
