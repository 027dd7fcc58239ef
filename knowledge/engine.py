"""INTERIM (to be replaced by the matching work): near-identical phrasing only."""

from datetime import date
from pathlib import Path

from rapidfuzz import fuzz, process

from knowledge.decide import Choice, Decision
from knowledge.entry import Entry
from knowledge.load import Base, load


class Engine:
    embeds = False

    def __init__(self, base: Base) -> None:
        self.base = base
        self._ids = [e.id for e in base.entries.values() for _ in e.phrasings]
        self._asks = [p for e in base.entries.values() for p in e.phrasings]

    @classmethod
    def open(cls, entries: Path, cache: Path | None, embed: bool = True) -> "Engine":
        return cls(load(entries))

    def entry(self, entry_id: str) -> Entry | None:
        return self.base.entries.get(entry_id)

    def ask(self, question: str, day: date) -> Decision:
        found = process.extract(question, self._asks, scorer=fuzz.ratio, limit=8)
        if not found or found[0][1] < 45:
            return Decision("handoff", reason="foreign")
        entry = self.base.entries[self._ids[found[0][2]]]
        if found[0][1] >= 75:
            return Decision("answer", found[0][1] / 100, entry)
        ids = list(dict.fromkeys(self._ids[f[2]] for f in found))[:4]
        choices = tuple(Choice(i, self.base.entries[i].question) for i in ids)
        return Decision("choices", found[0][1] / 100, None, choices)
