"""The fields in which a question meets an article: its text, its plain words, its citations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.embed import Embedder, Vectors
from knowledge.entry import Entry
from knowledge.inverted import Vocabulary, grams, grams_index, words_index
from knowledge.normalise import Plain, curated, plain
from knowledge.statutes.context import context, plain_name
from knowledge.statutes.shelf import Placed

Scores = NDArray[np.float32]

_ADDED = 0.6  # the field's words for lay ones were not typed, and weigh less
_TWICE = 2  # plain words stand for the text twice: they are few
_LEVEL = 60  # the score of the 60th best counts as nothing
_NEAREST = 40  # entries that lend their citations


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, normalised, with its vector where there is a model."""

    plain: Plain
    vector: Vectors | None

    @classmethod
    def of(cls, question: Plain, embedder: Embedder | None) -> Asked:
        """The question with its vector."""
        return cls(question, embedder.query(question.said) if embedder else None)


def lifted(scores: Scores) -> Scores:
    """How far scores stand out: 1 for the best, 0 for the 60th best and all below."""
    if len(scores) > _LEVEL:
        level = float(np.partition(scores, -_LEVEL)[-_LEVEL])
    else:
        level = float(scores.min(initial=0.0))
    reach = max(float(scores.max(initial=0.0)) - level, 1e-9)
    return np.asarray(np.clip((scores - level) / reach, 0, None), dtype=np.float32)


def shared(scores: Scores) -> Scores:
    """Scores as shares of the best one."""
    return np.asarray(scores / max(float(scores.max(initial=0.0)), 1e-9), dtype=np.float32)


class ByText:
    """Words and pieces of an article's text, its context and its plain words."""

    def __init__(self, placed: Sequence[Placed], plain_words: Mapping[int, str]) -> None:
        texts = [
            curated(
                " ".join(
                    [
                        context(item.law, item.article),
                        item.article.text,
                        *[plain_words.get(number, "")] * _TWICE,
                    ]
                )
            )
            for number, item in enumerate(placed)
        ]
        self._known = Vocabulary()
        self._words = words_index([text.words for text in texts], self._known)
        one_each = np.arange(len(texts))
        self._grams = grams_index([text.joined for text in texts], one_each, len(texts))

    def scores(self, asked: Asked, open_to: NDArray[np.bool_]) -> dict[str, Scores]:
        """By words, and by pieces of one to three characters."""
        typed, added = [*dict.fromkeys(asked.plain.words)], asked.plain.field_words
        words = self._known.find([*typed, *added])
        weights = np.repeat([1.0, _ADDED], [len(typed), len(added)])
        pieces = grams(asked.plain.joined)
        by_words = self._words.hits(words).bm25(weights)
        by_grams = self._grams.hits(pieces).bm25(np.ones(len(pieces)))
        return {"words": shared(by_words * open_to), "grams": shared(by_grams * open_to)}


class ByMeaning:
    """Vectors of the articles' plain words."""

    def __init__(
        self, placed: Sequence[Placed], plain_words: Mapping[int, str], embedder: Embedder
    ) -> None:
        self._numbers = np.array([*plain_words], dtype=np.int64)
        self._size = len(placed)
        texts = [
            f"{plain_name(placed[number].law.name)}：{words}"
            for number, words in plain_words.items()
        ]
        self._rows = embedder.passages(texts) if texts else None

    def scores(self, asked: Asked, open_to: NDArray[np.bool_]) -> Scores:
        """How near the question is to what an article settles."""
        near = np.zeros(self._size, dtype=np.float32)
        if self._rows is not None and asked.vector is not None:
            near[self._numbers] = self._rows @ asked.vector
        return lifted(near * open_to)

    def nearest(self, asked: Asked) -> float:
        """The cosine of the nearest plain words, in force or not."""
        if self._rows is None or asked.vector is None:
            return 0.0
        return float((self._rows @ asked.vector).max())


class ByEntries:
    """Articles inherit the ways of asking of the entries that cite them."""

    def __init__(
        self,
        entries: Sequence[Entry],
        cited: Sequence[Sequence[int]],
        size: int,
        embedder: Embedder | None,
    ) -> None:
        citing = [(entry, articles) for entry, articles in zip(entries, cited, strict=True)
                  if articles]  # fmt: skip
        self._cited = [np.array(articles) for _, articles in citing]
        self._size = size
        asked = [[plain(way) for way in entry.phrasings] for entry, _ in citing]
        self._starts = np.cumsum([0, *(len(ways) for ways in asked)])[:-1]
        flat = [way for ways in asked for way in ways]
        one_each = np.arange(len(flat))
        self._grams = grams_index([way.joined for way in flat], one_each, len(flat))
        self._rows = embedder.passages([way.said for way in flat]) if embedder else None

    def scores(self, asked: Asked, open_to: NDArray[np.bool_]) -> Scores:
        """The best of the nearest entries that cite an article."""
        near = self._near(asked)
        found = np.zeros(self._size, dtype=np.float32)
        for number in np.argsort(-near, kind="stable")[:_NEAREST]:
            articles = self._cited[number]
            found[articles] = np.maximum(found[articles], near[number])
        return shared(found * open_to)

    def nearest(self, asked: Asked) -> dict[str, float]:
        """The cosine of the nearest way of asking, by vector where there is a model."""
        if self._rows is not None and asked.vector is not None:
            return {"entries": float((self._rows @ asked.vector).max())}
        by_grams = self._grams.hits(grams(asked.plain.joined)).cosine()
        return {"entries, words": float(by_grams.max(initial=0.0))}

    def _near(self, asked: Asked) -> Scores:
        by_grams = lifted(self._best(self._grams.hits(grams(asked.plain.joined)).cosine()))
        if self._rows is None or asked.vector is None:
            return by_grams
        by_vector = lifted(self._best(self._rows @ asked.vector))
        return np.asarray((by_grams + by_vector) / 2, dtype=np.float32)

    def _best(self, scores: Scores) -> Scores:
        return np.maximum.reduceat(scores, self._starts)
