"""All articles of all versions in one row, and which of them hold on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from knowledge.entry import Source
from knowledge.statutes.text import Article, Law

CODE = "民法典"  # people cite the code, the files hold its books


class Standing(Enum):
    """How a version stands on a day."""

    IN_FORCE = "in_force"
    COMING = "coming"
    EXPIRED = "expired"  # run out, and no newer text of the law is at hand
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Placed:
    """An article with the law it stands in."""

    law: Law
    article: Article


class Shelf:
    """The articles by number; the same number means the same article everywhere."""

    def __init__(self, laws: Iterable[Law]) -> None:
        self.laws = sorted(laws, key=lambda law: (law.name, law.since or date.min, law.label))
        self.placed = [Placed(law, article) for law in self.laws for article in law.articles]
        self._numbers: dict[tuple[str, str, str], int] = {}
        for number, item in enumerate(self.placed):
            self._numbers.setdefault((item.law.name, item.law.label, item.article.name), number)
        self._versions: dict[str, list[Law]] = defaultdict(list)
        for law in self.laws:
            self._versions[law.name].append(law)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the laws."""
        return tuple(self._versions)

    def number(self, law: str, label: str, article: str) -> int | None:
        """The number of an article of one version; None where there is none."""
        return self._numbers.get((law, label, article))

    def standing(self, law: Law, day: date) -> Standing:
        """How a version stands on a day; a law without a day has always been in force."""
        held = [item for item in self._versions[law.name] if (item.since or date.min) <= day]
        if law not in held:
            return Standing.COMING
        if held[-1] is not law:
            return Standing.REPLACED
        return Standing.EXPIRED if law.until and law.until < day else Standing.IN_FORCE

    def standings(self, day: date) -> list[Standing]:
        """The standing of every article, by number."""
        return [
            standing
            for law in self.laws
            for standing in [self.standing(law, day)] * len(law.articles)
        ]

    def cited(self, sources: Sequence[Source], day: date) -> set[int]:
        """The articles that sources cite, in the version they name or that of the day."""
        found = set()
        for source in sources:
            for law in self._meant(source, day) if source.law and source.article else ():
                number = self.number(law.name, law.label, source.article or "")
                if number is not None:
                    found.add(number)
        return found

    def named(self, law: str, article: str) -> list[int]:
        """An article of a law in all its versions."""
        found = [self.number(version.name, version.label, article) for version in self._books(law)]
        return [number for number in found if number is not None]

    def _books(self, law: str) -> list[Law]:
        if law != CODE:
            return self._versions.get(law, [])
        return [item for item in self.laws if item.name.startswith(CODE)]

    def _meant(self, source: Source, day: date) -> list[Law]:
        known = self._books(source.law or "")
        if source.version:
            return [law for law in known if law.version == source.version]
        shown = (Standing.IN_FORCE, Standing.EXPIRED)
        return [law for law in known if self.standing(law, day) in shown]
