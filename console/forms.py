"""A posted form: what was typed, kept for refilling, and what is wrong with each field."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.errors import Refusal
from core.sanitise import visible
from core.texts import plain


class BadForm(Refusal):
    """Some fields need another look; each says what."""

    key = "desk.form.bad"


@dataclass
class Form:
    """``values`` as typed, cleaned of invisible characters; ``errors`` by field, ready to show."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def posted(cls, fields: Mapping[str, object]) -> "Form":
        """From the posted fields; files are not accepted anywhere."""
        return cls({name: visible(v) for name, v in fields.items() if isinstance(v, str)})

    def wrong(self, name: str, key: str, **params: Any) -> None:
        """Note what is wrong with a field; the first complaint stands."""
        self.errors.setdefault(name, plain(key, **params))

    def text(self, name: str, *, most: int, missing: str | None = None) -> str:
        """A field of at most ``most`` characters; required where ``missing`` names a text."""
        value = self.values.get(name, "")
        if not value and missing is not None:
            self.wrong(name, missing)
        if len(value) > most:
            self.wrong(name, "desk.form.too_long", most=most, given=len(value))
        return value

    def line(self, name: str, *, most: int, missing: str | None = None) -> str:
        """A field of one line."""
        return " ".join(self.text(name, most=most, missing=missing).split())

    def choice(self, name: str, offered: Collection[str], missing: str) -> str:
        """One of the offered values; anything else counts as not chosen."""
        value = self.values.get(name, "")
        if value not in offered:
            self.wrong(name, missing)
        return value

    def day(self, name: str) -> date | None:
        """A calendar day as browsers send it; None (and a complaint) when it is not one."""
        try:
            return date.fromisoformat(self.values.get(name, ""))
        except ValueError:
            self.wrong(name, "desk.form.bad_day")
            return None

    def require_good(self) -> None:
        """Raises BadForm when anything is wrong."""
        if self.errors:
            raise BadForm
