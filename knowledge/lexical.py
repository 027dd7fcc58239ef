"""What words and characters say about each entry."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from knowledge.asked import Asked
from knowledge.entry import Entry
from knowledge.inverted import Numbers, Scores, Vocabulary, grams, grams_index, numbers_index
from knowledge.kinds import Kinds
from knowledge.normalise import Plain, curated

NAMES = ("words", "words-covered", "grams", "grams-covered", "text-grams", "all-words",
         "best-grams", "best-words", "kind")  # fmt: skip
_ADDED = 0.4  # the field's words for lay ones were not typed, and weigh less

Features = NDArray[np.float32]


def answer_text(entry: Entry) -> str:
    """Everything the newest wording of an entry says."""
    text = entry.texts[-1]
    lines = [line for section in text.sections for line in section.lines]
    return "\n".join([entry.question, text.short, *lines])


class Lexical:
    """Indexes over phrasings, over all phrasings of an entry together, and over its text."""

    def __init__(self, entries: Sequence[Entry], asked: Asked, known: Vocabulary) -> None:
        self._asked, self._known = asked, known
        size, starts = len(entries), asked.starts
        joined = [*asked.joined()]
        self._kinds = Kinds(joined, starts)
        owners = np.repeat(np.arange(size), np.diff(starts))
        self._grams = grams_index(joined, owners, size)
        self._each_grams = grams_index(joined, np.arange(len(joined)), len(joined))
        texts = [curated(answer_text(entry)) for entry in entries]
        words = [np.concatenate(asked.words[a:b]) for a, b in pairwise(starts)]
        every = [
            np.concatenate([own, np.array(known.add(text.words), dtype=np.int32)])
            for own, text in zip(words, texts, strict=True)
        ]
        self._text_grams = grams_index([text.joined for text in texts], np.arange(size), size)
        self._all_words = numbers_index(every, size)
        self._words = numbers_index(words, size)
        self._each_words = numbers_index(asked.words, len(asked))

    def shortlist(self, question: Plain, most: int) -> Numbers:
        """The entries worth a closer look, in order of their numbers."""
        by_words = self._words.shortlist(self._known.find(dict.fromkeys(question.words)), most)
        return np.union1d(by_words, self._grams.shortlist(grams(question.joined), most))

    def features(self, question: Plain, among: Numbers | None = None) -> Features:
        """One row an entry, of all or of some; one column a name."""
        typed = [*dict.fromkeys(question.words)]
        words = self._known.find([*typed, *question.field_words])
        weights = np.repeat([1.0, _ADDED], [len(typed), len(question.field_words)])
        pieces = grams(question.joined)
        by_words, by_grams = self._words.hits(words, among), self._grams.hits(pieces, among)
        ways, begins = self._asked.ways(among)

        def best(scores: Scores) -> Scores:
            return np.maximum.reduceat(scores, begins)

        columns = [
            by_words.bm25(weights),
            by_words.covered(),
            by_grams.bm25(np.ones(len(pieces))),
            by_grams.covered(),
            self._text_grams.hits(pieces, among).covered(),
            self._all_words.hits(words, among).covered(),
            best(self._each_grams.hits(pieces, ways).cosine()),
            best(self._each_words.hits(words, ways).bm25(weights)),
            self._kinds.likeness(question.joined, among),
        ]
        return np.stack(columns, axis=1)

    def known_share(self, question: Plain) -> float:
        """Which share of the question's words, by rarity, the base uses at all."""
        words = self._known.find(dict.fromkeys(question.words))
        rarity = self._all_words.idf(words)
        return float(rarity[self._all_words.holds(words)].sum() / max(rarity.sum(), 1e-9))
