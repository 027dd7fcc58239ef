"""What words and characters say about each entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.asked import Asked
from knowledge.entry import Entry
from knowledge.forward import Hits, Pieces, Words, bm25, covered
from knowledge.inverted import (
    Inverted,
    Rarity,
    Vocabulary,
    grams,
    grams_index,
    grams_of,
    leveled,
    numbers_of,
    pieces,
    saturated,
)
from knowledge.kinds import Kinds
from knowledge.normalise import Plain, curated
from knowledge.rows import Growing, Numbers, Rows, spread

NAMES = ("words", "words-covered", "best-words", "all-words", "grams", "grams-covered",
         "best-grams", "text-grams", "kind")  # fmt: skip
_ADDED = 0.4  # the field's words for lay ones were not typed, and weigh less
_BLOCK = 16_384  # phrasings worked on at once: bounds the memory that building takes
_BREAK = "\n"

Features = NDArray[np.float32]
Floats = NDArray[np.float64]


def answer_text(entry: Entry) -> str:
    """Everything the newest wording of an entry says."""
    text = entry.texts[-1]
    lines = [line for section in text.sections for line in section.lines]
    return "\n".join([entry.question, text.short, *lines])


class Lexical:
    """Words and characters of the phrasings of each entry, and of its text."""

    def __init__(self, entries: Sequence[Entry], asked: Asked, joined: Sequence[str]) -> None:
        """`joined`: the phrasings without their spaces."""
        size, starts = len(entries), asked.starts
        self._starts, self._known, self._letters = starts, asked.known, Vocabulary()
        self._kinds = Kinds(joined, starts)
        self._ways = Rows.of(map(self._spelt, joined), "H")
        self._way_words = asked.words
        self._whole = np.ones(len(joined), dtype=np.bool_)
        self._whole[[*asked.english]] = False
        letters, words = Growing("H"), Growing("i")
        for entry in entries:
            text = curated(answer_text(entry))
            letters.add(self._spelt(text.joined))
            words.add(self._known.add(text.words))
        self._texts, self._text_words = letters.rows(), words.rows()
        self._chars = np.array([_BREAK, *self._letters])
        self._words = Inverted(numbers_of(asked.words.grouped(starts)), size)
        self._grams = grams_index(joined, np.repeat(np.arange(size), np.diff(starts)), size)
        # An entry with sixty phrasings holds every usual word: what is rare shows among phrasings.
        each, total = np.arange(len(joined)), len(joined)
        self._word_rarity = Rarity(numbers_of(asked.words), total)
        self._gram_rarity = Rarity(grams_of(joined, each, total), total)
        self._norms = _norms(joined, self._gram_rarity)
        self._lengths = leveled(np.diff(asked.words.starts))

    def shortlist(self, question: Plain, most: int) -> Numbers:
        """The entries worth a closer look, the likeliest by words and by pieces in turn; never
        none."""
        by_words = self._words.shortlist(self._known.find(dict.fromkeys(question.words)), most)
        by_grams = self._grams.shortlist(grams(question.joined), most)
        turns = np.argsort([*range(0, 2 * len(by_words), 2), *range(1, 2 * len(by_grams), 2)])
        found = np.concatenate([by_words, by_grams])[turns.astype(np.int64)]
        found = found[np.sort(np.unique(found, return_index=True)[1])]
        return found if len(found) else np.arange(min(most, len(self._starts) - 1))

    def ways(self, entry: int) -> list[str]:
        """The phrasings of an entry without their spaces; English ones, of which only a gloss is
        kept, are none."""
        first, last = self._starts[[entry]], self._starts[[entry + 1]]
        texts = "".join(self._chars[self._ways.spans(first, last)]).split(_BREAK)[:-1]
        return [
            way for way, whole in zip(texts, self._whole[first[0] : last[0]], strict=True) if whole
        ]

    def features(self, question: Plain, among: Numbers) -> Features:
        """One row an entry; one column a name."""
        if not len(among):
            return np.zeros((0, len(NAMES)), dtype=np.float32)
        near = _Near(self._starts, among)
        columns: list[NDArray[np.floating[Any]]] = [
            *self._by_words(question, near),
            *self._by_grams(question, near),
            self._kinds.likeness(question.joined, among),
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    def known_share(self, question: Plain) -> float:
        """Which share of the question's words, by rarity, the base uses at all."""
        words = self._known.find(dict.fromkeys(question.words))
        rarity = self._word_rarity.idf(words)
        return float(rarity[words > 0].sum() / max(rarity.sum(), 1e-9))

    def _by_words(self, question: Plain, near: _Near) -> tuple[Floats, ...]:
        typed = [*dict.fromkeys(question.words)]
        sought = Words([*typed, *question.field_words], self._known)
        rarity = self._word_rarity.idf(sought.tokens)
        weights = rarity * np.repeat([1.0, _ADDED], [len(typed), len(question.field_words)])
        asked = near.asked(sought, self._way_words)
        counts = near.counts(asked, len(rarity))
        in_text = near.in_text(sought, self._text_words)
        each = asked.summed(weights, len(near.ways)) * saturated(1.0, self._lengths[near.ways])
        return (
            bm25(counts, weights, self._words.lengths[near.among]),
            covered(counts, rarity),
            near.best(each) / max(weights.sum(), 1e-9),
            covered(counts + in_text, rarity),
        )

    def _by_grams(self, question: Plain, near: _Near) -> tuple[Floats, ...]:
        sought = Pieces(question.joined, self._letters)
        rarity = self._gram_rarity.idf(sought.tokens)
        asked = near.asked(sought, self._ways)
        counts = near.counts(asked, len(rarity))
        alike = asked.summed(rarity**2, len(near.ways)) / self._norms[near.ways]
        return (
            bm25(counts, rarity, self._grams.lengths[near.among]),
            covered(counts, rarity),
            near.best(alike) / max(float(np.sqrt(rarity @ rarity)), 1e-9),
            covered(near.in_text(sought, self._texts), rarity),
        )

    def _spelt(self, text: str) -> list[int]:
        return [*self._letters.add(text), 0]


class _Near:
    """The entries that are looked at closely, and their phrasings."""

    def __init__(self, starts: Numbers, among: Numbers) -> None:
        self.among = among
        self._firsts, self._lasts = starts[among], starts[among + 1]
        self.ways, self._begins = spread(starts, among)
        self._owners = np.repeat(np.arange(len(among)), self._lasts - self._firsts)

    def asked(self, sought: Words | Pieces, rows: Rows) -> Hits:
        """Where the question's tokens stand in the phrasings; `rows`: all of the base."""
        return sought.hits(rows.spans(self._firsts, self._lasts), rows.sizes(self.ways))

    def counts(self, asked: Hits, tokens: int) -> Floats:
        """How often each token stands in all phrasings of each entry."""
        return asked.counts(self._owners, len(self.among), tokens)

    def in_text(self, sought: Words | Pieces, rows: Rows) -> Floats:
        """How often each token stands in the text of each entry."""
        hits = sought.hits(rows.spans(self.among, self.among + 1), rows.sizes(self.among))
        return hits.counts(np.arange(len(self.among)), len(self.among), len(sought.tokens))

    def best(self, scores: Floats) -> Floats:
        """The best of each entry's phrasings."""
        return np.maximum.reduceat(scores, self._begins)


def _norms(texts: Sequence[str], rarity: Rarity) -> Floats:
    found = []
    for first in range(0, len(texts), _BLOCK):
        part = texts[first : first + _BLOCK]
        tokens, places = pieces(part)
        squares = np.bincount(places, weights=rarity.idf(tokens) ** 2, minlength=len(part))
        found.append(np.maximum(np.sqrt(squares), 1e-9))
    return np.concatenate(found)
