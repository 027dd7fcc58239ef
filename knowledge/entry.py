"""One entry of the base: a question people ask, and the dated texts that answer it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

AREAS = (
    "filing",
    "search",
    "enforcement",
    "financing",
    "operation",
    "trademark",
    "copyright",
    "trade-secret",
    "other-ip",
    "center",
)
HEADINGS = ("步骤", "材料", "费用", "期限", "注意")
ACTIONS = ("book", "escalate")
REGIONS = ("全国", "湖南", "长沙")


@dataclass(frozen=True, slots=True)
class Source:
    """What a text rests on: an article of a law, or a dated document without articles."""

    law: str | None = None
    article: str | None = None
    document: str | None = None
    number: str | None = None
    place: str | None = None
    url: str | None = None
    version: date | None = None

    def cite(self) -> str:
        """The citation as a reader expects it, e.g. 《专利法》第四十二条."""
        title = "《" + (self.law or self.document or "").strip("《》") + "》"
        if self.law:
            edition = f"（{self.version.isoformat()}文本）" if self.version else ""
            return title + edition + (self.article or "") + (self.place or "")
        issued = f"（{self.number}）" if self.number else ""
        return title + issued + (self.article or "") + (self.place or "")


@dataclass(frozen=True, slots=True)
class Section:
    """One headed part of an answer; the list markers are taken off its lines."""

    heading: str
    lines: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """The wording that holds from one day to another.

    changed_from: the day on which a law it rests on changes, where that is known.
    """

    valid_from: date
    valid_until: date | None
    reviewed_on: date
    review_by: date
    sources: tuple[Source, ...]
    short: str
    sections: tuple[Section, ...]
    doubt: str | None = None
    changed_from: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether this wording is the law on that day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def overdue_on(self, day: date) -> bool:
        """Whether the day by which somebody should have looked at it again has passed."""
        return day > self.review_by

    def changed_on(self, day: date) -> bool:
        """Whether a law it rests on has changed by then, and nobody has looked at it since."""
        return self.changed_from is not None and self.changed_from <= day


@dataclass(frozen=True, slots=True)
class Entry:
    """One question of the base with all its wordings, oldest first."""

    id: str
    area: str
    question: str
    asks: tuple[str, ...]
    texts: tuple[Text, ...]
    region: str
    related: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()

    @property
    def phrasings(self) -> tuple[str, ...]:
        """The canonical question and all other ways of asking it."""
        return (self.question, *self.asks)

    def text_on(self, day: date) -> Text | None:
        """The wording in force on that day; of two that overlap, the newer one."""
        held = [text for text in self.texts if text.holds_on(day)]
        return held[-1] if held else None

    def coming(self, day: date) -> Text | None:
        """The next wording, known but not yet in force."""
        later = [text for text in self.texts if text.valid_from > day]
        return later[0] if later else None

    def overdue_on(self, day: date) -> bool:
        """Whether the wording in force should have been reviewed again (or has run out)."""
        text = self.text_on(day)
        return text is None or text.overdue_on(day)
